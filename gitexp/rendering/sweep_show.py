"""What `gitexp show` shows of a sweep: what it is and tries, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gitexp.model.command.text import command_text
from gitexp.model.numbers import counted, number_text
from gitexp.rendering.cells import value_text
from gitexp.rendering.sweep_end import final_document
from gitexp.rendering.sweep_progress import aim_of, title_of
from gitexp.rendering.table import Column, Document, Table
from gitexp.sweep.progress import Progress
from gitexp.sweep.space import Axis, Choices
from gitexp.sweep.sweep import Sweep

_FACTS = (Column("fact", limit=0), Column("value", limit=0))
_AXES = (Column("axis", "name", limit=0), Column("values", limit=0), Column("when", limit=0))
_MOST = 12
"""How many values of an axis are listed."""


def sweep_document(progress: Progress) -> Document:
    """Show a sweep whole: its definition, its axes, its best points, and what is next."""
    sweep = progress.sweep
    ended = final_document(progress)

    def tables() -> Iterator[Table]:
        yield Table(_FACTS, [fact for fact in _facts(progress) if fact[1]], "Sweep")
        yield Table(_AXES, [_axis(one) for one in sweep.space.axes], "Axes")
        for table in ended.tables():
            yield replace(table, title=table.title or "Best points")

    return replace(ended, tables=tables, heading=(title_of(sweep),))


def _facts(progress: Progress) -> Iterator[tuple[str, str]]:
    sweep = progress.sweep
    yield "message", (sweep.message or "").strip().partition("\n")[0]
    yield "sampler", aim_of(sweep)
    yield "points", _points(progress)
    yield "such that", sweep.space.such_that or ""
    yield "pruned by", sweep.pruning.metric if sweep.pruning is not None else ""
    yield "command", command_text(sweep.command)
    yield "override", " ".join(sweep.fixed)
    yield "expected", sweep.hypothesis.expect if sweep.hypothesis is not None else ""
    yield "id", sweep.id
    yield "inputs", sweep.inputs


def _points(progress: Progress) -> str:
    sweep: Sweep = progress.sweep
    size = sweep.space.size
    of = f" of {size:,}" if size is not None and size > progress.points else ""
    each = f", {counted(sweep.repeats, 'run')} each" if sweep.repeats > 1 else ""
    return f"{progress.points:,}{of}{each}"


def _axis(axis: Axis) -> tuple[str, str, str]:
    domain, when = axis.domain, f"when {axis.when}" if axis.when is not None else ""
    if isinstance(domain, Choices):
        listed = [value_text(one) for one in domain.values[:_MOST]]
        more = len(domain.values) - _MOST
        return axis.name, ", ".join(listed) + (f" and {more} more" if more > 0 else ""), when
    whole = "whole numbers " if domain.integer else ""
    log = ", on a log scale" if domain.log else ""
    ends = f"from {number_text(domain.low)} to {number_text(domain.high)}"
    return axis.name, f"{whole}{ends}{log}", when
