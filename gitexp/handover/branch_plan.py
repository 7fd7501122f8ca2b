"""What of a run goes onto a branch, and on top of which commit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.comparison.changes import Side
from gitexp.errors import GitexpError
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, tree_entries
from gitexp.handover.branch_message import branch_message
from gitexp.handover.contents import RunContents
from gitexp.handover.new_branch import check_new_branch
from gitexp.project import Project
from gitexp.revisions.by_name import is_pointer, is_record, is_setup
from gitexp.revisions.sides import commit_side

Files = Mapping[str, Entry]


class BranchPlan(Struct, frozen=True):
    """One commit that is to be made; paths are from the top of the repository."""

    run: str
    branch: str
    parent: str
    changes: Mapping[str, Entry | None]
    """What the commit says of each path; None removes it."""
    overwritten: frozenset[str]
    """The changed paths that the parent has."""
    message: str
    left_out: tuple[str, ...]
    """What else the run changed: untracked files that nothing names."""
    ignored: tuple[str, ...] = ()
    """Declared outputs that git ignores, and so does not add."""
    notes: tuple[str, ...] = ()


def plan_branch(
    project: Project,
    contents: RunContents,
    branch: str,
    scratch: Path,
    *,
    onto: str | None = None,
    everything: bool = False,
) -> BranchPlan:
    """Decide what the commit holds; nothing is written.

    Raises GitexpError if the branch cannot be made, or if `onto` changed what the run
    changed too.
    """
    repository = project.repository
    check_new_branch(project, branch)
    baseline = repository.objects.commit(contents.record.baseline)
    parent, notes = _parent(project, contents, baseline, onto)
    base = _files(repository, baseline) if baseline is not None else None
    target = base if base is not None and parent == baseline else _files(repository, parent)
    changes = dict(_changes(contents.tree, base if base is not None else target))
    if base is None:  # what it lacks may have come after the run
        changes = {path: entry for path, entry in changes.items() if entry is not None}
    wanted = changes if everything else _chosen(project, contents, changes, base or target, scratch)
    ignored = frozenset() if everything else _ignored(contents, wanted, base or target, repository)
    wanted = {path: entry for path, entry in wanted.items() if path not in ignored}
    if base is not None and target is not base:
        wanted = _merged(contents, wanted, base=base, target=target, onto=onto or parent)
    if not wanted:
        raise _nothing(contents, changes, everything=everything)
    return BranchPlan(
        run=contents.run.name,
        branch=branch,
        parent=parent,
        changes=dict(sorted(wanted.items())),
        overwritten=frozenset(path for path in wanted if path in target),
        message=branch_message(
            contents.record, _side(project, baseline or parent), project.config.policy
        ),
        left_out=tuple(sorted(changes.keys() - wanted - ignored)) if target is base else (),
        ignored=tuple(sorted(ignored)),
        notes=notes,
    )


def _side(project: Project, commit: str) -> Side:
    """Return the values that changes are measured from; none if they cannot be read."""
    try:
        return commit_side(project, commit, "the baseline")
    except GitexpError:  # a broken metrics file in the baseline should not prevent a branch
        return Side("the baseline", {}, {}, {}, None)


def _parent(
    project: Project, contents: RunContents, baseline: str | None, onto: str | None
) -> tuple[str, tuple[str, ...]]:
    """Return the commit to build on, and what there is to say about it."""
    commit = project.repository.objects.commit
    if onto is not None:
        oid = commit(onto) if not onto.startswith("-") else None
        if oid is None:
            raise GitexpError(f"no rev '{onto}'", hint="Give a branch, a tag or a commit.")
    else:
        oid = baseline or commit("HEAD")
        if oid is None:
            raise GitexpError("there is no commit to build on", hint="Make one with `git commit`.")
    if baseline is not None:
        return oid, ()
    where = f"'{onto}'" if onto is not None else "HEAD"
    lost = f"the baseline {contents.record.baseline[:10]} is not in this clone"
    return oid, (f"{lost}: the run is compared with {where}, and removes nothing from it",)


def _files(repository: Repository, commit: str) -> Files:
    entries = tree_entries(repository, commit)
    return {path: entry for path, entry in entries.items() if not is_record(path)}


def _changes(tree: Files, base: Files) -> Iterator[tuple[str, Entry | None]]:
    for path in sorted({*tree, *base}):
        if tree.get(path) != base.get(path):
            yield path, tree.get(path)


def _chosen(
    project: Project,
    contents: RunContents,
    changes: Mapping[str, Entry | None],
    base: Files,
    scratch: Path,
) -> dict[str, Entry | None]:
    """Return the changes of tracked files, declared outputs, and pointers with what they need."""
    index = PrivateIndex.copied(project.repository, scratch / "tracked.index")
    tracked = {*base, *index.entries()}
    inside = {path: entry for path, entry in changes.items() if contents.is_inside(path)}
    points = any(map(is_pointer, inside))
    return {
        path: entry
        for path, entry in inside.items()
        if path in tracked
        or contents.is_declared(path)
        or is_pointer(path)
        or (points and (is_setup(path) or path.rpartition("/")[2] == ".gitignore"))
    }


def _ignored(
    contents: RunContents, wanted: Mapping[str, Entry | None], base: Files, repository: Repository
) -> frozenset[str]:
    """Return the declared files that are new to git, and that it ignores: `git add` refuses them.

    Pointers come all the same: without them there is no data.
    """
    new = [path for path in wanted if path not in base and not is_pointer(path)]
    declared = [path for path in new if contents.is_declared(path)]
    if not declared:
        return frozenset()
    asked = b"".join(os.fsencode(path) + b"\0" for path in declared)
    ended = repository.attempt("check-ignore", "-z", "--stdin", stdin=asked)
    return frozenset(os.fsdecode(ended.stdout).split("\0")).intersection(declared)


def _merged(
    contents: RunContents,
    wanted: Mapping[str, Entry | None],
    *,
    base: Files,
    target: Files,
    onto: str,
) -> dict[str, Entry | None]:
    """Leave out what the target already has; refuse what both sides changed."""
    todo = {path: entry for path, entry in wanted.items() if target.get(path) != entry}
    both = [path for path in todo if target.get(path) != base.get(path)]
    both += [path for path in todo if path not in both and _collides(path, target, todo)]
    if both:
        listed = "".join(f"\n  {path}" for path in both)
        raise GitexpError(
            f"run '{contents.run.name}' and '{onto}' both changed since the baseline:{listed}",
            hint="Leave out `--onto`, and merge the branch with `git merge`.",
        )
    return todo


def _collides(path: str, target: Files, todo: Mapping[str, Entry | None]) -> bool:
    """Return whether a new path is a folder in the target, or lies below a file of it."""
    if todo[path] is None or path in target:
        return False
    parts = path.split("/")
    above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    stays = target.keys() - {one for one, entry in todo.items() if entry is None}
    return any(one in stays for one in above) or any(one.startswith(f"{path}/") for one in stays)


def _nothing(
    contents: RunContents, changes: Mapping[str, Entry | None], *, everything: bool
) -> GitexpError:
    hint = "`--all` takes its untracked files too." if changes and not everything else None
    return GitexpError(f"run '{contents.run.name}' changed nothing that such a branch holds", hint)
