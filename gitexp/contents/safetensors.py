"""Safetensors, tensor by tensor: the order of the metadata's keys does not count.

The format is a length of 8 bytes, a header in JSON, and the numbers; no library is needed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gitexp.contents.answer import EQUAL, Answer, by_names, differs
from gitexp.contents.values import compare_values

_LENGTH = 8
_METADATA = "__metadata__"
_CHUNK = 1 << 20


def compare_safetensors(old: Path, new: Path) -> Answer:
    """Compare metadata, and dtype, shape and bytes of each tensor."""
    (start, one), (other_start, other) = _header(old), _header(new)
    metadata = compare_values(one.pop(_METADATA, {}), other.pop(_METADATA, {}))
    names = by_names(set(one), set(other), "tensor")
    if names != EQUAL:
        return names
    with old.open("rb") as file, new.open("rb") as other_file:
        for name in one:
            a, b = one[name], other[name]
            if (a["dtype"], a["shape"]) != (b["dtype"], b["shape"]):
                was, now = f"{a['dtype']} {a['shape']}", f"{b['dtype']} {b['shape']}"
                return differs(f"tensor '{name}' was {was}, now {now}")
            spans = (start, *a["data_offsets"]), (other_start, *b["data_offsets"])
            if not _same_bytes(file, spans[0], other_file, spans[1]):
                return differs(f"tensor '{name}' holds other numbers")
    return differs(f"metadata: {metadata.why}") if metadata != EQUAL else EQUAL


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """Return where the numbers begin, and what is said of them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if length > size - _LENGTH:
            raise ValueError("the header is cut off")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise TypeError("the header is not a mapping")
    return _LENGTH + length, header


def _same_bytes(one: Any, span: tuple[int, ...], other: Any, other_span: tuple[int, ...]) -> bool:
    start, begin, end = span
    other_start, other_begin, other_end = other_span
    if end - begin != other_end - other_begin:
        return False
    one.seek(start + begin)
    other.seek(other_start + other_begin)
    left = end - begin
    while left > 0:
        wanted = min(left, _CHUNK)
        a, b = one.read(wanted), other.read(wanted)
        if a != b or len(a) < wanted:
            return False
        left -= wanted
    return True
