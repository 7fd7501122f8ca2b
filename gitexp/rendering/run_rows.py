"""Runs as rows: their values by flat name, and those of a newer gitexp that cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from gitexp.model.record import Documents, RunRecord
from gitexp.model.values import Value, flatten, same


class UnreadableRun(Struct, frozen=True):
    """A run whose record this gitexp cannot read."""

    oid: str
    reason: str
    """Such as 'needs gitexp ≥ 2.0'."""


RunRow: TypeAlias = "tuple[str, RunRecord] | UnreadableRun"
"""A run with the oid of its commit."""


class Row(Struct, frozen=True):
    run: RunRow
    metrics: Mapping[str, Value] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)


def rows_of(runs: Iterable[RunRow], twice: Collection[str]) -> Iterator[Row]:
    """Yield the runs with their values; of the names in `twice`, under that of their file too."""
    for run in runs:
        if isinstance(run, UnreadableRun):
            yield Row(run)
        else:
            record = run[1]
            metrics = {**record.held_out, **flattened(record.metrics, twice)}
            yield Row(run, metrics, flattened(record.params, twice))


def twice_in(runs: Iterable[RunRow]) -> set[str]:
    """Return the names that one run has in two files with two values.

    What a command line sets and a file repeats, as Hydra's does, is one value.
    """
    return {
        name
        for run in runs
        if not isinstance(run, UnreadableRun)
        for documents in (run[1].metrics, run[1].params)
        if len(documents) > 1
        for name in _in_two_files(documents)
    }


def _in_two_files(documents: Documents) -> set[str]:
    first: dict[str, Value] = {}
    twice = set()
    for values in documents.values():
        for name, value in flatten(values).items():
            if not same(first.setdefault(name, value), value):
                twice.add(name)
    return twice


def flattened(documents: Documents, twice: Collection[str]) -> dict[str, Value]:
    if len(documents) == 1 and not twice:
        return flatten(next(iter(documents.values())))
    return {
        (f"{file}:{name}" if name in twice else name): value
        for file, values in documents.items()
        for name, value in flatten(values).items()
    }
