"""Everything that `gitexp doctor` looks at, in the order in which it is reported."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.doctor.branch import examine_branch
from gitexp.doctor.data import examine_data
from gitexp.doctor.depth import Depth
from gitexp.doctor.finding import Finding
from gitexp.doctor.git_objects import examine_git_objects
from gitexp.doctor.journal import examine_journal
from gitexp.doctor.pushed import examine_pushed
from gitexp.doctor.setting import examine_setting
from gitexp.doctor.sweeps import examine_sweeps
from gitexp.doctor.unfinished import examine_unfinished
from gitexp.errors import GitexpError
from gitexp.project import Project


def examine(project: Project, *, deep: Depth | None = None) -> Iterator[Finding]:
    """Look at a project and its repository, and as deep at data as is said; if at runs, at no more.

    Changes nothing but what it remembers of a deep look.
    """
    if deep is not None and deep.runs is not None:
        yield from _deep(project, deep)
        return
    yield from examine_setting(project)
    try:
        project.config  # noqa: B018 - read for what it raises
    except GitexpError:
        pass  # already reported; without the settings no branch is known
    else:
        yield from examine_branch(project)
        yield from examine_pushed(project)
    yield from examine_journal(project.repository)
    yield from examine_unfinished(project.repository)
    yield from examine_sweeps(project.repository)
    yield from examine_data(project)
    if deep is not None:
        yield from examine_git_objects(project.repository)
        yield from _deep(project, deep)


def _deep(project: Project, deep: Depth) -> Iterator[Finding]:
    from gitexp.doctor.objects import examine_objects  # noqa: PLC0415 - 15 ms, with `--deep` alone

    yield from examine_objects(project, deep)
