"""What the records in a file of W&B's say of a run, `run-ID.wandb`, gathered.

A run that was resumed has several files, one after the other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from gitexp.importing.foreign import Artifact
from gitexp.metrics.leveldb_log import records
from gitexp.metrics.protobuf import fields
from gitexp.metrics.wandb_file import (
    ARTIFACT,
    CONFIG,
    HISTORY,
    RUN,
    RUN_CONFIG,
    STARTED,
    SUMMARY,
    TAGS,
    artifact_in,
    measured,
    milliseconds,
)
from gitexp.metrics.wandb_summary import update
from gitexp.model.values import Value, flatten
from gitexp.series.series import Step

_EXIT, _USED, _MACHINE = 18, 25, 26
"""The numbers of a record's fields."""
_RUN_TEXTS = {
    1: "run",
    3: "project",
    6: "group",
    7: "job_type",
    8: "name",
    9: "notes",
    12: "sweep",
    13: "host",
}
_GIT, _COMMIT = 21, 2
_CODE, _RUNTIME = 1, 2
"""Those of an exit."""
_MACHINE_TEXTS = {
    1: "os",
    2: "python",
    6: "program",
    7: "code_path",
    11: "root",
    13: "user",
    12: "host",
}
_ARGS, _MACHINE_GIT = 5, 9
_OURS = "_"


class Told(Struct):
    """What the records have said so far."""

    texts: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    started: int = 0
    """Milliseconds."""
    runtime: int = 0
    code: int | None = None
    is_over: bool = False
    config: dict[str, Value] = field(default_factory=dict)
    measured: list[bytes] = field(default_factory=list)
    summaries: list[bytes] = field(default_factory=list)
    """Of these, what is no step."""
    points: dict[str, list[tuple[Step, float, float | None]]] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    first: float | None = None
    last: float | None = None
    """When the first and the last values were logged."""


def names_in(head: bytes) -> tuple[str, str, str] | None:
    """Return the project, the id and the name of a run, from the first records of its file."""
    for record in records(head):
        with contextlib.suppress(ValueError):
            for number, value in fields(record):
                if number == RUN and isinstance(value, bytes):
                    texts = _texts(value, _RUN_TEXTS)
                    return texts.get("project", ""), texts.get("run", ""), texts.get("name", "")
    return None


def told_by(contents: Iterable[bytes]) -> Told:
    """Return what a run's files say, up to a record that is cut off."""
    told = Told()
    for content in contents:
        told.is_over, told.code = False, None
        for record in records(content):
            with contextlib.suppress(ValueError, RecursionError):  # of a kind that nobody knows
                for number, value in fields(record):
                    if isinstance(value, bytes):
                        _take(told, number, value)
    return told


def _take(told: Told, number: int, value: bytes) -> None:
    if number == HISTORY:
        told.measured.append(value)
        _take_step(told, value)
    elif number == SUMMARY:
        told.measured.append(value)
        told.summaries.append(value)
    elif number == CONFIG:
        update(told.config, value)
    elif number == RUN:
        _take_run(told, value)
    elif number == _EXIT:
        numbers = {at: one for at, one in fields(value) if isinstance(one, int)}
        told.is_over, told.code = True, _signed(numbers.get(_CODE, 0))
        told.runtime = max(told.runtime, numbers.get(_RUNTIME, 0))
    elif number == _MACHINE:
        told.texts |= _texts(value, _MACHINE_TEXTS)
        told.args += [one.decode(errors="replace") for at, one in _inner(value) if at == _ARGS]
        _take_commit(told, value, _MACHINE_GIT)
    elif number in (ARTIFACT, _USED):
        _take_artifact(told, value, is_used=number == _USED)


def _signed(number: int) -> int:
    """Return an `int32`, which protobuf writes as a large number if it is below 0."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _inner(message: bytes) -> Iterator[tuple[int, bytes]]:
    return ((at, one) for at, one in fields(message) if isinstance(one, bytes))


def _texts(message: bytes, names: Mapping[int, str]) -> dict[str, str]:
    return {names[at]: one.decode(errors="replace") for at, one in _inner(message) if at in names}


def _take_run(told: Told, message: bytes) -> None:
    told.texts |= _texts(message, _RUN_TEXTS)
    found = [*_inner(message)]
    told.tags = [one.decode(errors="replace") for at, one in found if at == TAGS] or told.tags
    for at, one in found:
        if at == RUN_CONFIG:
            update(told.config, one)
        elif at == STARTED:
            began = milliseconds(one)
            told.started = min(began, told.started) if told.started else began
    _take_commit(told, message, _GIT)


def _take_commit(told: Told, message: bytes, number: int) -> None:
    for at, git in _inner(message):
        if at == number:
            told.texts |= _texts(git, {_COMMIT: "commit"})


def _take_artifact(told: Told, message: bytes, *, is_used: bool) -> None:
    if is_used:
        texts = _texts(message, {2: "kind", 3: "name"})
        name, kind = texts.get("name", ""), texts.get("kind", "")
        told.artifacts[f"used {name}"] = Artifact(name, kind=f"used {kind}".strip())
        return
    kind, one = artifact_in(message)
    if not one.name.startswith(("run-", "job-")) or kind == "model":  # W&B's own, of each run
        md5 = f"md5:{one.md5}" if one.md5 else f"wandb:{one.id}" if one.id else ""
        told.artifacts[one.name] = Artifact(one.name, one.place, hash=md5, kind=kind)


def _take_step(told: Told, message: bytes) -> None:
    values: dict[str, Any] = {}
    update(values, message)
    step, time = values.get("_step"), values.get("_timestamp")
    moment = float(time) if isinstance(time, int | float) else None
    if moment is not None:
        told.first = moment if told.first is None else min(told.first, moment)
        told.last = moment if told.last is None else max(told.last, moment)
    if not isinstance(step, int | float):
        return
    for key, value in flatten(measured(without_own(values))).items():
        if isinstance(value, int | float):
            told.points.setdefault(key, []).append((step, float(value), moment))


def without_own(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was logged without what W&B has put beside it."""
    return {key: one for key, one in values.items() if not key.startswith(_OURS)}
