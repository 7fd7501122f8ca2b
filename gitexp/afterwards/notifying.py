"""Tells of a run or a sweep whoever the user has named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.afterwards.improving import improved_by
from gitexp.afterwards.message import run_message, sweep_message
from gitexp.afterwards.sending import send
from gitexp.afterwards.state import Background, log
from gitexp.afterwards.wishes import read_wishes
from gitexp.errors import reason_of
from gitexp.project import Project


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
    told = None
    if run is not None:
        improved = improved_by(project, run, of_sweep=sweep is not None)
        told = run_message(run.record, run.oid, improved)
    return sweep_message(sweep, told) if sweep is not None else told
