"""A run brought onto a branch of its own, ready for a pull request."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.commits import check_identity, write_commit
from gitexp.git.index import PrivateIndex
from gitexp.git.refs import ABSENT, Move, RefMoved, move
from gitexp.handover.branch_plan import BranchPlan
from gitexp.project import Project


class Branched(Struct, frozen=True):
    """The commit that was made."""

    oid: str
    warning: str | None


def execute_branch(project: Project, plan: BranchPlan, scratch: Path) -> Branched:
    """Make the commit and the branch; nothing is checked out."""
    repository = project.repository
    check_identity(repository)
    index = PrivateIndex(repository, scratch / "branch.index")
    repository.git("read-tree", plan.parent, index=index.path)
    index.remove(path for path, entry in plan.changes.items() if entry is None)
    index.put({path: entry for path, entry in plan.changes.items() if entry is not None})
    oid, warning = write_commit(
        repository, tree=index.write_tree(), parents=[plan.parent], message=plan.message
    )
    try:
        made = Move(f"refs/heads/{plan.branch}", new=oid, old=ABSENT)
        move(repository, [made], reason=f"gitexp: branch from run {plan.run}")
    except RefMoved as error:
        raise GitexpError(
            f"branch '{plan.branch}' already exists", hint="Choose another name."
        ) from error
    return Branched(oid, warning)
