"""In which metrics a run is better than all others, ranked as `gitexp best` ranks them."""

from __future__ import annotations

from msgspec.structs import replace

from gitexp.afterwards.message import Improved
from gitexp.errors import GitexpError
from gitexp.inputs.alike import may_repeat
from gitexp.inputs.groups import Groups, Places
from gitexp.model.message import numbers_by_name
from gitexp.model.policy import Policy
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.stored_run import StoredRun
from gitexp.store.wanted import best_selection

_MOST = 20
"""Metrics with a goal that are looked at."""


def improved_by(project: Project, run: StoredRun, *, of_sweep: bool) -> list[Improved]:
    """Return the metrics with a goal in which a run is better than all others, beyond tolerance.

    A run with repeats counts as they do together, and is news if they were not the best without
    it; one of a sweep, whose runs are told of at its end alone, is news anyway.
    """
    if run.record.status != "done" or run.project != project.folder:
        return []
    policy = project.config.policy
    numbers = numbers_by_name(run.record.metrics)
    with_goal = [metric for metric in policy.ordered(numbers) if policy.has_goal(metric)]
    found = []
    for metric in with_goal[:_MOST]:
        try:
            wanted = best_selection(project.runs, metric)
        except GitexpError:  # of two files that have it, or none that the index knows
            continue
        if may_repeat(project, wanted):
            better = _by_means(project, metric, run, wanted, of_sweep=of_sweep)
        else:
            better = _alone(project, metric, run, wanted)
        found += [better] if better is not None else []
    return found


def _alone(project: Project, metric: str, run: StoredRun, wanted: Selection) -> Improved | None:
    best = project.runs.index.select(replace(wanted, limit=2))
    other = next((one for one in best if one.id != run.id and not one.problem), None)
    before = numbers_by_name(other.record.metrics).get(metric) if other is not None else None
    if other is None or before is None:  # there is nothing to be better than
        return None
    value = numbers_by_name(run.record.metrics)[metric]
    is_better = project.config.policy.mark(metric, before, value) == "better"
    return Improved(metric, value, before, other.name) if is_better else None


def _by_means(
    project: Project, metric: str, run: StoredRun, wanted: Selection, *, of_sweep: bool
) -> Improved | None:
    groups = Groups(project)
    places = groups.places(wanted)
    own = next((one for one in places if any(run.id == each.id for each in one.members)), None)
    other = next((one for one in places if one is not own), None)
    if own is None or other is None or own.sample is None or other.sample is None:
        return None
    policy, before = project.config.policy, other.sample.mean
    if not _is_better(policy, metric, own, before):
        return None
    rest = Places(tuple(one for one in own.members if one.id != run.id))
    if not of_sweep and _is_better(policy, metric, rest, before):
        return None
    name = next((group.name for group in groups.read([other])), "")
    return Improved(metric, own.sample.mean, before, name, len(own.sample.values))


def _is_better(policy: Policy, metric: str, place: Places, before: float) -> bool:
    found = place.sample if place.members else None
    return found is not None and policy.mark(metric, before, found.mean) == "better"
