"""One curve out of a table, without the work that the others would be.

A table of five curves takes five times as long, and a page that draws one of twenty runs waits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from msgspec import MsgspecError
from msgspec.json import Decoder

from gitexp.series.numbers import number_in
from gitexp.series.series import Series, Step
from gitexp.series.tables import STEP, TIME, key_of_head, read_tables

_LONGEST = 18
"""Digits of an integer that has 64 bits, whichever it is."""
_decode_steps = Decoder(list[int]).decode
_decode_values = Decoder(list[int | float]).decode
"""A number of ours is one of JSON, but for NaN and infinities; a float stays one."""


def read_column(text: str, key: str) -> Series | None:
    """Return one curve of a table as `read_tables` does, but without its times."""
    first, _, rest = text.partition("\n")
    head = first.removesuffix("\r").split("\t")
    known = 1 + (head[1:2] == [TIME])
    named = [at for at, one in enumerate(head) if at >= known and key_of_head(one) == key]
    if head[0] != STEP or not named:
        return None
    found = _plain(rest[: rest.rfind("\n") + 1], len(head), named[-1])
    if found is None:
        whole = read_tables({"": text}).get(key)
        return Series(key, whole.steps, whole.values) if whole is not None else None
    return Series(key, *found) if found[0] else None


def _plain(body: str, width: int, at: int) -> tuple[list[Step], list[float]] | None:
    """Return steps and values of whole lines if all are numbers and the steps rise.

    So they do in what we write; all else is left to those who look twice. One split of the whole
    is five times as fast as one of each line, and so is a decoder in C.
    """
    rows = body.count("\n")
    cells = body.replace("\n", "\t\n\t").split("\t")
    if cells[width :: width + 1] != ["\n"] * rows or "_" in body or "\r" in body:
        return None
    texts = cells[at :: width + 1]
    try:
        steps: Sequence[int] = _decode_steps(f"[{','.join(cells[0 : -1 : width + 1])}]")
    except MsgspecError:
        return None
    if "" in texts:
        pairs = [pair for pair in zip(steps, texts, strict=True) if pair[1]]
        steps, texts = [step for step, _ in pairs], [one for _, one in pairs]
    values = _numbers(texts)
    rise = len({*steps}) == len(steps) and list(steps) == sorted(steps)
    return ([*steps], values) if rise and values is not None else None


def _numbers(texts: list[str]) -> list[float] | None:
    """Return texts as numbers; None if one of them is none."""
    if not any(len(one) > _LONGEST and "." not in one for one in texts):
        with contextlib.suppress(MsgspecError):
            return [*_decode_values(f"[{','.join(texts)}]")]
    found = [number_in(one) for one in texts]
    return None if None in found else [one for one in found if one is not None]
