"""Private keys in a text."""

from __future__ import annotations

import re

from gitexp.execution.secrets.forms import Span, apart

_BEGIN = re.compile(rb"-{4,5} ?BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_END = re.compile(rb"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_MATERIAL = re.compile(rb"[A-Za-z0-9+/]{32}")
_CUT_OFF = re.compile(
    rb"(?:[^\n]{0,100}\n){0,6}?(?:[^\n]{0,40}?[A-Za-z0-9+/=]{40,}[^\n]{0,40}\n?)+"
)
_PUTTY = re.compile(rb"Private-Lines: \d+\r?\n((?:[A-Za-z0-9+/=]{4,}(?:\r?\n|\Z))+)")
_LONGEST_KEY = 20_000


def private_keys(content: bytes) -> list[Span]:
    """Find private keys: the markers with key material between them, not their mere mention."""
    begins = list(_BEGIN.finditer(content))
    limits = [*(begin.start() for begin in begins), len(content)][1:]
    found = []
    for begin, limit in zip(begins, limits, strict=True):
        start, stop = begin.end(), min(limit, begin.end() + _LONGEST_KEY)
        rest = _END.search(content, start, stop) or _CUT_OFF.match(content, start, stop)
        if rest and _MATERIAL.search(content, start, rest.end()):
            found.append(Span(begin.start(), rest.end(), "Private Key"))
    if b"PuTTY-User-Key-File-" in content:
        found += [Span(*lines.span(1), "Private Key") for lines in _PUTTY.finditer(content)]
    return apart(found)
