"""Everything that `gitexp doctor` looks at, in the order in which it is reported."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.doctor.branch import examine_branch
from gitexp.doctor.data import examine_data
from gitexp.doctor.finding import Finding
from gitexp.doctor.git_objects import examine_git_objects
from gitexp.doctor.journal import examine_journal
from gitexp.doctor.objects import examine_objects
from gitexp.doctor.setting import examine_setting
from gitexp.doctor.sweeps import examine_sweeps
from gitexp.errors import GitexpError
from gitexp.project import Project


def examine(project: Project, *, deep: bool = False) -> Iterator[Finding]:
    """Look at a project and its repository, if `deep` at every object of git and of DVC's cache.

    Changes nothing.
    """
    yield from examine_setting(project)
    try:
        project.config  # noqa: B018 - read for what it raises
    except GitexpError:
        pass  # already reported; without the settings no branch is known
    else:
        yield from examine_branch(project)
    yield from examine_journal(project.repository)
    yield from examine_sweeps(project.repository)
    yield from examine_data(project)
    if deep:
        yield from examine_git_objects(project.repository)
        yield from examine_objects(project)
