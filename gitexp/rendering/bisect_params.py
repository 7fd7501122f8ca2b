"""What `gitexp bisect --params` says: a line a run, and the params that did it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import counted, number_text, signed_text
from gitexp.rendering.bisect import sample_data, sample_text
from gitexp.rendering.table import Column, Document, Flat, Table

if TYPE_CHECKING:
    from gitexp.tracing.params import Culprits, Tried

_FLAT = ("file", "param", "old", "new")
_DIGITS = 3
_SHOWN = 4


def tried_text(number: int, tried: Tried) -> str:
    """Return the line of one run."""
    run = tried.runs[-1].name
    names = ", ".join(one.name for one in tried.changes[:_SHOWN])
    more = f" and {len(tried.changes) - _SHOWN} more" if len(tried.changes) > _SHOWN else ""
    side = {True: "bad", False: "good", None: tried.why or "not clear yet"}[tried.is_bad]
    value = f"{number_text(tried.values[-1])} " if tried.values else ""
    return f"{number}. {value}{side} ({run}): {names}{more}"


def params_need_text(count: int, most: int) -> str:
    """Return how many runs it takes to find the params."""
    if count == 1:
        return "1 param differs, so 1 run at most tells whether it did it"
    few = 2 * (count - 1).bit_length()
    return (
        f"{count} params differ\nabout {counted(few, 'run')} if one of them did it, {most} at most"
    )


def params_document(found: Culprits) -> Document:
    """Show the params, how the metric moved, and what to look at next."""
    return Document(
        data=lambda: _data(found),
        flat=lambda: Flat(_FLAT, [(one.file, one.name, one.old, one.new) for one in found.changes]),
        tables=lambda: [_table(found)],
        heading=(_heading(found),),
        notes=tuple(_notes(found)),
    )


def _heading(found: Culprits) -> str:
    good, moved = found.ends.good, found.moved
    change = signed_text(float(number_text(found.change, _DIGITS)))
    what = found.changes[0].name if len(found.changes) == 1 else f"{len(found.changes)} params"
    together = "" if len(found.changes) == 1 else " together"
    values = f"{sample_text(good)} to {sample_text(moved)}"
    return f"{what}{together} moved {found.metric} by {change}: {values}"


def _table(found: Culprits) -> Table:
    columns = (
        Column("param", "name", by_its_end=True),
        Column("old", "value"),
        Column("new", "value", joined="→"),
        Column("file", "name", rank=1),
    )
    rows = [(one.name, one.old, one.new, one.file) for one in found.changes]
    return Table(columns, rows, header=True)


def _notes(found: Culprits) -> Iterator[str]:
    made = f"after {counted(found.made, 'run')}" if found.made else "by recorded runs alone"
    yield f"of {counted(found.differed, 'param')} that differ, {made}"
    if len(found.changes) < found.differed:
        yield f"all of them together came to {sample_text(found.ends.bad)}"
    if found.last is not None:
        yield f"look at: gitexp diff {found.good.name} {found.last.name}"


def _data(found: Culprits) -> dict[str, object]:
    return {
        "metric": found.metric,
        "params": [
            {"file": one.file, "param": one.name}
            | ({} if one.old is ABSENT else {"old": one.old})
            | ({} if one.new is ABSENT else {"new": one.new})
            for one in found.changes
        ],
        "differed": found.differed,
        "change": found.change,
        "good": sample_data(found.ends.good),
        "bad": sample_data(found.ends.bad),
        "moved": sample_data(found.moved),
        "runs_made": found.made,
        "before": found.good.id,
        "after": found.last.id if found.last is not None else None,
    }
