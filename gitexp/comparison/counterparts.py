"""Which file of one run stands for which of another, where each has folders of its own."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import Union

from gitexp.model.lazy_pattern import lazy_pattern

_NUMBERS = lazy_pattern(r"\d+")

_Tree = dict[str, Union["_Tree", None]]
"""What lies in a folder, by name; None for a file."""


def counterparts(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Return the old path for each new one that has a counterpart.

    Both sides are what the other one lacks. Names are alike if they differ in numbers alone, as
    dates and versions do; of two folders without others beside them it is enough that they hold
    something alike, and in counterparts of two files that they have the same ending.

    >>> counterparts(["logs/version_0/a.csv", "x"], ["logs/version_1/a.csv", "y"])
    {'logs/version_1/a.csv': 'logs/version_0/a.csv'}
    """
    found: dict[str, str] = {}
    todo = [("", "", _tree(old), _tree(new))]  # a stack: paths may be deeper than calls
    while todo:
        before, after, olds, news = todo.pop()
        for one, other in _pairs(olds, news, apart=before != after):
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


def _pairs(old: _Tree, new: _Tree, *, apart: bool) -> Iterator[tuple[str, str]]:
    yield from ((name, name) for name in old if name in new)
    olds = {name: one for name, one in old.items() if name not in new}
    news = {name: one for name, one in new.items() if name not in old}
    for one, other in [*_alone(olds, news, _without_numbers)]:
        yield one, other
        del olds[one], news[other]
    for one, other in _alone(olds, news, _ending):
        inner, other_inner = olds[one], news[other]
        if inner is None or other_inner is None:
            if apart:
                yield one, other
        elif not {*map(_without_numbers, inner)}.isdisjoint(map(_without_numbers, other_inner)):
            yield one, other


def _alone(olds: _Tree, news: _Tree, key: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of those that are alone on their side with what they are called."""
    grouped: list[dict[tuple[str, bool], list[str]]] = [{}, {}]
    for side, groups in zip((olds, news), grouped, strict=True):
        for name, inside in side.items():
            found = (key(name) if inside is None else key(f"{name}/"), inside is not None)
            groups.setdefault(found, []).append(name)
    for found, names in grouped[0].items():
        others = grouped[1].get(found, [])
        if len(names) == len(others) == 1:
            yield names[0], others[0]


def _without_numbers(name: str) -> str:
    return _NUMBERS.sub("", name)


def _ending(name: str) -> str:
    """Return the ending of a file; folders have none."""
    return "" if name.endswith("/") else posixpath.splitext(name)[1]
