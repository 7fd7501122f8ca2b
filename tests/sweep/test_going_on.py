"""Sweeps gone on with: how many points are wanted is remembered, and what gitexp advises works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import Git, Gitexp

FIT = """\
read name rate < params.yaml
case "$rate" in ${BAD:-none}) exit 3;; esac
echo "{\\"loss\\": $rate}" > metrics.json
"""
TRAIN = ("--", "sh", "fit.sh")
RANDOM = ("rate=interval(1,3)", "--sampler", "random", "--minimize", "loss", "-n", "scan")


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose training takes no longer than a shell."""
    return {"fit.sh": FIT, "params.yaml": "rate: 0\n"}


def advised(text: str) -> list[list[str]]:
    """Return the words of the command lines of gitexp that a text advises, without 'gitexp'."""
    lines = re.findall(r"`gitexp ([^`]*)`", text)
    for shown in re.findall(r"^next: (.*)$", text, re.MULTILINE):
        lines += [one.removeprefix("gitexp ") for one in shown.split(" · ")]
    lines += re.findall(r"^exec gitexp (.*)$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def test_how_many_points_are_wanted_is_known_before_any_is_done_and_in_every_clone(
    work_tree: Path, gitexp: Gitexp, git: Git, tmp_path: Path
) -> None:
    code, out, _ = gitexp("sweep", *RANDOM, "-N", "3", "--max-time", "0.001s", *TRAIN)
    assert (code, advised(out)) == (1, [["sweep", "--resume", "scan"]])
    (told,) = [one for one in advised(gitexp("doctor").out) if one[:1] == ["sweep"]]
    assert told == ["sweep", "--resume", "scan"]
    plan = gitexp(*told, "--dry-run")
    assert (plan.code, "3 to run" in plan.out) == (0, True)

    assert gitexp("sweep", "--agent", "--resume", "scan", "--count", "1").code == 0
    git("clone", "--quiet", work_tree, tmp_path / "clone")
    clone = tmp_path / "clone"
    gitexp("push", cwd=work_tree)
    gitexp("pull", cwd=clone)
    there = gitexp("sweep", "--resume", "scan", cwd=clone)
    here = gitexp(*told)

    assert (there.code, "scan: 3 of 3 done" in there.out) == (0, True)
    assert (here.code, "scan: 3 of 3 done" in here.out) == (0, True)
    more = advised(here.out)
    assert more == [
        ["apply", "scan-0"],
        ["show", "scan-0"],
        ["sweep", "--resume", "scan", "-N", "6"],
    ]
    *_, last = (gitexp(*command) for command in more)
    assert (last.code, "scan: 6 of 6 done" in last.out) == (0, True)
    again = gitexp("sweep", "--resume", "scan")
    assert (again.code, "scan: 6 of 6 done" in again.out) == (0, True)
    gitexp("pull", cwd=clone)
    learned = gitexp("sweep", "--resume", "scan", cwd=clone)
    assert (learned.code, "scan: 6 of 6 done" in learned.out) == (0, True)


def test_a_script_has_a_line_that_works_for_a_sampler(work_tree: Path, gitexp: Gitexp) -> None:
    code, script, _ = gitexp("sweep", *RANDOM, "-N", "2", "--script", "slurm", *TRAIN)
    ((_, place, *words),) = advised(script)

    agent = gitexp(*words, cwd=Path(place))

    assert (code, Path(place)) == (0, work_tree)
    assert (agent.code, len(agent.err.splitlines())) == (0, 2)


def test_the_rest_of_a_grid_comes_if_it_is_asked_for(
    work_tree: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAD", "1")
    words = ("rate=1,2,3", "--sampler", "grid", "--minimize", "loss", "-n", "scan")
    _, out, _ = gitexp("sweep", *words, "-N", "2", *TRAIN)
    assert "scan: 1 of 2 done · 1 failed" in out
    monkeypatch.delenv("BAD")
    (work_tree / "gitexp.yaml").write_text("metrics: [metrics.json]\n")

    outs = [gitexp(*command) for command in advised(out)]

    assert [one.code for one in outs] == [0] * 5, outs
    assert advised(out)[1] == ["sweep", "--resume", "scan", "--again", "failed"]
    assert "scan: 2 of 2 done" in outs[1].out
    assert "note: gitexp.yaml has changed since; points are run again with" in outs[1].err
    assert advised(out)[-1] == ["sweep", "--resume", "scan", "-N", "3"]
    assert "scan: 3 of 3 done" in outs[-1].out
