"""Columns of one type each, for frames that want that."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.model.values import dumps


def uniform(values: Sequence[object]) -> list[object]:
    """Return the values unchanged if all are of one kind, integers as floats among floats.

    Anything else becomes JSON text, None stays None.

    >>> uniform([1, 0.5, None]), uniform([1, "a", None]), uniform([[1], None])
    ([1.0, 0.5, None], ['1', '"a"', None], ['[1]', None])
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return [float(value) if isinstance(value, int) else value for value in values]
    if len(kinds) > 1 or kinds & {list, tuple, dict}:
        return [None if value is None else dumps(value) for value in values]
    return list(values)
