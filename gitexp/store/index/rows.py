"""What the search index keeps of one run, as rows for its tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter

from msgspec import Struct

from gitexp.comparison.query.run_values import attributes_of, curve_values, flat_values
from gitexp.model.record import RunRecord, inputs_text
from gitexp.model.record_json import UnreadableRecord
from gitexp.store.index.cells import Cell, encode, text_of
from gitexp.store.index.flat import NOTHING, Flat, flat
from gitexp.store.stored_run import StoredRun

_ATTRIBUTE_COLUMNS = (
    *("status", "reason", "verified", "started", "ended", "duration"),
    *("command", "message", "hypothesis", "baseline", "user", "host"),
    *("inputs", "sweep", "sweep_name", "point", "repeat"),
)
"""The columns of table `runs` that only a record that can be read has values for."""


_attribute_columns = itemgetter(*_ATTRIBUTE_COLUMNS)


class Named(Struct, frozen=True):
    """A value with the column it belongs to."""

    kind: str
    """'metrics', 'params' or 'series'."""
    name: str
    cell: Cell | None
    """None for null."""
    scalar: bool
    """Whether it is something other than a list or a mapping."""


class RunRows(Struct, frozen=True):
    """One run, for every table, apart from the position it will have."""

    run: StoredRun
    folder: bytes
    attributes: tuple[object, ...]
    metrics: Flat = NOTHING
    params: Flat = NOTHING
    series: Flat = NOTHING
    """What may be asked of curves, by how it is asked: `max(loss)`."""
    tags: tuple[str, ...] = ()
    outputs: tuple[bytes, ...] = ()
    written: tuple[tuple[bytes, str], ...] = ()
    """Path and md5 of the data behind pointers that the run wrote."""
    late: tuple[Named, ...] = ()
    """Values that late facts give it."""
    readable: bool = True

    def row(self, position: int) -> tuple[object, ...]:
        """Return the row of table `runs`."""
        run = self.run
        names = (run.id, run.recorded_name, run.name)
        if not "".join(names).isascii():
            names = (text_of(run.id), text_of(run.recorded_name), text_of(run.name))
        known = (self.folder, run.facts.removed, self.readable)
        return (position, run.oid, *names, *known, *self.attributes)


def rows_of(run: StoredRun, read: Callable[[bytes], RunRecord] | None = None) -> RunRows:
    """Return what the index keeps of a run; for one that cannot be read, what its commit says.

    `read` is what reads the records of many.
    """
    folder = encoded(run.project)
    try:
        record = run.record if read is None else run.record_by(read)
    except UnreadableRecord:
        return RunRows(run, folder, (None,) * len(_ATTRIBUTE_COLUMNS), readable=False)
    known = attributes_of(record) | _beside(record)
    return RunRows(
        run,
        folder,
        tuple(
            [
                one if one.__class__ is not str or one.isascii() else text_of(one)
                for one in _attribute_columns(known)
            ]
        ),
        flat(record.metrics),
        flat(record.params),
        curves(record.series),
        tuple(map(text_of, record.tags)),
        tuple(map(encoded, _outputs(record))),
        tuple(
            (encoded(one.path), text_of(one.md5)) for one in record.pointers if one.role == "output"
        ),
        tuple(late_values(record)),
    )


def _beside(record: RunRecord) -> dict[str, object]:
    """Return what columns have that is no attribute, or another one."""
    return {
        "inputs": inputs_text(record.inputs),
        "sweep": record.sweep if record.point is not None else None,
        "sweep_name": record.point.sweep or None if record.point is not None else None,
    }


def curves(series: Mapping[str, Mapping[str, object]]) -> Flat:
    """Return what may be asked of curves."""
    if not series:
        return NOTHING
    values = curve_values(series)
    return tuple(values), tuple(values.values())


encoded = lru_cache(maxsize=1024)(os.fsencode)
"""Most runs of a project write the same paths."""


def late_values(record: RunRecord) -> Iterator[Named]:
    """Yield the metrics that later evaluations gave a run, but for names that it has itself."""
    if not record.evaluations:
        return
    own = flat_values(record.metrics)
    for name, value in record.held_out.items():
        if name not in own:
            yield Named("metrics", text_of(name), encode(value), scalar=True)


def _outputs(record: RunRecord) -> Iterator[str]:
    yield from record.outputs
    for pointer in record.pointers:
        if pointer.role == "output":
            yield f"{pointer.path}.dvc"
