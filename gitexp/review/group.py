"""Runs that repeat one another, as one: means, spreads, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from gitexp.comparison.query.run_values import flat_values
from gitexp.model.made_by import BISECTED
from gitexp.model.record import Documents, RunRecord
from gitexp.model.values import Value, is_number
from gitexp.review.statistics import Comparison, Sample, compare, sample


class Repeat(Struct, frozen=True):
    """One run of a group."""

    oid: str
    id: str
    name: str
    status: str


class Group(Struct, frozen=True):
    """Runs that differ in nothing but their seed; a run without repeats is one by itself."""

    runs: tuple[Repeat, ...]
    """Those that ended well, the oldest first, bisect's last; then the others."""
    record: RunRecord
    """That of the first one."""
    metrics: Mapping[str, Sample]
    """By flat name, over the runs that ended well."""
    params: Mapping[str, Value]
    """What they have in common: all but the seeds."""
    duration: float
    """The mean, in seconds."""

    @property
    def name(self) -> str:
        """What it is called: the first of its runs."""
        return self.runs[0].name

    @property
    def count(self) -> int:
        """How many of its runs ended well."""
        return sum(one.status == "done" for one in self.runs)

    @property
    def failed(self) -> int:
        """How many did not."""
        return len(self.runs) - self.count


def group_of(runs: Iterable[tuple[str, RunRecord]], is_seed: Callable[[str], bool]) -> Group:
    """Return runs as a group: oids and records, in any order."""
    found = sorted(runs, key=_precedence)
    first = found[0][1]
    counted = [record for _, record in found if record.status == "done"] or [first]
    return Group(
        runs=tuple(Repeat(oid, record.id, record.name, record.status) for oid, record in found),
        record=first,
        metrics=samples_of({**record.metrics, "": record.held_out} for record in counted),
        params={
            name: value for name, value in flat_values(first.params).items() if not is_seed(name)
        },
        duration=sum(record.duration for record in counted) / len(counted),
    )


def _precedence(run: tuple[str, RunRecord]) -> tuple[bool, bool, str, str]:
    """Return what says which run stands for a group: the first that is done and a person's."""
    _, record = run
    return record.status != "done", BISECTED in record.tags, record.started, record.id


def samples_of(metrics: Iterable[Mapping[str, Mapping[str, Value]]]) -> dict[str, Sample]:
    """Return the numbers of several runs by flat name.

    >>> samples_of([{"m.json": {"loss": 1}}, {"m.json": {"loss": 3, "note": "a"}}])["loss"].mean
    2.0
    """
    numbers: dict[str, list[float]] = {}
    for documents in metrics:
        for name, value in flat_values(_there(documents)).items():
            if is_number(value):
                numbers.setdefault(name, []).append(value)
    return {name: sample(values) for name, values in numbers.items()}


def _there(documents: Mapping[str, Mapping[str, Value]]) -> Documents:
    return {file: dict(values) for file, values in documents.items() if values}


def noise_between(
    samples: Sequence[Sample | None], *, exact_p: bool = True
) -> list[Comparison | None]:
    """Hold each sample against the one before it; None where there is nothing to test."""
    found: list[Comparison | None] = [None]
    for before, after in pairwise(samples):
        known = None
        if before is not None and after is not None:
            known = compare(before.values, after.values, exact_p=exact_p)
        found.append(known if known is not None and known.test else None)
    return found
