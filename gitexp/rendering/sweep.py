"""What `gitexp sweep --dry-run` shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.comparison.changes import ABSENT
from gitexp.model.command.text import command_text
from gitexp.model.numbers import counted
from gitexp.model.values import Value
from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.sweep.plan import Plan
from gitexp.sweep.point import Spot

_MOST_SHOWN = 50
"""Rows for people; programs get all."""


class _Row:
    """A run of a point, with what becomes of it."""

    def __init__(self, spot: Spot, values: Mapping[str, Value], what: str, run: str = "") -> None:
        self.spot, self.values, self.what, self.run = spot, values, what, run


def plan_document(plan: Plan) -> Document:
    """Show what a sweep is, and what would be run."""
    rows = sorted(_rows(plan), key=lambda row: row.spot)
    more = len(rows) - _MOST_SHOWN
    notes = [f"… and {counted(more, 'other')} (`--json` has all)"] if more > 0 else []
    return Document(
        data=lambda: _data(plan, rows),
        flat=lambda: _flat(plan, rows),
        tables=lambda: [_facts(plan), *([_points(plan, rows)] if rows else [])],
        notes=tuple(notes),
    )


def _rows(plan: Plan) -> Iterator[_Row]:
    for point in plan.run:
        yield _Row(point.spot, point.values, "to run")
    for one in plan.covered:
        yield _Row(one.spot, one.values, "covered", one.name)
    for one in plan.settled:
        yield _Row(one.spot, one.values, one.status, one.name)
    planned = {point.spot for point in plan.run}
    for spot in plan.under_way:
        if spot not in planned:
            yield _Row(spot, {}, "under way")
    for spot in plan.given_up:
        yield _Row(spot, {}, "given up")


def _facts(plan: Plan) -> Table:
    sweep = plan.sweep
    size = "" if plan.size is None or plan.size == plan.points else f" of {plan.size:,}"
    repeats = f", {counted(sweep.repeats, 'run')} each" if sweep.repeats > 1 else ""
    goals = (
        f"{'minimize' if one.goal == 'min' else 'maximize'} {one.metric}"
        for one in sweep.objectives
    )
    lines = [
        ("sweep", f"{sweep.name} ({sweep.id})"),
        ("sampler", ", ".join((sweep.sampler, *goals))),
        ("points", f"{plan.points:,}{size}{repeats}"),
        ("such that", sweep.space.such_that or ""),
        ("command", command_text(sweep.command)),
        ("override", " ".join(sweep.fixed)),
        ("expected", sweep.hypothesis.expect if sweep.hypothesis is not None else ""),
        ("inputs", sweep.inputs),
        ("runs", _to_do(plan)),
    ]
    rows = [line for line in lines if line[1]]
    return Table((Column("what"), Column("value", limit=0)), rows)


def _to_do(plan: Plan) -> str:
    counts = (
        (len(plan.run), "to run"),
        (plan.undecided, "chosen as results come" if plan.sweep.is_adaptive else "to be chosen"),
        (len(plan.covered), "covered by other runs"),
        (len(plan.settled), "there already"),
        (len(plan.under_way), "under way"),
        (len(plan.given_up), "given up"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)


def _points(plan: Plan, rows: list[_Row]) -> Table:
    names = plan.sweep.space.names
    repeats = [Column("repeat")] if plan.sweep.repeats > 1 else []
    axes = (Column(name, "value", limit=20) for name in names)
    columns = (Column("point"), *repeats, *axes, Column("what", head=""), Column("run", "name"))
    cells = [
        (
            row.spot.number,
            *((row.spot.repeat,) if repeats else ()),
            *(row.values.get(name, ABSENT) for name in names),
            row.what,
            row.run,
        )
        for row in rows[:_MOST_SHOWN]
    ]
    return Table(columns, cells, header=True)


def _data(plan: Plan, rows: list[_Row]) -> dict[str, object]:
    sweep = plan.sweep
    return {
        "sweep": sweep.id,
        "name": sweep.name,
        "sampler": sweep.sampler,
        "command": list(sweep.command),
        "expect": sweep.hypothesis.expect if sweep.hypothesis is not None else None,
        "inputs": sweep.inputs,
        "points": plan.points,
        "size": plan.size,
        "repeats": sweep.repeats,
        "undecided": plan.undecided,
        "runs": [
            {
                "point": row.spot.number,
                "repeat": row.spot.repeat,
                "values": dict(row.values),
                "what": row.what,
                "run": row.run or None,
            }
            for row in rows
        ],
    }


def _flat(plan: Plan, rows: list[_Row]) -> Flat:
    names = plan.sweep.space.names
    columns = ("point", "repeat", *(f"params.{name}" for name in names), "what", "run")
    return Flat(
        columns,
        [
            (
                *row.spot,
                *(row.values.get(name, ABSENT) for name in names),
                row.what,
                row.run or ABSENT,
            )
            for row in rows
        ],
    )
