"""The known forms of secrets, and where in a text they stand.

Most forms are those of detect-secrets, which takes 0.27 s to import: one compiled pattern
of ours says first whether there is anything to look at. Only forms that nothing else has
are listed. So there are no JSON web tokens, which fill tests and documentation and soon
expire; nothing by entropy; no passwords in URLs; no `key = ...` but AWS's own.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Sequence

from msgspec import Struct

from gitexp.execution.secrets.hints import BY_PREFIX, OTHERS, PLUGINS, hints_for
from gitexp.model.lazy_pattern import lazy_pattern

Form = tuple[str, "re.Pattern[str]"]
"""A kind of secret, and what one looks like in text read as Latin-1: a character a byte."""


class Span(Struct, frozen=True):
    """Where a secret stands in a text, in bytes."""

    start: int
    end: int
    kind: str


_WORD = lazy_pattern(r"[\w-]*", re.ASCII)

_FIXED_LENGTH = frozenset(("AWS Access Key", "Twilio API Key"))
"""Forms so plain that long base64 text contains them; there they are parts of a longer word."""

_BEFORE, _AFTER = 400, 1_200
"""How much of a line is looked at around a hint; the longest token has 1,032 characters."""


def tokens(content: bytes) -> list[Span]:
    """Find provider tokens, in order and without overlaps."""
    found = []
    for start, end in _windows(content):
        text = content[start:end].decode("latin-1")
        for kind, pattern in _forms():
            for match in pattern.finditer(text):
                if kind not in _FIXED_LENGTH or _stands_alone(text, match):
                    first, last = match.span(_secret_group(match))
                    found.append(Span(start + first, start + _end_of_word(text, last), kind))
    return apart(found)


def _windows(content: bytes) -> list[tuple[int, int]]:
    """List what to look at: around each hint its line, of a very long one the part near by."""
    windows: list[tuple[int, int]] = []
    hints = hints_for(content)
    hits = sorted(hint.span() for pattern in hints for hint in pattern.finditer(content))
    for first, last in hits:
        floor, ceiling = max(first - _BEFORE, 0), min(last + _AFTER, len(content))
        start = max(content.rfind(b"\n", floor, first) + 1, floor)
        end = content.find(b"\n", last, ceiling)
        end = ceiling if end < 0 else end
        if windows and start <= windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


def _secret_group(match: re.Match[str]) -> int:
    """Return the group that holds the secret, if a pattern takes in words before it."""
    return 1 if match.re.groups and match[1] and len(match[1]) >= len(match[0]) / 2 else 0


def _end_of_word(text: str, start: int) -> int:
    """Return where a token ends: most forms only give a minimum length."""
    word = _WORD.match(text, start)
    return word.end() if word else start


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    return not f" {text}"[match.start()].isalnum() and not f"{text} "[match.end()].isalnum()


def apart(spans: Sequence[Span]) -> list[Span]:
    """Return spans in order, those that overlap as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if found and span.start < found[-1].end:
            first = found.pop()
            span = Span(first.start, max(first.end, span.end), first.kind)  # noqa: PLW2901 - one span
        found.append(span)
    return found


@functools.cache
def _forms() -> tuple[Form, ...]:
    own = {kind: rf"{prefix}{body}[\w-]*" for kind, (prefix, body) in BY_PREFIX.items()}
    own |= {kind: rf"{form}[\w-]*" for kind, (form, *_) in OTHERS.items()}
    forms = [(kind, re.compile(rf"(?<![A-Za-z0-9]){form}", re.ASCII)) for kind, form in own.items()]
    for name in PLUGINS:
        module, _, detector = name.partition(".")
        plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), detector)
        forms += [(plugin.secret_type, pattern) for pattern in plugin.denylist]
    return tuple(forms)
