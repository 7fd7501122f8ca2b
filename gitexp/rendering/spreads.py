"""The metrics of several runs as one: means, deviations, and how far they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from gitexp.comparison.changes import ABSENT
from gitexp.model.policy import Policy
from gitexp.rendering.table import Column
from gitexp.review.statistics import Sample

Samples: TypeAlias = "Mapping[str, Sample]"
"""The metrics of one row by their names."""
SpreadCell: TypeAlias = "Callable[[Samples], object]"


def spread_columns(
    rows: Sequence[tuple[int, Samples]], policy: Policy, rank: int, *, reach: bool
) -> Iterator[tuple[Column, SpreadCell]]:
    """Yield columns for the metrics of rows, each of which says how many runs it is.

    With `reach` the smallest and the largest value stand beside a mean of several, unless they
    never differ. How many have a metric stands there if not all do.
    """
    metrics = policy.ordered(dict.fromkeys(name for _, one in rows for name in one))
    for at, name in enumerate(metrics):
        yield Column(name, "spread", rank=rank + at, limit=40), _mean(name)
        samples = [one[name] for _, one in rows if name in one]
        apart = any(len(one.values) > 1 and one.least != one.most for one in samples)
        for what, cell in (("min", _least(name)), ("max", _most(name))):
            if reach and apart:
                place = rank + len(metrics) + at
                yield Column(f"{name} {what}", "value", what, rank=place, limit=20), cell
        if reach and any(count != len(one[name].values) for count, one in rows if name in one):
            yield Column(f"{name} n", "value", "n", rank=rank + at), _count(name)


def _mean(name: str) -> SpreadCell:
    def cell(row: Samples) -> object:
        return ABSENT if name not in row else (row[name].mean, row[name].deviation)

    return cell


def _least(name: str) -> SpreadCell:
    return lambda row: row[name].least if name in row else ABSENT


def _most(name: str) -> SpreadCell:
    return lambda row: row[name].most if name in row else ABSENT


def _count(name: str) -> SpreadCell:
    return lambda row: len(row[name].values) if name in row else 0


def sample_data(sample: Sample, *, values: bool = True) -> dict[str, object]:
    """Return a sample for programs."""
    return {
        "mean": sample.mean,
        "standard_deviation": sample.deviation,
        "min": sample.least,
        "max": sample.most,
        "n": len(sample.values),
        **({"values": list(sample.values)} if values else {}),
    }


def sample_cells(name: str, sample: Sample) -> dict[str, object]:
    """Return the same by column of one flat table."""
    data = sample_data(sample, values=False)
    return {
        f"metrics.{name}.{what}": ABSENT if value is None else value for what, value in data.items()
    }
