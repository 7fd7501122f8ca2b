"""What a sweep looks like while it runs: on a screen, and line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from gitexp.model.numbers import duration_text, number_text
from gitexp.rendering.cells import value_text
from gitexp.rendering.sweep_data import BEST, sweep_data, sweep_flat
from gitexp.rendering.sweep_table import Line, table_of, why_failed
from gitexp.rendering.table import Document
from gitexp.sweep.known import Settled
from gitexp.sweep.progress import Progress, outcome_of, ranked
from gitexp.sweep.sweep import Sweep

if TYPE_CHECKING:
    from gitexp.store.running import Running

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
    elif progress.is_ended:
        counts.append("ended for good")
    elif eta is not None:
        counts.append(f"eta {duration_text(eta)}")
    return " · ".join(counts)


def screen(
    progress: Progress, now: datetime, height: int, logged: Mapping[str, Running]
) -> Document:
    """Show a sweep while it runs: what is running, the last failures, the best points.

    What the running ones have `logged` so far comes by their ids, as far as it can be seen here.
    """
    room = max(1, height - 6)  # a heading of two lines, and one note
    best, ended = ranked(progress.sweep, progress.settled)[:BEST], list[Settled]()
    failed = [one for one in progress.settled if outcome_of(one) == "failed"]
    last = sorted(failed, key=lambda one: one.ended)[-_FAILURES:]
    if not best:
        done = [one for one in progress.settled if one not in failed]
        ended = sorted(done, key=lambda one: one.ended)[-BEST:]
    running = [progress.known.under_way[spot] for spot in sorted(progress.known.under_way)]
    found = [Line.of_settled(one) for one in (*ended, *last)]
    is_one = len(progress.sweep.objectives) == 1  # of several, none is better in all
    found += [Line.of_point(one, is_best=is_one and not at) for at, one in enumerate(best)]
    lines = sorted(found, key=lambda line: line.spot)
    lines += [Line.of_running(progress, one, now, logged.get(one.run_id)) for one in running]
    notes = tuple(_idle(progress))
    return Document(
        data=lambda: sweep_data(progress),
        flat=lambda: sweep_flat(progress),
        tables=lambda: [table_of(progress.sweep, lines[-room:])] if lines else [],
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
