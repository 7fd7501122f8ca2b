"""Points that cost nothing: a run with the same inputs and the same command is there already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from gitexp.comparison.query.expression import And, Column, Constant, Expression, In
from gitexp.comparison.query.place import QueryError
from gitexp.comparison.query.resolve import resolve_column
from gitexp.comparison.query.run_values import flat_values
from gitexp.execution.overrides.composition import composition_of
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.linked import editable_among
from gitexp.execution.overrides.ours import ours_among
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.execution.start.prepare import contents_of, params_contents
from gitexp.inputs.covered import covering_runs
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value, dumps, is_number
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.sweep.known import Settled
from gitexp.sweep.origin import Base
from gitexp.sweep.point import Point, is_in_command
from gitexp.sweep.results import settled_by
from gitexp.sweep.space import Axis, Choices
from gitexp.sweep.sweep import Sweep

_FEW = 50
"""Points for which no run is looked for first: making the params file of one takes 4 ms."""
_MOST_READ = 5000
"""Runs that are read to see which points they may be: 0.1 ms each."""
_MOST_COMPOSED = 50
"""Points for which a run is looked for where Hydra makes the params file: that takes 100 ms."""

_Key = tuple[object, ...]


class Covering:
    """Finds runs that settle points of a sweep, whatever they were made for."""

    def __init__(self, project: Project, sweep: Sweep, base: Base) -> None:
        self._project = project
        self._sweep = sweep
        self._base = base
        self._contents = params_contents(project)
        self._composition = composition_of(project)
        self._inputs: dict[tuple[str, ...], str] = {}

    def covered(self, points: Sequence[Point]) -> list[Settled]:
        """Return those of the points that are covered, each with the run that does it."""
        if self._project.runs.tip is None:
            return []
        likely = self._likely(points) if len(points) > _FEW else points
        likely = list(likely)
        if self._composition is not None and len(likely) > _MOST_COMPOSED:
            return []
        found = (self.find(point) for point in likely)
        return [one for one in found if one is not None]

    def find(self, point: Point) -> Settled | None:
        """Return what settles a point at no cost; None if it has to be run."""
        inputs, directory = self.inputs_of(point), self._sweep.directory
        aims = self._sweep.objectives
        found = [
            settled_by(run.record, point.spot, point.values, aims, covered=True)
            for run in covering_runs(self._project, inputs, point.command, directory)
        ]
        measured = (one for one in found if one.has_result)
        # The first one stays it, however often the point is run again.
        return min(measured, key=lambda one: (one.ended, one.run_id), default=None)

    def inputs_of(self, point: Point) -> str:
        """Return the inputs of a point, as they stand in the trailer of its run."""
        known = self._inputs.get(point.overrides)
        if known is None:
            known = self._base.inputs_with(self._edits(point.overrides))
            self._inputs[point.overrides] = known
        return known

    def _edits(self, texts: Sequence[str]) -> dict[str, bytes]:
        """Return what overrides make of the params files, those that Hydra composes as well."""
        composed: dict[str, bytes] = {}
        if self._composition is not None:
            from gitexp.execution.overrides.composed import composed_edit  # noqa: PLC0415 - 250 ms, where Hydra composes

            found = contents_of(self._project, [self._composition.output])
            texts, composed = composed_edit(self._project, self._composition, texts, found)
        overrides = list(map(parse_override, texts))
        draft = self._project.documents.draft
        return {**apply_overrides(self._editable, overrides, draft), **composed}

    @cached_property
    def _editable(self) -> dict[str, bytes]:
        """The params files in which values may be set, whatever the point."""
        every = [parse_override(text) for text in self._sweep.fixed]
        every += [_override(axis) for axis in self._in_files]
        if (composition := self._composition) is not None:
            every = [one for one in every if one.file not in (None, composition.output)]
        ours = ours_among(self._project, self._contents, every)
        return editable_among(self._project, ours, every)

    @cached_property
    def _in_files(self) -> list[Axis]:
        axes = self._sweep.space.axes
        return [axis for axis in axes if not is_in_command(self._sweep, axis.name)]

    def _likely(self, points: Sequence[Point]) -> Iterable[Point]:
        """Return the points that share their params with a run, if that is quickly found out."""
        columns = dict(self._columns())
        if None in columns.values():
            return ()  # no run has ever had such a param
        index = self._project.runs.index
        parts = [
            In(column, values)
            for axis, column in columns.items()
            if column is not None and (values := _constants(self._domain(axis)))
        ]
        where: Expression | None = And(tuple(parts)) if parts else None
        wanted = Selection(self._project.folder, where=where, done=True, readable=True)
        if index.count(wanted) > _MOST_READ:
            return points
        names = {axis: column.name for axis, column in columns.items() if column is not None}
        there = {
            _key(params.get(name) for name in names.values())
            for params in (flat_values(run.record.params) for run in index.select(wanted))
        }
        return [
            point
            for point in points
            if any(axis not in point.values for axis in names)
            or _key(point.values[axis] for axis in names) in there
        ]

    def _domain(self, name: str) -> Axis:
        return self._sweep.space.axis(name)

    def _columns(self) -> Iterator[tuple[str, Column | None]]:
        """Yield what runs call the params of the axes; None for one that they do not have."""
        known = self._project.runs.index.columns(self._project.folder)
        params = [one for one in known if one.kind == "params"]
        for axis in self._in_files:
            if axis.when is None:
                try:
                    yield axis.name, resolve_column(Column("params", axis.key), params)
                except QueryError:
                    if self._composition is None and not any(
                        one.name.endswith(axis.key) for one in params
                    ):
                        yield axis.name, None


def _override(axis: Axis) -> Override:
    return Override(axis.name, axis.file, Operation(axis.sign), tuple(axis.key.split(".")), None)


def _constants(axis: Axis) -> tuple[Constant, ...]:
    """Return the choices of an axis if they can all be asked for; else nothing."""
    if not isinstance(axis.domain, Choices):
        return ()
    values = axis.domain.values
    plain = tuple(value for value in values if isinstance(value, str | int | float))
    return plain if len(plain) == len(values) else ()


def _key(values: Iterable[Value]) -> _Key:
    """Return values as what can be looked up: 1 and 1.0 are the same, as they are in the index."""
    return tuple(float(value) if is_number(value) else dumps(value) for value in values)
