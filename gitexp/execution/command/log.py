"""What a run keeps of its command's output: readable, and small however much was printed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

HEAD = 16 * 1024
TAIL = 48 * 1024

_WINDOW = 8 * 1024 * 1024
"""How much of each end of a log file is read: a progress bar writes gigabytes into one line."""

_NOTE = "[{:,} bytes left out]\n"
_NOTE_ROOM = 64

_ERASE_REST, _ERASE_LINE = "\x00", "\x01"
"""Stand for the two escape sequences that change what is already on a line."""

_ESCAPE = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    r"|[PX^_][^\x1b]*(?:\x1b\\)?"  # strings that programs and terminals exchange
    r"|[ -/]*[0-~])?"
)
_CONTROL = re.compile(r"[\x00-\x07\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_SPECIAL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_MOVE_BACK = re.compile(r"[\r\x08\x00\x01]")
_MOVE = re.compile(r"[^\r\x08\x00\x01]+|\r+|\x08+|[\x00\x01]")


def excerpt(raw: bytes, head: int = HEAD, tail: int = TAIL) -> bytes:
    """Return what `raw` shows on a terminal, as UTF-8: its first lines and its last ones.

    Between them stands how many bytes of `raw` were left out.

    >>> excerpt(b"epoch 1\\r\\x1b[1mepoch 2\\x1b[0m\\ndone\\n")
    b'epoch 2\\ndone\\n'
    """
    first, end = _from_start(raw, head - _NOTE_ROOM)
    last, start = _from_end(raw, end, tail + head - _NOTE_ROOM - len(first))
    return _joined(first, start - end, last)


def excerpt_of_file(path: Path, head: int = HEAD, tail: int = TAIL) -> bytes:
    """Return the excerpt of a log file of any size, from its first and its last few megabytes."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= 2 * _WINDOW:
            return excerpt(file.read(size), head, tail)
        opening = file.read(_WINDOW)
        file.seek(size - _WINDOW)
        ending = file.read(_WINDOW)
    first, end = _from_start(opening, head - _NOTE_ROOM)
    last, start = _from_end(ending, _first_boundary(ending), tail + head - _NOTE_ROOM - len(first))
    return _joined(first, size - _WINDOW + start - end, last)


def _joined(first: bytes, left_out: int, last: bytes) -> bytes:
    if not left_out:
        return first + last
    gap = b"" if first.endswith(b"\n") or not first else b"\n"
    return first + gap + _NOTE.format(left_out).encode() + last


def _from_start(raw: bytes, room: int) -> tuple[bytes, int]:
    """Return the lines from the start that fit into `room`, and where they end in `raw`."""
    kept: list[bytes] = []
    end = 0
    for start, stop in _lines(raw):
        line = readable(raw[start:stop])
        if len(line) > room and not kept:
            cut = _whole_characters(line[:room])
            return cut, min(start + len(cut), stop)
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
        end = stop
    return b"".join(kept), end


def _from_end(raw: bytes, floor: int, room: int) -> tuple[bytes, int]:
    """Return the lines from the end that fit into `room`, and where they start in `raw`."""
    kept: list[bytes] = []
    begin = len(raw)
    while begin > floor:
        start = max(raw.rfind(b"\n", floor, begin - 1) + 1, floor)
        line = readable(raw[start:begin])
        if len(line) > room and not kept:
            cut = _whole_characters(line[-room:])
            return cut, max(begin - len(cut), start)
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
        begin = start
    return b"".join(reversed(kept)), begin


def _lines(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each line begins and ends, one by one: of a long log few are looked at."""
    start = 0
    while start < len(raw):
        stop = raw.find(b"\n", start) + 1 or len(raw)
        yield start, stop
        start = stop


def _first_boundary(raw: bytes) -> int:
    """Return where the first whole line, or state of a line, begins."""
    return min((at + 1 for at in (raw.find(b"\n"), raw.find(b"\r")) if at >= 0), default=0)


def _whole_characters(line: bytes) -> bytes:
    """Drop the halves of characters that a cut through a line leaves at its ends."""
    return line.decode(errors="ignore").encode()


def readable(line: bytes) -> bytes:
    """Return what can be seen of a line once it is complete."""
    text = line.decode(errors="replace")
    shown = text.removesuffix("\n")
    if _SPECIAL.search(shown):
        text = _drawn(_plain(shown)) + text[len(shown) :]
    return text.encode()


def _plain(text: str) -> str:
    """Strip escape sequences and control characters, but mark what erases."""
    marks = {"\x1b[K": _ERASE_REST, "\x1b[0K": _ERASE_REST, "\x1b[2K": _ERASE_LINE}
    pieces: list[str] = []
    end = 0
    for found in _ESCAPE.finditer(text):
        pieces += (_CONTROL.sub("", text[end : found.start()]), marks.get(found[0], ""))
        end = found.end()
    return "".join((*pieces, _CONTROL.sub("", text[end:])))


def _drawn(text: str) -> str:
    """Draw a line as a terminal does, each character over what stood in its column."""
    if not _MOVE_BACK.search(text):
        return text
    cells: list[str] = []
    column = 0
    for move in _MOVE.findall(text):
        if move[0] == "\r":
            column = 0
        elif move[0] == "\b":
            column = max(0, column - len(move))
        elif move == _ERASE_REST:
            del cells[column:]
        elif move == _ERASE_LINE:
            cells = []
        else:
            cells.extend(" " * (column - len(cells)))
            cells[column : column + len(move)] = move
            column += len(move)
    return "".join(cells).rstrip()
