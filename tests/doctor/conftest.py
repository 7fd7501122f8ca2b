"""A repository with a run, and what an examination finds in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from gitexp.doctor.finding import Finding
from gitexp.project import Project

from tests.doctor.workshop import Examine
from tests.workshop import Gitexp


@pytest.fixture
def work_tree(work_tree: Path, gitexp: Gitexp) -> Path:
    """The work tree, with one run."""
    assert gitexp("run", "-n", "first", "--", "true").code == 0
    return work_tree


@pytest.fixture
def examine(work_tree: Path) -> Examine:
    """Return mark, subject and text of what one part of the examination finds.

    What is fine is left out, unless `fine` says otherwise.
    """

    def look(
        part: Callable[[Project], Iterable[Finding]], *, fine: bool = False
    ) -> list[tuple[str, str, str]]:
        with Project.open(work_tree) as project:
            found = list(part(project))
        return [(one.mark, one.subject, one.text) for one in found if fine or one.mark != "ok"]

    return look
