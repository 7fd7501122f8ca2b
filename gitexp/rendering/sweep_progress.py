"""What a sweep looks like: while it runs, line by line, and at its end."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gitexp.model.hypothesis import VERDICTS
from gitexp.model.numbers import counted, duration_text, number_text
from gitexp.rendering.cells import value_text
from gitexp.rendering.short_names import short_names
from gitexp.rendering.sweep_data import BEST, axes_shown, sweep_data, sweep_flat
from gitexp.rendering.table import BLANK, Column, Document, Kind, Table
from gitexp.review.statistics import Sample
from gitexp.sweep.importance import importance_text
from gitexp.sweep.known import Settled, UnderWay
from gitexp.sweep.lacking import hint, is_hopeless
from gitexp.sweep.planning import MOST_POINTS
from gitexp.sweep.point import Spot
from gitexp.sweep.progress import Progress, Ranked, outcome_of, ranked
from gitexp.sweep.sweep import Sweep

_FAILURES = 3
_IDLE = 0.05
"""From this share of the time on it is said that agents wait."""


def title_of(sweep: Sweep) -> str:
    """Return what a sweep is called."""
    return sweep.name or sweep.id


def aim_of(sweep: Sweep) -> str:
    """Return how points are chosen, and what for."""
    aims = (f"{_VERBS[one.goal]} {one.metric}" for one in sweep.objectives)
    return ", ".join((sweep.sampler, *aims))


_VERBS = {"min": "minimize", "max": "maximize"}


def headline(progress: Progress) -> str:
    """Return the line that says how far a sweep has come."""
    counts = [f"{progress.count('done')} of {progress.runs} done"]
    others = (
        (len(progress.known.under_way), "running"),
        (progress.count("pruned"), "pruned"),
        (progress.count("stopped"), "stopped"),
        (progress.count("failed") + len(progress.given_up), "failed"),
        (progress.covered, "covered"),
    )
    counts += [f"{number} {what}" for number, what in others if number]
    eta = progress.eta
    if progress.is_stopping:
        counts.append("stopping")
    elif eta is not None:
        counts.append(f"eta {duration_text(eta)}")
    return " · ".join(counts)


def screen(progress: Progress, now: datetime, height: int) -> Document:
    """Show a sweep while it runs: what is running, the last failures, the best points."""
    room = max(1, height - 6)  # a heading of two lines, and one note
    best, ended = ranked(progress.sweep, progress.settled)[:BEST], list[Settled]()
    failed = [one for one in progress.settled if outcome_of(one) == "failed"]
    last = sorted(failed, key=lambda one: one.ended)[-_FAILURES:]
    if not best:
        done = [one for one in progress.settled if one not in failed]
        ended = sorted(done, key=lambda one: one.ended)[-BEST:]
    running = [progress.known.under_way[spot] for spot in sorted(progress.known.under_way)]
    found = [_Line.of_settled(one) for one in (*ended, *last)]
    found += [_Line.of_point(one, is_best=not at) for at, one in enumerate(best)]
    lines = sorted(found, key=lambda line: line.spot)
    lines += [_Line.of_running(progress, one, now) for one in running]
    notes = tuple(_idle(progress))
    return Document(
        data=lambda: sweep_data(progress),
        flat=lambda: sweep_flat(progress),
        tables=lambda: [_table(progress.sweep, lines[-room:])] if lines else [],
        heading=(f"{title_of(progress.sweep)}  {aim_of(progress.sweep)}  {headline(progress)}",),
        notes=notes,
    )


def _idle(progress: Progress) -> Iterator[str]:
    if progress.idle < _IDLE or not progress.sweep.looks_back:
        return
    yield (
        f"idle {progress.idle:.0%} of the time, waiting for results in order "
        "(--asap uses them as they come)"
    )


class _Line:
    """One row of the table."""

    def __init__(self, spot: Spot, status: str, values: Mapping[str, Any]) -> None:
        self.spot = spot
        self.status = status
        self.values = values
        self.objectives: Sequence[float | Sample | None] = ()
        self.count: int | None = None
        """Of the repeats, where the line stands for a point."""
        self.seconds: float | None = None
        self.worker: object = BLANK
        self.remark = ""

    @classmethod
    def of_settled(cls, one: Settled) -> _Line:
        line = cls(one.spot, outcome_of(one), one.values)
        line.objectives = one.objectives
        line.seconds = one.seconds
        if outcome_of(one) == "failed":
            line.remark = f"{why_failed(one)}; gitexp show {shlex.quote(one.name)}"
        return line

    @classmethod
    def of_point(cls, one: Ranked, *, is_best: bool) -> _Line:
        line = cls(one.first.spot, "done", one.first.values)
        line.objectives, line.seconds = one.objectives, one.seconds
        line.count = len(one.runs)
        line.remark = "best" if is_best else ""
        return line

    @classmethod
    def of_running(cls, progress: Progress, one: UnderWay, now: datetime) -> _Line:
        line = cls(one.spot, "running", one.values or {})
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


def _table(sweep: Sweep, lines: Iterable[_Line]) -> Table:
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
    columns += [Column("time", "duration", rank=2)]
    columns += [Column("worker", rank=3), Column("remark", head="", rank=1, shortest=16)]
    if repeated:
        columns[1:1] = [Column("repeat", "value"), Column("n", "value")]
    return Table(
        tuple(columns),
        [_cells(sweep, line, names, repeated=repeated) for line in found],
        header=True,
    )


def _cells(sweep: Sweep, line: _Line, names: Iterable[str], *, repeated: bool) -> list[object]:
    objectives = [*line.objectives, *(None for _ in sweep.objectives)][: len(sweep.objectives)]
    return [
        line.spot.number,
        *(_repeat(line) if repeated else ()),
        line.status,
        *(line.values.get(name, BLANK) for name in names),
        *(BLANK if value is None else _number(value, repeated=repeated) for value in objectives),
        BLANK if line.seconds is None else line.seconds,
        line.worker,
        line.remark,
    ]


def _repeat(line: _Line) -> tuple[object, object]:
    """Return which repeat a line is, or of how many it is the mean."""
    return (line.spot.repeat, BLANK) if line.count is None else (BLANK, line.count)


def _number(value: float | Sample, *, repeated: bool) -> object:
    mean, deviation = (value.mean, value.deviation) if isinstance(value, Sample) else (value, None)
    return (mean, deviation) if repeated else mean


def settled_line(sweep: Sweep, one: Settled, done: int, runs: int) -> str:
    """Return the line that says what came of a run, where there is no screen."""
    values = " ".join(f"{name}={value_text(one.values[name])}" for name in one.values)
    if outcome_of(one) == "failed":
        came = f"failed, {why_failed(one)}"
    else:
        pairs = zip(sweep.objectives, one.objectives, strict=False)
        numbers = (
            f"{aim.metric} {number_text(value)}" for aim, value in pairs if value is not None
        )
        came = ", ".join(numbers) or outcome_of(one)
        came += f"; {one.verdict}" if one.verdict is not None else ""
    if one.covered:
        return (
            f"point {one.spot.number} is covered by {one.name}: {came} ({values}) [{done}/{runs}]"
        )
    return f"{one.name}: {came} ({values}) in {duration_text(one.seconds)} [{done}/{runs}]"


def final_document(progress: Progress) -> Document:
    """Show a sweep at its end: the best points, what failed, and what to do next."""
    sweep = progress.sweep
    best = ranked(sweep, progress.settled)
    shown = best if len(sweep.objectives) > 1 else best[:BEST]
    lines = [_Line.of_point(one, is_best=not at) for at, one in enumerate(shown)]
    notes = [
        f"{title_of(sweep)}: {headline(progress)}",
        *_expected(progress),
        *_failures(progress),
        *_lacking(progress),
        *_without_result(progress),
        *_mattered(progress),
        *_next(progress, best),
    ]
    return Document(
        data=lambda: sweep_data(progress),
        flat=lambda: sweep_flat(progress),
        tables=lambda: [_final_table(sweep, lines, shown)] if lines else [],
        notes=tuple(notes),
    )


def _final_table(sweep: Sweep, lines: Sequence[_Line], shown: Sequence[Ranked]) -> Table:
    table = _table(sweep, lines)
    of_runs = ("status", "worker", "repeat")
    kept = [at for at, one in enumerate(table.columns) if one.name not in of_runs]
    rows = [[row[at] for at in kept] for row in table.rows]
    named = [[one.first.name, *row] for one, row in zip(shown, rows, strict=True)]
    columns = (Column("run", "name"), *(table.columns[at] for at in kept))
    several = len(sweep.objectives) > 1
    return Table(columns, named, header=True, title="no point is better in all" if several else "")


def _expected(progress: Progress) -> Iterator[str]:
    """Yield what became of the expectation of a sweep."""
    hypothesis = progress.sweep.hypothesis
    if hypothesis is None:
        return
    found = Counter(one.verdict for one in progress.settled if one.verdict is not None)
    counts = [f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict]]
    if progress.covered:
        counts.append(f"{progress.covered} not judged, because covered (`--again all` runs them)")
    yield f"expected {hypothesis.expect}: {', '.join(counts) or 'nothing to judge'}"


def _failures(progress: Progress) -> Iterator[str]:
    failed = [one for one in progress.settled if outcome_of(one) == "failed"]
    if failed:
        first = failed[0]
        yield (
            f"{counted(len(failed), 'run')} failed, the first with {why_failed(first)}: "
            f"`gitexp show {shlex.quote(first.name)}`"
        )
        name = shlex.quote(title_of(progress.sweep))
        which = "it" if len(failed) == 1 else "them"
        yield f"to run {which} again: `gitexp sweep --resume {name} --again failed`"
    if progress.given_up:
        numbers = ", ".join(str(spot.number) for spot in progress.given_up)
        yield f"given up, because they were lost again and again: points {numbers}"


def _lacking(progress: Progress) -> Iterator[str]:
    """Yield which metrics no run has; how points get one, if its name may be right."""
    mended = " Once that is mended, add `--again failed` to the same words."
    for metric in progress.lacking:
        words = f"no run has a number '{metric}'. {hint(metric, progress.metrics)}"
        yield words if progress.metrics else words + mended


def _without_result(progress: Progress) -> Iterator[str]:
    """Yield how many points have no value, and how they get one."""
    found = progress.without_result
    if not found or progress.lacking:
        return
    numbers = {one.spot.number for one in found}
    have = "has" if len(numbers) == 1 else "have"
    metrics = " or ".join(
        aim.metric
        for at, aim in enumerate(progress.sweep.objectives)
        if any(one.objectives[at] is None for one in found)
    )
    yield (
        f"{counted(len(numbers), 'point')} {have} no value of {metrics}: "
        f"`gitexp show {shlex.quote(found[0].name)}` has the metrics that there are; mend "
        "`metrics:` in gitexp.yaml, and add `--again failed` to the same words"
    )


def _mattered(progress: Progress) -> Iterator[str]:
    if progress.importance is not None:
        yield f"what mattered: {importance_text(progress.importance)}"


def _next(progress: Progress, best: Sequence[Ranked]) -> Iterator[str]:
    """Yield the commands that come next."""
    name = shlex.quote(title_of(progress.sweep))
    if progress.engine is not None:
        name += f" --engine {shlex.quote(progress.engine)}"
    commands = []
    if not progress.is_done and not is_hopeless(progress.sweep, progress.known.settled.values()):
        commands.append(f"gitexp sweep --resume {name}")
    if best:
        run = shlex.quote(best[0].first.name)
        commands += [f"gitexp apply {run}", f"gitexp show {run}"]
    elif progress.settled:
        commands.append(f"gitexp ls --where 'sweep = \"{title_of(progress.sweep)}\"'")
    space = progress.sweep.space
    may_be_whole = progress.sweep.sampler == "grid" and space.is_filtered
    most = int(min(progress.points * 2, space.count, MOST_POINTS))
    if progress.is_done and best and progress.points < most and not may_be_whole:
        commands.append(f"gitexp sweep --resume {name} -N {most}")
    if commands:
        yield f"next: {' · '.join(commands)}"
