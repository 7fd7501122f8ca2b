"""`gitexp sweep --expect`: all runs of a sweep are held against the numbers of its beginning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, commit_all

WORDS = ("sweep", "rate=1,2,4", "-n", "scan", "--minimize", "loss")
EXPECT = ("--expect", "loss  <  baseline")


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose training takes no longer than a shell, and has been run once as it is."""
    fit = 'read name rate < params.yaml; echo "{\\"loss\\": $rate}" > metrics.json\n'
    return {"fit.sh": fit, "params.yaml": "rate: 2\n", "gitexp.yaml": "command: sh fit.sh\n"}


def test_every_run_is_held_against_the_same_numbers(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    assert gitexp("run", "-n", "plain").code == ExitCode.OK
    commit_all(work_tree)

    planned = gitexp(*WORDS, *EXPECT, "--dry-run").out
    ran = gitexp(*WORDS, *EXPECT, "-j", "2")

    assert "\nexpected   loss < baseline\n" in planned
    assert ran.code == ExitCode.OK, ran.err
    assert "scan-0: loss 1.0; confirmed (rate=1)" in ran.err
    assert (
        "expected loss < baseline: 1 confirmed, 1 refuted, "
        "1 not judged, because covered (`--again all` runs them)\n"
    ) in ran.out
    [refuted] = json.loads(gitexp("ls", "--json", "--where", "hypothesis = refuted").out)
    assert (refuted["name"], refuted["hypothesis"]["expect"]) == ("scan-2", "loss < baseline")
    assert refuted["hypothesis"]["against"]["baseline"]["values"] == {"metrics.loss": 2}
    messages = git("log", "experiments", "--format=%B", "--grep=scan-2:")
    assert "; refuted" in messages
    assert "Expected loss < baseline: refuted" in messages

    git("commit", "--quiet", "--allow-empty", "-m", "the baseline is another one")
    again = gitexp(*WORDS, *EXPECT, "--json")
    assert [one["verdict"] for one in json.loads(again.out)["settled"]] == [
        "confirmed",
        None,
        "refuted",
    ]
    other = gitexp(*WORDS[:2], "--expect", "loss < baseline - 1", "--dry-run", "--json")
    assert {run["what"] for run in json.loads(other.out)["runs"]} == {"covered"}
    named = gitexp(*WORDS, "--expect", "loss < baseline - 1")
    assert "'scan' is another sweep, with another space, command, expectation" in named.err
    resumed = gitexp("sweep", "--resume", "scan", *EXPECT)
    assert "and `--expect` would make it another one" in resumed.err


@pytest.mark.usefixtures("work_tree")
def test_what_could_not_be_judged_is_refused_before_any_run(gitexp: Gitexp, git: Git) -> None:
    for expect, said in (
        ("loss < baseline", "has no 'loss' to compare with"),
        ("loss < gone-1", "no run 'gone-1'"),
        ("loss <", "expected a name or a value, found the end"),
    ):
        refused = gitexp(*WORDS, "--expect", expect)
        assert (refused.code, refused.out) == (ExitCode.ERROR, ""), expect
        assert said in refused.err
    assert git("for-each-ref", "refs/heads/experiments", "refs/gitexp") == ""
