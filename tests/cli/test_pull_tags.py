"""`gitexp pull` and the tags of models: those of commits that are here come, and none moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone, Run
from tests.workshop import Git, Gitexp


@pytest.fixture
def other(gitexp: Gitexp, git: Git, hub: Path, clone: Clone, run: Run) -> Path:
    """A clone without runs and tags; the hub has tags of models, and others."""
    assert hub.exists()
    run("one")
    gitexp("push")
    place = clone("other")
    git("tag", "-m", "a version", "digits@v0.0.1", "experiments")
    git("tag", "-m", "a stage", "digits#prod#1", "experiments")
    git("tag", "-m", "of code", "code@v1.0.0", "main")
    git("tag", "-m", "no model", "v1.0.0", "main")
    git("tag", "light@v1.0.0", "main")
    base = git("commit-tree", "-m", "in no branch", "main^{tree}").strip()
    far = git("commit-tree", "-p", base, "-m", "nor this", "main^{tree}").strip()
    git("tag", "-m", "elsewhere", "far@v1.0.0", far)
    git("push", "--quiet", "--tags", "origin")
    return place


def test_pull_brings_the_tags_of_models_that_branches_have_and_moves_none(
    gitexp: Gitexp, git: Git, other: Path
) -> None:
    git("fetch", "--quiet", "--no-tags", "origin", "refs/tags/far@v1.0.0", cwd=other)
    base = git("rev-parse", "FETCH_HEAD^", cwd=other).strip()
    (other / ".git" / "objects" / base[:2] / base[2:]).unlink()  # far lingers, not all of it
    git("tag", "-m", "mine", "digits#prod#1", "HEAD", cwd=other)
    mine = git("rev-parse", "digits#prod#1", cwd=other)

    first = gitexp("-C", other, "pull")
    again = gitexp("-C", other, "pull")

    differs = (
        "warning: 'digits#prod#1' is another tag in 'origin' than here; the one here stays\n"
        "hint: `git fetch --force origin tag 'digits#prod#1'` replaces yours with theirs.\n"
    )
    came = "1 run came from origin/experiments\nnew tags of models: code@v1.0.0, digits@v0.0.1\n"
    assert first == (ExitCode.OK, came, differs)
    assert again == (ExitCode.OK, "no new runs\n", differs)
    assert git("tag", cwd=other).split() == ["code@v1.0.0", "digits#prod#1", "digits@v0.0.1"]
    assert git("rev-parse", "digits#prod#1", cwd=other) == mine
