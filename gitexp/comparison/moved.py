"""What two runs wrote into folders of their own, compared as if it lay in the same place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from gitexp.comparison.changes import CodeChange, Side
from gitexp.comparison.counterparts import counterparts


def moved_files(old: Side, new: Side) -> dict[str, str]:
    """Return where the old run has what the new one wrote into a folder of its own."""
    if old.command is None or new.command is None:
        return {}
    olds, news = _written(old), _written(new)
    return counterparts(sorted(olds - news), sorted(news - olds))


def _written(side: Side) -> set[str]:
    pointers = (path for path, one in side.pointers.items() if one.role == "output")
    return {*side.outputs, *pointers}


def joined_moves(changes: Iterable[CodeChange], moved: Mapping[str, str]) -> Iterator[CodeChange]:
    """Yield what differs in outputs, with what moved as one change.

    What is the same under another name is left out, unless its folder differs in its name alone.
    """
    olds = set(moved.values())
    parts = [part for one in changes for part in _parts(one, moved, olds)]
    gone = {one.path for one in parts if one.status == "deleted"}
    come = {one.path for one in parts if one.status == "added"}
    pairs = {path: old for path, old in moved.items() if path in come and old in gone}
    left = set(pairs.values())
    found = [
        CodeChange(one.path, "modified", None, None, pairs[one.path]) if one.path in pairs else one
        for one in parts
        if one.path not in left
    ]
    unlike = {_apart(one) for one in found if one.status != "renamed"}
    for one in found:
        if one.status != "renamed" or one.path not in moved or _apart(one) not in unlike:
            yield one


def _apart(one: CodeChange) -> tuple[str, str]:
    """Return the outermost folders in which the two names of a file differ."""
    old, new = (one.old_path or one.path).split("/"), one.path.split("/")
    at = next((at for at, pair in enumerate(zip(old, new, strict=False)) if len({*pair}) > 1), 0)
    return "/".join(old[: at + 1]), "/".join(new[: at + 1])


def _parts(
    one: CodeChange, moved: Mapping[str, str], olds: Collection[str]
) -> Iterable[CodeChange]:
    """Return a rename as git sees it as what it is: a counterpart, or two changes."""
    if one.status != "renamed" or one.old_path is None:
        return (one,)
    if moved.get(one.path) == one.old_path:
        return (one if one.added == one.removed == 0 else replace(one, status="modified"),)
    if one.path in moved or one.old_path in olds:
        old = CodeChange(one.old_path, "deleted", None, None)
        return old, CodeChange(one.path, "added", None, None)
    return (one,)
