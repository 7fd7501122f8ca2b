"""`gitexp ls REMOTE`: the runs of a remote, of which nothing stays here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone
from tests.workshop import Git, Gitexp


@pytest.fixture
def shared(gitexp: Gitexp, git: Git, hub: Path, two_runs: None) -> None:  # noqa: ARG001 - they are made
    """Have two runs, one of them with a tag, at a hub that sends parts."""
    git("config", "uploadpack.allowFilter", "true", cwd=hub)
    assert gitexp("tag", "two", "good").code == 0
    assert gitexp("push").code == 0


def everything(place: Path) -> list[tuple[str, bytes]]:
    git_dir = place / ".git"
    kept = [one for one in sorted(git_dir.rglob("*")) if one.is_file()]
    return [
        (str(one.relative_to(git_dir)), one.read_bytes())
        for one in kept
        if one.relative_to(git_dir).parts[0] != "gitexp"
    ]


@pytest.mark.usefixtures("shared")
def test_the_runs_of_a_remote_are_listed_and_nothing_of_them_stays(
    gitexp: Gitexp, clone: Clone
) -> None:
    place = clone("other", "--single-branch")
    before = everything(place)

    listed = gitexp("-C", place, "ls", "origin", "--json", "--where", "accuracy > 0.9")
    sorted_ = gitexp("-C", place, "ls", "origin", "--sort-by", "accuracy", "-N", "1")

    assert (listed.code, listed.err) == (ExitCode.OK, "")
    here = json.loads(gitexp("ls", "--json").out)
    assert json.loads(listed.out) == here
    assert [one["tags"] for one in here] == [["good"], []]
    assert sorted_.out.splitlines()[1].startswith("two ")
    assert everything(place) == before


@pytest.mark.usefixtures("shared")
def test_a_remote_is_asked_for_what_it_can_say(gitexp: Gitexp, clone: Clone, git: Git) -> None:
    place = clone("other", "--single-branch")
    git("remote", "add", "empty", place, cwd=place)

    assert gitexp("-C", place, "ls", "nowhere") == (
        ExitCode.ERROR,
        "",
        "error: no remote 'nowhere'\nhint: The remotes are 'origin', 'empty'.\n",
    )
    assert gitexp("-C", place, "ls", "empty") == (
        ExitCode.ERROR,
        "",
        "error: 'empty' has no branch 'experiments'\nhint: `gitexp push` sends runs there.\n",
    )
    assert gitexp("-C", place, "ls", "origin", "--group") == (
        ExitCode.ERROR,
        "",
        "error: `--group` does not go with a remote\nhint: `gitexp pull` gets the runs.\n",
    )


LOGGING = """\
import gitexp
for step in range(3):
    gitexp.log({"loss": 1.0 / (1 + step)}, step=step)
"""


@pytest.mark.usefixtures("shared")
def test_curves_of_a_remote_are_asked_for_a_step(
    gitexp: Gitexp, clone: Clone, work_tree: Path
) -> None:
    (work_tree / "log.py").write_text(LOGGING)
    assert gitexp("run", "-n", "logging", "--", "python", "log.py").code == 0
    assert gitexp("push").code == 0
    place = clone("other", "--single-branch")

    found = gitexp("-C", place, "ls", "origin", "--csv", "--where", "at(loss, 1) = 0.5")

    assert [line.split(",")[0] for line in found.out.splitlines()[1:]] == [
        gitexp("ls", "--csv", "-N", "1").out.splitlines()[1].split(",")[0]
    ]
