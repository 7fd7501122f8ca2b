"""Which file of one run stands for which of another, where each has folders of its own."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Union

_NUMBERS = re.compile(r"\d+")

_Tree = dict[str, Union["_Tree", None]]
"""What lies in a folder, by name; None for a file."""


def counterparts(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Return the old path for each new one that has a counterpart.

    Both sides are what the other one lacks. Names are alike if they differ in numbers alone, as
    dates and versions do; of two folders without others beside them it is enough that they hold
    something alike.

    >>> counterparts(["logs/version_0/a.csv", "x"], ["logs/version_1/a.csv", "y"])
    {'logs/version_1/a.csv': 'logs/version_0/a.csv'}
    """
    found: dict[str, str] = {}
    todo = [("", "", _tree(old), _tree(new))]  # a stack: paths may be deeper than calls
    while todo:
        before, after, olds, news = todo.pop()
        for one, other in _pairs(olds, news):
            paths = posixpath.join(before, one), posixpath.join(after, other)
            inner, other_inner = olds[one], news[other]
            if inner is not None and other_inner is not None:
                todo.append((*paths, inner, other_inner))
            elif inner is other_inner:
                found[paths[1]] = paths[0]
    return found


def shown_move(old: str, new: str) -> str:
    """Return two paths as one, as git shows a rename.

    >>> shown_move("logs/version_0/a.csv", "logs/version_1/a.csv"), shown_move("a", "a/b")
    ('logs/{version_0 → version_1}/a.csv', '{a → a/b}')
    """
    olds, news = old.split("/"), new.split("/")
    most = min(len(olds), len(news))
    start = next((at for at in range(most) if olds[at] != news[at]), most - 1)
    most -= start
    end = next((at for at in range(most) if olds[-1 - at] != news[-1 - at]), most - 1)
    middle = " → ".join("/".join(one[start : len(one) - end]) for one in (olds, news))
    return "/".join((*olds[:start], f"{{{middle}}}", *olds[len(olds) - end :]))


def _tree(paths: Iterable[str]) -> _Tree:
    found: _Tree = {}
    for path in paths:
        folder: _Tree = found
        *above, name = path.split("/")
        for one in above:
            inner = folder.get(one)
            folder[one] = folder = inner if inner is not None else {}
        folder.setdefault(name, None)
    return found


def _pairs(old: _Tree, new: _Tree) -> Iterator[tuple[str, str]]:
    yield from ((name, name) for name in old if name in new)
    olds = _grouped({name: one for name, one in old.items() if name not in new})
    news = _grouped({name: one for name, one in new.items() if name not in old})
    for key in [*olds]:
        if len(olds[key]) == len(news.get(key, ())) == 1:
            yield olds.pop(key)[0], news.pop(key)[0]
    lonely = [
        [name for (_, is_folder), names in side.items() if is_folder for name in names]
        for side in (olds, news)
    ]
    if len(lonely[0]) == len(lonely[1]) == 1:
        one, other = lonely[0][0], lonely[1][0]
        if not _grouped(old[one] or {}).keys().isdisjoint(_grouped(new[other] or {})):
            yield one, other


def _grouped(folder: Mapping[str, _Tree | None]) -> dict[tuple[str, bool], list[str]]:
    """Return the names in a folder by what they are without their numbers."""
    found: dict[tuple[str, bool], list[str]] = {}
    for name, inside in folder.items():
        found.setdefault((_NUMBERS.sub("", name), inside is not None), []).append(name)
    return found
