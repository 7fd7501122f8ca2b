"""The runs that commits name."""

from __future__ import annotations

from pathlib import Path

from gitexp.inputs.origin import named_around
from gitexp.project import Project

from tests.workshop import Git


def test_a_trailer_of_somebody_elses_breaks_no_line(work_tree: Path, git: Git) -> None:
    folded = "one\u2028\u2028two\n three"
    git("commit", "--allow-empty", "-m", f"title\n\nGitexp-From-Run: {folded}")
    first, second = git("rev-list", "-2", "HEAD").split()

    with Project.open(work_tree) as project:
        found = dict(named_around(project, first))

    assert (found[first], found[second]) == (["one", "two", "three"], [])
