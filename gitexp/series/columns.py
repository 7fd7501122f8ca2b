"""The curves in a table, if all its cells are numbers or empty, in a sixth of the time.

So they are in what we write; a page that draws one of twenty long runs waits for that. All else is
left to those who look twice.
"""

from __future__ import annotations

from itertools import compress
from operator import lt
from typing import cast

from msgspec import MsgspecError
from msgspec.json import Decoder

from gitexp.series.series import Series, Step
from gitexp.series.tables import STEP, TIME, key_of_head, read_tables

_BEYOND = 2**63
"""Numbers that are larger may have been integers before a decoder made floats of them."""
_decode = Decoder(list[int | float | str | None]).decode
"""A number of ours is one of JSON, but for NaN and infinities; a float stays one."""


def read_columns(text: str) -> dict[str, Series]:
    """Return the curves in a table as `read_tables` does, but without their times."""
    first, _, rest = text.partition("\n")
    head = first.removesuffix("\r").split("\t")
    found = _plain(rest[: rest.rfind("\n") + 1], head) if head[0] == STEP else {}
    if found is None:
        whole = read_tables({"": text})
        return {key: Series(key, one.steps, one.values) for key, one in whole.items()}
    return found


def _plain(body: str, head: list[str]) -> dict[str, Series] | None:
    """Return the curves in whole lines if all cells are numbers or empty, and the steps rise."""
    every = _cells(body, len(head))
    if every is None or not {*map(type, every[0])} <= {int}:
        return None
    steps = cast("list[Step]", every[0])
    found: dict[str, Series] = {}
    known = 1 + (head[1:2] == [TIME])
    for name, cells in zip(head[known:], every[known:], strict=True):
        values = [one for one in cells if one is not None]
        if not values:
            continue
        key = key_of_head(name)
        some = steps if len(values) == len(cells) else [*compress(steps, map(_is_there, cells))]
        found[key] = Series(key, some, values)
        if min(values) <= -_BEYOND or max(values) >= _BEYOND:
            return None
    return found if all(map(lt, steps, steps[1:])) else None


def _cells(body: str, width: int) -> list[list[int | float | None]] | None:
    """Return the columns of lines that all have so many cells; None if others are among them.

    All of them are decoded as one list, in which an empty text ends a line: a list of each line
    takes twice as long.
    """
    if any(one in body for one in '\r,"'):
        return None
    rows = body.count("\n")
    if "\t\t" in body or "\t\n" in body:
        body = body.replace("\t\t", "\tnull\t").replace("\t\t", "\tnull\t")
        body = body.replace("\t\n", "\tnull\n")
    text = body.replace("\t", ",").replace("\n", ',"",')
    try:
        cells = _decode(f"[{text[:-1]}]")
    except MsgspecError:
        return None
    if len(cells) != rows * (width + 1) or cells[width :: width + 1] != [""] * rows:
        return None
    return [cast("list[int | float | None]", cells[at :: width + 1]) for at in range(width)]


def _is_there(value: float | None) -> bool:
    return value is not None
