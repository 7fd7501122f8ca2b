"""Names that git refuses in a tree, because on some file system they mean its own folder."""

from __future__ import annotations

import re

from gitexp.model.lazy_pattern import lazy_pattern

_PASSED_OVER = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)
"""Characters that HFS+ ignores in a name, as git's utf8.c lists them."""
_GIT = lazy_pattern(r"(?:\.git|git~1)[ .]*(?::.*)?", re.IGNORECASE | re.DOTALL)
"""`.git` as HFS+, and as NTFS with its short names, streams and trailing dots, reads it."""
_PERHAPS = lazy_pattern(r"(?:^|[/\\])(?:\.|git~1|[/\\]|$)", re.IGNORECASE)
"""Finds a path of ASCII letters that is to be looked at; lists of files have a million others."""


def is_refused(path: str) -> bool:
    """Return whether git would refuse a path in a tree, with both of its protections on.

    These are `core.protectHFS` and `core.protectNTFS`; a folder that was cloned here may be
    carried to another machine.

    >>> [is_refused(path) for path in ("a/.GIT/hooks", "git~1", "a/../b", "/a", ".github/a")]
    [True, True, True, True, False]
    """
    if path.isascii() and not _PERHAPS.search(path):
        return False
    return any(_is_refused_part(part) for part in re.split(r"[/\\]", path))


def _is_refused_part(part: str) -> bool:
    return part in ("", ".", "..") or bool(_GIT.fullmatch(part.translate(_PASSED_OVER)))
