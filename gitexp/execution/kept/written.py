"""What is written down while a run is under way, so that another process can record it."""

from __future__ import annotations

import contextlib
import json
import os
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from gitexp.data.pointers import Pointer
from gitexp.execution.command.child import Ended
from gitexp.execution.kept.scratch import (
    ENDED,
    ENVIRONMENT,
    FORMAT,
    OUTCOME,
    PLAN,
    STARTED,
    read_values,
    write_values,
)
from gitexp.execution.stages import Outcome, Plan, Reproduced, Request, Started
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.ignored import Ignored
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import clean_environment
from gitexp.model.values import dumps, loads
from gitexp.project import Project
from gitexp.revisions.roles import declared_at_start
from gitexp.store.own import RUNNING

if TYPE_CHECKING:
    from gitexp.execution.environment.packages import Environment
    from gitexp.model.override import Override

_ROOM = "ended.room"
"""A file of blanks, to be written over with the end of a command that has filled the disk."""
_ROOM_SIZE = 4096

_CHOICE = re.compile(
    "PATH|HOME|VIRTUAL_ENV|CONDA_(PREFIX|EXE)|UV_PROJECT_ENVIRONMENT"
    "|PYTHON(PATH|HOME|USERBASE|NOUSERSITE)|(PYENV|ASDF|MISE)_.*"
)
"""Variables that decide which Python, and which packages, a command finds."""


def keep_plan(scratch: Path, plan: Plan) -> None:
    """Write down what is going to be done, before any of it is done."""
    values = {
        "id": plan.id,
        "name": plan.name,
        "request": {**to_builtins(plan.request), "overrides": list(plan.request.overrides)},
        "command": plan.command,
        "argv": plan.argv,
        "baseline": plan.baseline,
        "edits": to_builtins(plan.edits),
    }
    write_values(scratch / PLAN, values, onto_disk=bool(plan.edits))


def read_plan(scratch: Path) -> Plan | None:
    """Return the plan of a run under way, or None if it was not written down whole."""
    values = read_values(scratch / PLAN)
    if values is None:
        return None
    request = values["request"]
    for name in ("command", "overrides"):
        request[name] = tuple(request[name])
    overrides: tuple[Override, ...] = ()
    if request["overrides"]:
        from gitexp.execution.overrides.grammar import parse_override  # noqa: PLC0415 - 20 ms

        overrides = tuple(parse_override(text) for text in request["overrides"])
    return Plan(
        id=values["id"],
        name=values["name"],
        request=Request(**request),
        command=tuple(values["command"]),
        argv=tuple(values["argv"]),
        baseline=values["baseline"],
        edits={name: b64decode(content) for name, content in values["edits"].items()},
        overrides=overrides,
    )


def keep_started(started: Started) -> None:
    """Write down what the command found, just before it starts."""
    snapshot = started.snapshot
    values = {
        "tree": snapshot.tree,
        "commit": started.commit,
        "signatures": snapshot.signatures,
        "ignored": to_builtins(started.ignored),
        "untracked": to_builtins(snapshot.untracked) | {"signatures": {}},
        "refused": snapshot.refused,
        "head": to_builtins(snapshot.head),
        "environment": {
            name: value for name, value in started.environment.items() if _CHOICE.fullmatch(name)
        },
        "params": json.loads(dumps(started.params)),
        "watched": to_builtins(started.watched),
    }
    (started.scratch / _ROOM).write_text(" " * _ROOM_SIZE)
    write_values(started.scratch / STARTED, values)


def read_started(
    project: Project, plan: Plan, scratch: Path, tell: Callable[[str], None]
) -> Started | None:
    """Return what the command found, or None if it never started."""
    values = read_values(scratch / STARTED)
    if values is None:
        return None
    untracked = _untracked(values["untracked"])
    index = PrivateIndex(project.repository, scratch / "snapshot.index")
    entries = index.entries()
    untracked_paths = {*untracked.taken, *untracked.nested}
    snapshot = Snapshot(
        index=index,
        entries=entries,
        tracked={path: one for path, one in entries.items() if path not in untracked_paths},
        signatures=_signatures(values["signatures"]),
        untracked=untracked,
        refused=tuple(values["refused"]),
        head=HeadState(**values["head"]),
        tree=values["tree"],
    )
    return Started(
        project=project,
        plan=plan,
        snapshot=snapshot,
        commit=values["commit"],
        declared=declared_at_start(project, entries),
        params=_documents(values["params"]),
        watched=tuple(_watched(one) for one in values["watched"]),
        ignored=Ignored(**{key: _signatures(one) for key, one in values["ignored"].items()}),
        environment=_environment(values["environment"]),
        scratch=scratch,
        tell=tell,
    )


def keep_environment(scratch: Path, environment: Environment) -> None:
    """Write down what the command's Python has installed: it may have changed by the end."""
    write_values(scratch / ENVIRONMENT, to_builtins(environment))


def read_kept_environment(scratch: Path) -> Environment | None:
    """Return what the command's Python had installed, or None if nobody looked."""
    values = read_values(scratch / ENVIRONMENT)
    if values is None:
        return None
    from gitexp.execution.environment.packages import Environment  # noqa: PLC0415 - not before the start

    return Environment(**{**values, "packages": tuple(values["packages"])})


def keep_ended(scratch: Path, ended: Ended) -> None:
    """Write down how the command ended, even if the disk is full: the room was taken before."""
    times = {"started": ended.started.isoformat(), "ended": ended.ended.isoformat()}
    values = {**to_builtins(ended), **times}
    try:
        write_values(scratch / ENDED, values)
    except OSError:
        with (scratch / _ROOM).open("r+", encoding="ascii") as file:
            json.dump({"format": FORMAT, **values}, file)  # the blanks after it are JSON as well
        os.replace(scratch / _ROOM, scratch / ENDED)  # noqa: PTH105 - says what it does


def keep_outcome(scratch: Path, outcome: Outcome) -> None:
    """Write down what the command wrote, before anything is made of it."""
    values = to_builtins(outcome) | {
        "existed": sorted(outcome.existed),
        "pointers": [one.pointer.path for one in outcome.pointers],
        "reproduced": {
            "deps": to_builtins(outcome.reproduced.deps),
            "outs": to_builtins(outcome.reproduced.outs),
            "confirmed": sorted(outcome.reproduced.confirmed),
        },
    }
    write_values(scratch / OUTCOME, values)


def read_outcome(started: Started) -> Outcome | None:
    """Return what a command wrote, or None if nobody looked before gitexp was cut off."""
    values = read_values(started.scratch / OUTCOME)
    if values is None:
        return None
    kept: dict[str, Any] = {
        name: tuple(found) if isinstance(found, list) else found for name, found in values.items()
    }
    confirmed = kept.pop("reproduced")
    reproduced = Reproduced(
        deps=tuple(Pointer(**one) for one in confirmed["deps"]),
        outs=tuple(Pointer(**one) for one in confirmed["outs"]),
        confirmed=frozenset(confirmed["confirmed"]),
    )
    data = set(kept.pop("pointers"))
    existed = frozenset(kept.pop("existed"))
    pointers = tuple(one for one in started.watched if one.pointer.path in data)
    return Outcome(**kept, existed=existed, pointers=pointers, reproduced=reproduced)


def read_ended(scratch: Path) -> Ended | None:
    """Return how the command ended, or None if nobody saw it."""
    values = read_values(scratch / ENDED)
    if values is None:
        return None
    times = {name: datetime.fromisoformat(values[name]) for name in ("started", "ended")}
    return Ended(**{**values, **times})


def _environment(kept: Mapping[str, str]) -> dict[str, str]:
    """Return our own environment with what decided about the Python of another process."""
    ours = {name: value for name, value in os.environ.items() if not _CHOICE.fullmatch(name)}
    return {**clean_environment(ours), **kept}


def _signatures(values: Mapping[str, list[int]]) -> dict[str, Any]:
    return {path: tuple(found) for path, found in values.items()}


def _untracked(values: Mapping[str, Any]) -> Untracked:
    kept: dict[str, Any] = {
        name: tuple(found) if isinstance(found, list) else found for name, found in values.items()
    }
    return Untracked(**kept)


def _watched(values: dict[str, Any]) -> WatchedPointer:
    pointer, content = Pointer(**values.pop("pointer")), b64decode(values.pop("content"))
    return WatchedPointer(**values, pointer=pointer, content=content)


def _documents(values: object) -> Any:
    return loads(json.dumps(values))


def put_onto_disk(started: Started) -> None:
    """Wait until the disk has what a power cut must not take: for while the command runs.

    What is not on the disk before that is lost with a command of a moment, which can be repeated.
    """
    repository, run_id = started.project.repository, started.plan.id
    paths = [started.scratch / PLAN, started.scratch / STARTED]
    paths += [started.scratch / "snapshot.index", repository.common_dir / f"{RUNNING}{run_id}"]
    for path in (*paths, *dict.fromkeys(path.parent for path in paths)):
        with contextlib.suppress(OSError):  # refs may lie elsewhere
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
