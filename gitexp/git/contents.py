"""The content of an object, read as it comes from a git that may have said too much of its size."""

from __future__ import annotations

import select
from collections.abc import Callable
from io import BufferedReader
from typing import IO

_STALLS = 1.0
"""Seconds without a byte after which somebody asks whether more is to come."""

_CHUNK = 1 << 20


def read_content(output: BufferedReader, size: int, is_to_come: Callable[[], bool]) -> bytes:
    """Return so many bytes and leave out the line end behind them.

    Raises EOFError if fewer come. Where a pack is damaged, git may name the size of one copy of an
    object and then write another one; it waits for the next question then, and so would we.
    """
    ahead = output.peek()  # something is there or comes at once: at least the line end
    content = output.read(size) if len(ahead) > size else _slowly(output, size, is_to_come)
    if len(content) < size or output.read(1) != b"\n":
        raise EOFError
    return content


def _slowly(output: BufferedReader, size: int, is_to_come: Callable[[], bool]) -> bytes:
    chunks = [output.read1(size)] if size else []  # what is in the buffer, which is then empty
    missing = size - sum(map(len, chunks))
    while missing:
        wait_for_more(output, is_to_come)
        chunk = output.read1(min(missing, _CHUNK))
        if not chunk:  # git says how much comes before it has read it
            raise EOFError
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def wait_for_more(output: IO[bytes], is_to_come: Callable[[], bool]) -> None:
    """Return once something can be read; raises EOFError if nothing is to come."""
    while not select.select([output], [], [], _STALLS)[0]:
        if not is_to_come():
            raise EOFError
