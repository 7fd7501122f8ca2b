"""Which values of a revision are meant by the name of a metric, or by its beginning or end."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from gitexp.errors import GitexpError

T = TypeVar("T")

_SHOWN = 5


class NoSuchMetric(GitexpError):
    """No value is called so."""


def chosen(named: Mapping[T, Iterable[str]], text: str | None, where: str) -> list[tuple[T, str]]:
    """Return the files and names that a text stands for: a whole name, else its start or its end.

    >>> chosen({"m.json": ["val.f1", "val.loss", "loss"]}, "loss", "HEAD")
    [('m.json', 'loss')]
    >>> chosen({"m.json": ["val.f1", "val.loss"]}, "val", "HEAD")
    [('m.json', 'val.f1'), ('m.json', 'val.loss')]
    >>> chosen({"m.json": ["val.f1", "val.loss"]}, "loss", "HEAD")
    [('m.json', 'val.loss')]
    """
    every = [(file, name) for file, names in named.items() for name in names]
    if not every:
        raise NoSuchMetric(
            f"{where} has no metrics",
            "Metrics are read from what `metrics:` of gitexp.yaml names, if git has it.",
        )
    if text is None:
        return every
    for means in (_is_whole, _begins, _ends):
        found = [one for one in every if means(str(one[0]), one[1], text)]
        if found:
            return found
    raise _no_such(text, list(dict.fromkeys(name for _, name in every)), where)


def _is_whole(file: str, name: str, text: str) -> bool:
    return text in (name, f"{file}:{name}")


def _begins(file: str, name: str, text: str) -> bool:
    return name.startswith(f"{text}.") or text == file or f"{file}:{name}".startswith(f"{text}.")


def _ends(file: str, name: str, text: str) -> bool:
    del file
    return name.endswith(f".{text}")


def _no_such(text: str, names: Sequence[str], where: str) -> NoSuchMetric:
    close = difflib.get_close_matches(text, names, n=1)
    if close:
        return NoSuchMetric(f"no metric '{text}' in {where}", f"Did you mean '{close[0]}'?")
    listed = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return NoSuchMetric(f"no metric '{text}' in {where}", f"It has {listed}.")
