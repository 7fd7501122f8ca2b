"""How one metric moved over runs in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gitexp.comparison.diff import is_number
from gitexp.errors import GitexpError
from gitexp.model.numbers import difference
from gitexp.model.policy import Goal, Policy
from gitexp.model.record import Documents, RunRecord, parse_time
from gitexp.model.values import flatten

_LISTED = 5


@dataclass(frozen=True)
class Metric:
    """A metric by its flat name; in one file alone, where two files of a run have it."""

    name: str
    file: str | None = None

    def __str__(self) -> str:
        return self.name if self.file is None else f"{self.file}:{self.name}"

    def value(self, metrics: Documents) -> float | None:
        """Return the number that a run has under this name, if it has one."""
        for file, document in metrics.items():
            if self.file in (None, file):
                value = flatten(document).get(self.name)
                if is_number(value):
                    return value
        return None


@dataclass(frozen=True)
class Step:
    """One run with a value."""

    oid: str
    record: RunRecord
    value: float
    change: float | None
    """How far the metric moved since the run before."""
    best: float | None
    """The best up to here, where the policy says which direction is better."""
    improved: bool
    """Whether this run is better than all before it, by more than the tolerance."""


@dataclass(frozen=True)
class Trend:
    """The runs with a value, oldest first."""

    metric: Metric
    goal: Goal | None
    steps: tuple[Step, ...]
    without: int = 0
    """How many runs have no such value."""
    failed: int = 0
    """How many of those did not end well."""


def find_metric(text: str, runs: Iterable[RunRecord]) -> Metric:
    """Return the metric that a flat name means, whole or its last parts.

    Raises GitexpError where no run has one, or where several answer to it.
    """
    names: dict[str, None] = {}
    files: dict[str, set[str]] = {}
    twice: set[str] = set()
    for record in runs:
        seen: set[str] = set()
        for file, document in record.metrics.items():
            flat = flatten(document)
            twice |= seen & flat.keys()
            seen |= flat.keys()
            for name in flat:
                files.setdefault(name, set()).add(file)
        names.update(dict.fromkeys(seen))
    whole = {f"{file}:{name}": Metric(name, file) for name in twice for file in files[name]}
    whole |= {name: Metric(name) for name in names if name not in twice}
    return _only(text, whole)


def _only(text: str, known: Mapping[str, Metric]) -> Metric:
    if text in known:
        return known[text]
    found = [name for name in known if name.endswith((f".{text}", f":{text}"))]
    if len(found) == 1:
        return known[found[0]]
    if found:
        more = ", …" if len(found) > _LISTED else ""
        listed = ", ".join(sorted(found)[:_LISTED])
        raise GitexpError(f"'{text}' may be any of {listed}{more}", hint="Give the whole name.")
    import difflib  # noqa: PLC0415 - only on the way out

    close = difflib.get_close_matches(text, known, n=1)
    meant = f"Did you mean '{close[0]}'?" if close else f"Known are {_some(sorted(known))}."
    raise GitexpError(f"no run has a metric '{text}'", hint=meant if known else None)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def trend(metric: Metric, runs: Iterable[tuple[str, RunRecord]], policy: Policy) -> Trend:
    """Follow a metric over runs, given with the oids of their commits in any order."""
    in_time = sorted(runs, key=lambda run: parse_time(run[1].started))
    values = [(oid, record, metric.value(record.metrics)) for oid, record in in_time]
    rule = policy.rule(metric.name)
    missing = [record for _, record, value in values if value is None]
    return Trend(
        metric,
        rule.goal if rule is not None else None,
        tuple(_steps(metric, values, policy)),
        without=len(missing),
        failed=sum(record.status != "done" for record in missing),
    )


def _steps(
    metric: Metric, values: Iterable[tuple[str, RunRecord, float | None]], policy: Policy
) -> Iterator[Step]:
    """Yield the steps; what is within the tolerance of the last improvement is no other one."""
    before: float | None = None
    best: float | None = None
    last_improvement: float | None = None
    rule = policy.rule(metric.name)
    goal = rule.goal if rule is not None else None
    for oid, record, value in values:
        if value is None:
            continue
        improved = last_improvement is not None and (
            policy.mark(metric.name, last_improvement, value) == "better"
        )
        if last_improvement is None or improved:
            last_improvement = value
        best = _better(best, value, goal)
        change = None if before is None else difference(before, value)
        yield Step(oid, record, value, change, best, improved)
        before = value


def _better(best: float | None, value: float, goal: Goal | None) -> float | None:
    if goal is None or value != value:  # noqa: PLR0124 - NaN
        return best
    if best is None:
        return value
    return max(best, value) if goal == "max" else min(best, value)
