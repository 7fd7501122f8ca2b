"""The mark by which gitexp knows its own pages and pictures again: no run has a part in them.

It says what tools say of themselves anyway: the generator of a page, the software of a PNG.
"""

from __future__ import annotations

import struct
import zlib

GENERATOR = '<meta name="generator" content="gitexp">'
"""Stands in the head of each page, near its beginning."""
_SVG = b"<!-- made by gitexp -->"
_CARD = b"---\n"
_IN_CARD = _CARD + b"# made by gitexp\n"
_PDF = b"\n% made by gitexp\n"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = 33
"""Bytes of a PNG up to the end of its first chunk."""
_SOFTWARE = b"tEXtSoftware\0gitexp"
SUFFIXES = (".html", ".htm", ".svg", ".png", ".pdf", ".md")
"""Of files that may have the mark."""
HEAD, TAIL = 1024, len(_PDF)
"""Bytes of such a file in which it stands, at its beginning or end."""


def marked(content: bytes) -> bytes:
    """Return a picture or a model card with the mark; pages, and what is marked, have it already.

    >>> marked(b'<svg width="1"><g/></svg>')
    b'<svg width="1"><!-- made by gitexp --><g/></svg>'
    """
    if is_marked(content[:HEAD], content[-TAIL:]):
        return content
    if content.startswith(b"<svg"):
        at = content.index(b">") + 1
        return content[:at] + _SVG + content[at:]
    if content.startswith(_PNG_START):
        length = struct.pack(">I", len(_SOFTWARE) - 4)
        chunk = length + _SOFTWARE + struct.pack(">I", zlib.crc32(_SOFTWARE))
        return content[:_PNG_HEAD] + chunk + content[_PNG_HEAD:]
    if content.startswith(_CARD):
        return _IN_CARD + content.removeprefix(_CARD)
    return content + _PDF if content.startswith(b"%PDF-") else content


def is_marked(head: bytes, tail: bytes) -> bool:
    """Return whether a file with such a head and tail is one of gitexp's own."""
    if head.startswith(b"<svg"):
        return _SVG in head
    if head.startswith(_PNG_START):
        return head[_PNG_HEAD + 4 :].startswith(_SOFTWARE)
    if head.startswith(b"%PDF-"):
        return tail == _PDF
    if head.startswith(_CARD):
        return head.startswith(_IN_CARD)
    return head.startswith(b"<!doctype html>") and GENERATOR.encode() in head
