"""`post-checkout`, `post-merge` and `post-rewrite`: the data behind pointers that changed."""

from __future__ import annotations

from pathlib import Path

from gitexp.git.staging import StagedFile, differing_in_index
from gitexp.git.trees import object_oid
from gitexp.hooks.call import Call

_FROM = "gitexp-from"
"""In git's folder of a rebase: the commit that the work tree was at before it."""


def post_checkout(call: Call) -> int:
    """Bring the data of the branch that was checked out; of single files, nothing is known."""
    old, new, is_branch = call.args
    if is_branch != "1" or call.is_bisecting:
        return 0
    if call.rebase is None or _is_fast_forward(call, call.rebase, new):
        _follow(call, old)
    elif not (call.rebase / _FROM).exists():  # the rest is skipped, up to `post-rewrite`
        (call.rebase / _FROM).write_text(f"{old}\n")
    return 0


def post_merge(call: Call) -> int:
    """Bring the data of what was merged, or squashed onto the index."""
    squashed = call.args[:1] == ("1",)
    _follow(call, "HEAD" if squashed else "ORIG_HEAD")
    return 0


def post_rewrite(call: Call) -> int:
    """Bring the data of what was rebased or amended.

    The last commit that git names need not have been the tip: the tip may have been dropped.
    """
    rebase = call.rebase
    if call.args[:1] == ("rebase",) and rebase is not None:
        known = (_said(rebase / name) for name in (_FROM, "orig-head", "onto"))
        _follow(call, *filter(None, known))
    elif rebase is None and not call.is_bisecting:
        _follow(call, *(line.split()[0] for line in call.said.decode().splitlines()[-1:]))
    return 0


def _is_fast_forward(call: Call, rebase: Path, new: str) -> bool:
    """Return whether nothing will be rewritten, so that no other hook is called."""
    tip = _said(rebase / "orig-head")
    asked = call.repository.attempt("merge-base", "--is-ancestor", tip, new) if tip else None
    return asked is not None and asked.returncode == 0


def _said(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def _follow(call: Call, *olds: str) -> None:
    """Bring the data of the index, if the work tree has that of one of the old commits."""
    repository = call.repository
    nothing = object_oid("tree", b"", repository.object_format)
    revs = [old if old.strip("0") else nothing for old in dict.fromkeys(olds)]  # a new work tree
    changed = {
        one.path for old in revs for one in differing_in_index(repository, old) if _may_point(one)
    }
    if changed and call.has_gitexp():
        from gitexp.hooks.data import follow_pointers  # noqa: PLC0415 - 150 ms, not with nothing to do

        follow_pointers(repository, revs, sorted(changed))


def _may_point(file: StagedFile) -> bool:
    name = file.path.rpartition("/")[2]
    return (name.endswith(".dvc") and name != ".dvc") or name == "dvc.lock"
