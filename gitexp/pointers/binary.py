"""Pictures and other binary files of a run, which git would keep for ever."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.pointers.recognised import head_of, new_folders_of

_MOST = 100_000
"""Bytes of them all together that a run may have in git."""


def binary_places(
    top: Path,
    written: Iterable[str],
    new: Collection[str],
    sizes: Mapping[str, int],
    stays: Callable[[str], bool],
) -> dict[str, list[str]]:
    """Return which binary files go behind a pointer, if they are large all together, and where.

    `sizes` has the files to choose from; those that `stays` is true of are left where they are.
    A folder in which something lies that the run does not have, for git ignores it, is no place.
    """
    if sum(sizes.values()) <= _MOST:
        return {}
    binary = [path for path in sizes if b"\0" in head_of(top / path) and not stays(path)]
    if sum(sizes[path] for path in binary) <= _MOST:
        return {}
    known = list(written)
    return places_of(binary, [*known, *_besides(top, binary, known, new)], new)


def _besides(
    top: Path, binary: Iterable[str], written: Iterable[str], new: Collection[str]
) -> Iterator[str]:
    """Yield what lies in the new folders of binary files, and was not listed as written."""
    listed, known = set(written), set(new)
    outermost = {folder for path in binary for folder in new_folders_of(path, known)[:1]}
    for folder in sorted(outermost):
        for place, folders, names in os.walk(top / folder):
            start = Path(place).relative_to(top).as_posix()
            links = (name for name in folders if Path(place, name).is_symlink())
            yield from {f"{start}/{name}" for name in (*names, *links)} - listed


def places_of(
    binary: Collection[str], written: Iterable[str], new: Collection[str]
) -> dict[str, list[str]]:
    """Return where binary files are kept: a new folder with nothing else in it is one place.

    >>> places_of(["p/a.png", "p/b.png", "o/c.png"], ["p/a.png", "p/b.png", "o/c.png", "o/d"],
    ...           ["p", "o"])
    {'p': ['p/a.png', 'p/b.png'], 'o/c.png': ['o/c.png']}
    """
    known, chosen = set(new), set(binary)
    others = (path for path in written if path not in chosen)
    mixed = {folder for path in others for folder in new_folders_of(path, known)}
    found: dict[str, list[str]] = {}
    for path in binary:
        around = (one for one in new_folders_of(path, known) if one not in mixed)
        found.setdefault(next(around, path), []).append(path)
    return found
