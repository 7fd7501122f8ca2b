"""What `cat-file --batch` answers to thousands of questions, taken from large pieces."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO

from gitexp.git.contents import wait_for_more

_PIECE = 1 << 17
_LINE_END = 10

Answer = tuple[str, str, bytes]
"""Oid, kind and content."""


class Answers:
    """The answers of one process, in order: as `read_content` reads them one by one.

    That copies what is ahead for each of them.
    """

    def __init__(self, output: IO[bytes], has: Callable[[str, str, int], bool]) -> None:
        self._output, self._has = output, has
        self._held, self._at = b"", 0

    def next(self) -> Answer | None:
        """Return what is answered; None if there is no such object; raises EOFError."""
        while (end := self._held.find(b"\n", self._at)) < 0:
            self._more(None)
        parts = self._held[self._at : end].rsplit(b" ", 2)
        start = end + 1
        if len(parts) < 3 or not parts[2].isdigit():  # noqa: PLR2004 - oid, kind, size
            self._at = start
            return None  # "SPEC missing" or "SPEC ambiguous"
        oid, kind, size = parts[0].decode(), parts[1].decode(), int(parts[2])
        if len(self._held) <= start + size:
            self._at = start
            self._fill(oid, kind, size)
            start = self._at
        self._at = start + size + 1
        if self._held[start + size] != _LINE_END:
            raise EOFError
        return oid, kind, self._held[start : start + size]

    def _fill(self, oid: str, kind: str, size: int) -> None:
        """Hold a whole content, with the line end behind it."""
        pieces = [self._held[self._at :]]
        missing = size + 1 - len(pieces[0])
        while missing > 0:
            pieces.append(self._piece(lambda: self._has(oid, kind, size)))
            missing -= len(pieces[-1])
        self._held, self._at = b"".join(pieces), 0

    def _more(self, is_to_come: Callable[[], bool] | None) -> None:
        self._held, self._at = self._held[self._at :] + self._piece(is_to_come), 0

    def _piece(self, is_to_come: Callable[[], bool] | None) -> bytes:
        """Return what comes next; raises EOFError if nothing does.

        Where a pack is damaged, git may name the size of one copy of an object and then write
        another one.
        """
        if is_to_come is not None:
            wait_for_more(self._output, is_to_come)
        piece = os.read(self._output.fileno(), _PIECE)  # nobody else reads from it
        if not piece:
            raise EOFError
        return piece
