"""Tells of a run or a sweep whoever the user has named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.afterwards.message import Improved, run_message, sweep_message
from gitexp.afterwards.sending import send
from gitexp.afterwards.state import Background, log
from gitexp.afterwards.wishes import read_wishes
from gitexp.errors import GitexpError, reason_of
from gitexp.model.message import numbers_by_name
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.store.wanted import best_selection

_MOST = 20
"""Metrics with a goal that are looked at."""


def notify(root: Path, run_id: str | None, sweep: Mapping[str, Any] | None) -> None:
    """Send a message, if it is wanted of what has happened.

    What fails is said by the next gitexp.
    """
    with Project.open(root) as project:
        background = Background(project.repository).made()
        name = str(sweep["name"]) if sweep is not None else run_id or ""
        try:
            wishes = read_wishes(project.repository, log)
            message = _message(project, run_id, sweep)
            if message is None or wishes.notify is None:
                return
            if wishes.events.intersection(message["events"]):
                name = message["run"]["name"] if "run" in message else name
                send(wishes.notify, message)
        except Exception as error:  # noqa: BLE001 - a message is never in the way of a push
            log(f"no message of '{name}': {reason_of(error)}")
            background.notify_failed(name, reason_of(error))


def _message(
    project: Project, run_id: str | None, sweep: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    found = project.runs.index.named(run_id, None) if run_id is not None else []
    run = next((one for one in found if one.id == run_id and not one.problem), None)
    told = run_message(run.record, run.oid, improved_by(project, run)) if run is not None else None
    return sweep_message(sweep, told) if sweep is not None else told


def improved_by(project: Project, run: StoredRun) -> list[Improved]:
    """Return the metrics with a goal in which a run is better than all others, beyond tolerance."""
    if run.record.status != "done" or run.project != project.folder:
        return []
    policy = project.config.policy
    numbers = numbers_by_name(run.record.metrics)
    with_goal = [metric for metric in policy.ordered(numbers) if policy.has_goal(metric)]
    found = []
    for metric in with_goal[:_MOST]:
        other = _best_but(project, metric, run)
        before = numbers_by_name(other.record.metrics).get(metric) if other is not None else None
        if other is None or before is None:  # there is nothing to be better than
            continue
        if policy.mark(metric, before, numbers[metric]) == "better":
            found.append(Improved(metric, numbers[metric], before, other.name))
    return found


def _best_but(project: Project, metric: str, run: StoredRun) -> StoredRun | None:
    try:
        wanted = best_selection(project.runs, metric, limit=2)
    except GitexpError:  # of two files that have it, or none that the index knows
        return None
    best = project.runs.index.select(wanted)
    return next((one for one in best if one.id != run.id and not one.problem), None)
