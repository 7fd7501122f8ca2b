"""Whether two values are the same to a program, which may tell 1 from 1.0."""

from __future__ import annotations

from gitexp.model.values import same


def identical(left: object, right: object) -> bool:
    """Return whether two values are equal and of the same types, so that 1 is not 1.0.

    >>> identical([1, {"a": 0.5}], [1, {"a": 0.5}]), identical([1], [1.0])
    (True, False)
    """
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(identical(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(identical, left, right))
    return type(left) is type(right) and same(left, right)
