"""Whether a run may be promoted: what the setting `promote` demands, held against the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gitexp.comparison.changes import ABSENT, Change
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.evaluation import PREFIX
from gitexp.model.facts import Facts
from gitexp.model.policy import Policy
from gitexp.model.promotion import Demands
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.registry.standing import lacks
from gitexp.review.judged import JudgedMetric
from gitexp.review.metric_rules import judged_metric_rules
from gitexp.store.stored_run import StoredRun

_SHOWN = 3


def metrics_of(run: StoredRun) -> dict[str, Value]:
    """Return the metrics of a run, those of its last evaluation on held-out data among them."""
    return {**run.facts.held_out, **flat_values(run.record.metrics)}


def refusals(
    project: Project, run: StoredRun, demands: Demands, holder: StoredRun | None
) -> Iterator[str]:
    """Yield why a run may not be promoted, as phrases.

    Metrics are compared with those of `holder`, the run whose version is to be replaced.
    """
    yield from lacks(project, run, demands.require)
    old = metrics_of(holder) if holder is not None else {}
    yield from _broken(old, metrics_of(run), demands.metrics)
    if holder is not None and _drop_is_limited(demands.metrics):
        yield from _on_other_data(run.facts, holder)
    read = run.record.extra.get("read_held_out")
    if isinstance(read, list) and read:
        paths = [one for one in read if isinstance(one, str)]
        yield f"its command could read {listed(paths)}, which is held out"
    if run.record.left_out:
        yield f"{listed(run.record.left_out)} could not be recorded with it"


def _broken(old: Mapping[str, Value], new: Mapping[str, Value], policy: Policy) -> Iterator[str]:
    """Yield each rule for metrics that is broken, in the words of a review."""
    names = policy.ordered(dict.fromkeys((*new, *old)))
    metrics = [
        JudgedMetric(Change("", name, old.get(name, ABSENT), new.get(name, ABSENT)), "changed")
        for name in names
    ]
    rules = judged_metric_rules(metrics, policy)
    yield from dict.fromkeys(rule.words for rule in rules if not rule.kept)


def _drop_is_limited(policy: Policy) -> bool:
    """Return whether a metric of evaluations is compared with that of the run before."""
    rules = (rule for name, rule in policy.rules if name.startswith(PREFIX))
    return any(rule.max_drop is not None or rule.max_relative_drop is not None for rule in rules)


def _on_other_data(new: Facts, holder: StoredRun) -> Iterator[str]:
    """Yield that two evaluations cannot be compared, if each was on data of its own."""
    old = holder.facts
    if new.evaluations and old.evaluations:
        on, before = (dict(one.evaluations[-1].held_out) for one in (new, old))
        if on != before:
            yield (
                f"it is evaluated on other held-out data than run '{holder.name}', whose place it"
                f" takes: `gitexp evaluate {holder.name}`"
            )


def listed(paths: Sequence[str]) -> str:
    """Return paths in words, the first few of them.

    >>> listed(["a", "b"]), listed(["a", "b", "c", "d"])
    ("'a', 'b'", "'a', 'b', 'c' and 1 more")
    """
    shown = ", ".join(f"'{path}'" for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"
