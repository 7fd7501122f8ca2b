"""What a push sends: the end of our branch, with what the remote has."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.branch import check_ours
from gitexp.store.join import join
from gitexp.store.own import NOTES
from gitexp.store.selectors import NoRuns


def our_tip(project: Project) -> str | None:
    """Return the end of the branch; None in a clone that has nothing but notes to send."""
    read, branch = project.repository.objects.commit, project.config.branch
    tip = read(f"refs/heads/{branch}")
    if tip is not None:
        check_ours(project.repository, branch, tip)
    elif read(NOTES) is None:
        raise _nothing_to_push()
    return tip


def joined(project: Project, mine: str | None, theirs: str | None) -> str:
    """Return a commit that has the runs of both; raises NoRuns if there are none."""
    if mine is not None and theirs is not None:
        return join(project.repository, mine, theirs)
    tip = mine or theirs
    if tip is None:
        raise _nothing_to_push()
    return tip


def _nothing_to_push() -> GitexpError:
    return NoRuns("there are no runs to push yet")
