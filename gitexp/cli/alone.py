"""Runs that a command begins and ends itself, by `gitexp.start()`: asked for as JSON.

A process of its own does it, so that a training has nothing of gitexp in it but what it logs with.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gitexp.cli.nested import outer_run, runs_elsewhere
from gitexp.cli.options import follow_up
from gitexp.cli.schedulers import job_of
from gitexp.errors import GitexpError
from gitexp.execution.alone import begin_alone
from gitexp.execution.command.child import Ended
from gitexp.execution.recover import record_alone, recover
from gitexp.execution.stages import Request
from gitexp.execution.start.attempts import note_of
from gitexp.execution.start.look import entry_of
from gitexp.execution.start.prepare import prepare
from gitexp.model.marks import LOG_DIR, marks_of
from gitexp.project import Project
from gitexp.store.processes import Place


def tell(text: str) -> None:
    """Print a note, where the notes of the command go as well."""
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Do what is asked on stdin, and answer on stdout."""
    asked = json.load(sys.stdin)
    try:
        answer = _begin(asked) if asked["do"] == "begin" else _end(asked)
    except GitexpError as error:
        answer = {"error": str(error), "hint": error.hint}
    sys.stdout.write(json.dumps(answer))


def _opened(began_in: Path) -> Project:
    """Open the project around this folder, as it is seen from where the command was started.

    There it can be started again; it may have gone into another folder since.
    """
    project = Project.open(Path())
    began_in = began_in.resolve()
    if not began_in.is_relative_to(project.root):
        return project
    repository = project.repository
    return Project(repository, project.folder, repository.relative(began_in))


def _from_there(words: Sequence[str], began_in: Path, project: Project) -> tuple[str, ...]:
    """Return the command with its files as they are seen from where the run is to have begun."""
    there = project.repository.top / project.directory
    if began_in.resolve() == there:
        return tuple(words)
    return tuple(
        os.path.relpath(began_in / word, there)
        if os.path.isfile(began_in / word) and not os.path.lexists(there / word)  # noqa: PTH113 - of any text
        else word
        for word in words
    )


def _begin(asked: Mapping[str, Any]) -> dict[str, Any]:
    with _opened(Path(asked["directory"])) as project:
        outer = outer_run(project, os.environ)
        if outer is not None:
            raise GitexpError(
                f"this is part of run '{outer.name}', which has nowhere to log to",
                hint="It was started by an older gitexp; start it again.",
            )
        recover(project, tell)
        request = Request(
            command=_from_there(asked["command"], Path(asked["directory"]), project),
            name=asked["name"],
            message=asked["message"],
            around=runs_elsewhere(project, os.environ),
            job=job_of(os.environ),
            alone=True,
        )
        plan = prepare(project, request)
        plan = replace(plan, argv=(sys.executable, *plan.argv[1:]))
        entry = replace(entry_of(project, plan), owner=Place.of(asked["pid"]))
        started = begin_alone(project, plan, entry, tell)
        if going_on := note_of(plan):
            tell(going_on)
        elif request.name not in (None, plan.name):
            tell(f"warning: the name '{request.name}' is taken: this run is '{plan.name}'")
        from gitexp.execution.record.surroundings import keep_named  # noqa: PLC0415 - 30 ms, not before it has begun

        keep_named(started)
        return {
            "id": plan.id,
            "name": plan.name,
            "place": str(project.root),
            "folder": str(started.logged),
            "environment": {
                LOG_DIR: str(started.logged),
                **marks_of(plan.id, request.around),
                "GITEXP_RUN_NAME": plan.name,
                "GITEXP_BASELINE": plan.baseline,
            },
        }


def _end(asked: Mapping[str, Any]) -> dict[str, Any]:
    began = datetime.fromtimestamp(asked["began"], timezone.utc)
    ended = Ended(
        *(asked["code"], asked["signal"], asked["reason"]),
        *(began, datetime.now(timezone.utc)),
        *(asked["cpu_seconds"], asked["peak_memory"]),
    )
    with Project.open(Path(asked["place"])) as project:
        recorded = record_alone(project, asked["id"], ended, tell)
        if recorded:
            follow_up(project, asked["id"])
        return {"recorded": recorded}
