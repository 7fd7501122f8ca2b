"""`post-checkout`, `post-merge` and `post-rewrite`: the data behind pointers that changed."""

from __future__ import annotations

from gitexp.git.staging import StagedFile, differing_in_index
from gitexp.git.trees import object_oid
from gitexp.hooks.call import Call


def post_checkout(call: Call) -> int:
    """Bring the data of the branch that was checked out; of single files, nothing is known."""
    old, _, is_branch = call.args
    if is_branch == "1" and not call.is_passing_by:
        _follow(call, old)
    return 0


def post_merge(call: Call) -> int:
    """Bring the data of what was merged, or squashed onto the index."""
    squashed = call.args[:1] == ("1",)
    _follow(call, "HEAD" if squashed else "ORIG_HEAD")
    return 0


def post_rewrite(call: Call) -> int:
    """Bring the data of what was rebased; the last commit that was rewritten was the tip."""
    lines = call.said.decode().splitlines()
    if lines and lines[-1].split():
        _follow(call, lines[-1].split()[0])
    return 0


def _follow(call: Call, old: str) -> None:
    repository = call.repository
    if not old.strip("0"):  # a new work tree
        old = object_oid("tree", b"", repository.object_format)
    changes = [one for one in differing_in_index(repository, old) if _may_point(one)]
    if changes and call.has_gitexp():
        from gitexp.hooks.data import follow_pointers  # noqa: PLC0415 - not with nothing to do

        follow_pointers(repository, old, changes)


def _may_point(file: StagedFile) -> bool:
    name = file.path.rpartition("/")[2]
    return (name.endswith(".dvc") and name != ".dvc") or name == "dvc.lock"
