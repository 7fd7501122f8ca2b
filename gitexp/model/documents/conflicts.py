"""The markers that a merge leaves in a file which both sides changed."""

from __future__ import annotations

import re

from gitexp.model.lazy_pattern import lazy_pattern

_MARKER = lazy_pattern(rb"^(?:<{7}|>{7}) ", re.MULTILINE)


def marker_line(content: bytes) -> int | None:
    r"""Return the first line that a conflict left behind; its middle line may be anything's.

    >>> marker_line(b"a: 1\n<<<<<<< HEAD\n"), marker_line(b"a: 1\n=======\n")
    (2, None)
    """
    found = _MARKER.search(content)
    return content.count(b"\n", 0, found.start()) + 1 if found else None
