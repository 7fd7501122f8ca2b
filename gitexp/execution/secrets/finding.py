"""Secrets in a text, found and masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from gitexp.execution.secrets.forms import Span, tokens

_MASK = b"***"
_OF_KEYS = (b"PRIVATE KEY", b"PuTTY-User-Key-File-")
"""What a text with a private key has in it."""


_BINARY_HEAD = 8_192
_COMMENT = 300
"""How much of a line's end may hold the comment that allows a secret."""


class Finding(Struct, frozen=True):
    """A secret that was found, described without giving it away."""

    where: str
    """The path or other name of the text."""
    line: int | None
    """The line, from 1; None in a binary file and in what is a single line anyway."""
    kind: str


def find_secrets(texts: Iterable[tuple[str, bytes]]) -> list[Finding]:
    """Find provider tokens and private keys in texts, given as pairs of name and content.

    In binary files only private keys are looked for. A line with detect-secrets' comment
    `pragma: allowlist secret` is skipped, or the line after `allowlist nextline secret`.
    """
    found: dict[Finding, None] = {}
    for where, content in texts:
        binary = b"\0" in content[:_BINARY_HEAD]
        spans = _private_keys(content) if binary else _secrets(where, content)
        has_lines = not binary and b"\n" in content.rstrip(b"\r\n")
        for span, line in _with_lines(content, spans):
            found[Finding(where, line if has_lines else None, span.kind)] = None
    return list(found)


def mask_secrets(content: bytes, where: str = "") -> tuple[bytes, list[Finding]]:
    """Replace each secret by `***` and leave every other byte as it is.

    This is for logs and other text: a binary file would be damaged, and is better left out.
    """
    pieces, done = [], 0
    found: dict[Finding, None] = {}
    for span, line in _with_lines(content, _secrets(where, content)):
        pieces += [content[done : span.start], _MASK]
        done = span.end
        found[Finding(where, line, span.kind)] = None
    return b"".join((*pieces, content[done:])), list(found)


def _private_keys(content: bytes) -> list[Span]:
    if not any(mark in content for mark in _OF_KEYS):
        return []
    from gitexp.execution.secrets.private_keys import private_keys  # noqa: PLC0415 - 2 ms, where there may be one

    return private_keys(content)


def _secrets(where: str, content: bytes) -> list[Span]:
    spans = sorted([*_private_keys(content), *tokens(content)], key=lambda span: span.start)
    apart: list[Span] = []
    for span in spans:
        inside = apart and span.end <= apart[-1].end
        if not inside and not _is_allowed(where, content, span):
            apart.append(span)
    return apart


def _with_lines(content: bytes, spans: Iterable[Span]) -> Iterator[tuple[Span, int]]:
    line, counted = 1, 0
    for span in spans:
        line += content.count(b"\n", counted, span.start)
        counted = span.start
        yield span, line


def _is_allowed(where: str, content: bytes, span: Span) -> bool:
    start = content.rfind(b"\n", 0, span.start) + 1
    end = content.find(b"\n", span.start)
    line = content[max(start, end - _COMMENT) : end] if end >= 0 else content[start:][-_COMMENT:]
    before = content[max(start - _COMMENT, 0) : max(start - 1, 0)].rpartition(b"\n")[2]
    if b"pragma" not in line and b"pragma" not in before:
        return False
    from detect_secrets.filters.allowlist import is_line_allowlisted  # noqa: PLC0415 - 100 ms with the one below, where a secret is suspected
    from detect_secrets.util.code_snippet import CodeSnippet  # noqa: PLC0415

    lines = [text.decode("latin-1").rstrip("\r") for text in (before, line)]
    snippet = CodeSnippet(snippet=lines, start_line=1, target_index=1)
    return bool(is_line_allowlisted(where, lines[1], snippet))
