"""The points of a sweep as rows of a table: those that run, those that failed, the best."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gitexp.rendering.running import step_text
from gitexp.rendering.short_names import short_names
from gitexp.rendering.sweep_data import axes_shown
from gitexp.rendering.table import BLANK, Column, Kind, Table
from gitexp.review.statistics import Sample
from gitexp.sweep.known import Settled, UnderWay
from gitexp.sweep.point import Spot
from gitexp.sweep.progress import Progress, Ranked, outcome_of
from gitexp.sweep.results import number_of
from gitexp.sweep.sweep import Sweep

if TYPE_CHECKING:
    from gitexp.store.running import Running


class Line:
    """One row of the table."""

    def __init__(self, spot: Spot, status: str, values: Mapping[str, Any]) -> None:
        self.spot = spot
        self.status = status
        self.values = values
        self.objectives: Sequence[float | Sample | None] = ()
        """Of a run that is running, as it has logged them last."""
        self.count: int | None = None
        """Of the repeats, where the line stands for a point."""
        self.step = ""
        self.seconds: float | None = None
        self.worker: object = BLANK
        self.remark = ""

    @classmethod
    def of_settled(cls, one: Settled) -> Line:
        line = cls(one.spot, outcome_of(one), one.values)
        line.objectives = one.objectives
        line.seconds = one.seconds
        if outcome_of(one) == "failed":
            line.remark = f"{why_failed(one)}; gitexp show {shlex.quote(one.name)}"
        return line

    @classmethod
    def of_point(cls, one: Ranked, *, is_best: bool) -> Line:
        line = cls(one.first.spot, "done", one.first.values)
        line.objectives, line.seconds = one.objectives, one.seconds
        line.count = len(one.runs)
        line.remark = "best" if is_best else ""
        return line

    @classmethod
    def of_running(
        cls, progress: Progress, one: UnderWay, now: datetime, logged: Running | None
    ) -> Line:
        line = cls(one.spot, "running", one.values or {})
        if logged is not None:
            line.step = step_text(logged)
            aims = progress.sweep.objectives
            line.objectives = tuple(number_of(logged.values, aim.metric) for aim in aims)
        line.seconds = max(0.0, (now - datetime.fromisoformat(one.since)).total_seconds())
        number = dict(progress.workers).get(one.pid)
        line.worker = str(number) if number is not None else one.who
        return line


def why_failed(one: Settled) -> str:
    """Return why a run counts as failed, in words."""
    if one.reason == "timeout":
        return "timed out"
    if one.code is not None:
        return f"exit code {one.code}"
    return one.reason or "killed by a signal"


def table_of(sweep: Sweep, lines: Iterable[Line]) -> Table:
    found = list(lines)
    names = [name for name in axes_shown(sweep) if any(name in line.values for line in found)]
    repeated = sweep.repeats > 1
    columns = [Column("point", "value"), Column("status", "mark")]
    columns += [
        Column(name, "value", head, rank=10 + at)
        for at, (name, head) in enumerate(zip(names, short_names(names), strict=True))
    ]
    kind: Kind = "spread" if repeated else "value"
    columns += [Column(one.metric, kind) for one in sweep.objectives]
    is_any_step = any(line.step for line in found)
    columns += [Column("step", rank=1)] * is_any_step
    columns += [Column("time", "duration", rank=2)]
    columns += [Column("worker", rank=3), Column("remark", head="", rank=1, shortest=16)]
    if repeated:
        columns[1:1] = [Column("repeat", "value"), Column("n", "value")]
    return Table(
        tuple(columns),
        [_cells(sweep, line, names, repeated=repeated, stepped=is_any_step) for line in found],
        header=True,
    )


def _cells(
    sweep: Sweep, line: Line, names: Iterable[str], *, repeated: bool, stepped: bool
) -> list[object]:
    objectives = [*line.objectives, *(None for _ in sweep.objectives)][: len(sweep.objectives)]
    return [
        line.spot.number,
        *(_repeat(line) if repeated else ()),
        line.status,
        *(line.values.get(name, BLANK) for name in names),
        *(BLANK if value is None else _number(value, repeated=repeated) for value in objectives),
        *((line.step,) if stepped else ()),
        BLANK if line.seconds is None else line.seconds,
        line.worker,
        line.remark,
    ]


def _repeat(line: Line) -> tuple[object, object]:
    """Return which repeat a line is, or of how many it is the mean."""
    return (line.spot.repeat, BLANK) if line.count is None else (BLANK, line.count)


def _number(value: float | Sample, *, repeated: bool) -> object:
    mean, deviation = (value.mean, value.deviation) if isinstance(value, Sample) else (value, None)
    return (mean, deviation) if repeated else mean
