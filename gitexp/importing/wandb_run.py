"""What the file of a run of W&B's says, `run-ID.wandb`, as a run of ours.

A run that was resumed has several files, one after the other.
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from gitexp.importing.foreign import Artifact, ForeignRun
from gitexp.metrics.leveldb_log import records
from gitexp.metrics.protobuf import fields
from gitexp.metrics.wandb_file import OWN_CONFIG, artifact_in, measured, milliseconds
from gitexp.metrics.wandb_summary import summary_of, update
from gitexp.model.values import Value, flatten
from gitexp.series.series import Series, Step, series_of_points

_HISTORY, _SUMMARY, _CONFIG, _ARTIFACT, _RUN, _EXIT, _USED, _MACHINE = 2, 3, 5, 8, 17, 18, 25, 26
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
_RUN_CONFIG, _TAGS, _STARTED, _GIT, _COMMIT = 4, 10, 17, 21, 2
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
_OURS, _TYPE = "_", "_type"
_SHOWN = 3


class _Known(Struct):
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
    told: list[bytes] = field(default_factory=list)
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
                if number == _RUN and isinstance(value, bytes):
                    texts = _texts(value, _RUN_TEXTS)
                    return texts.get("project", ""), texts.get("run", ""), texts.get("name", "")
    return None


def read_files(contents: Iterable[bytes]) -> ForeignRun:
    """Return a run, up to a record that is cut off."""
    known = _Known()
    for content in contents:
        known.is_over, known.code = False, None
        for record in records(content):
            with contextlib.suppress(ValueError, RecursionError):  # of a kind that nobody knows
                for number, value in fields(record):
                    if isinstance(value, bytes):
                        _take(known, number, value)
    return _mapped(known)


def _take(known: _Known, number: int, value: bytes) -> None:
    if number == _HISTORY:
        known.measured.append(value)
        _take_step(known, value)
    elif number == _SUMMARY:
        known.measured.append(value)
        known.told.append(value)
    elif number == _CONFIG:
        update(known.config, value)
    elif number == _RUN:
        _take_run(known, value)
    elif number == _EXIT:
        numbers = {at: one for at, one in fields(value) if isinstance(one, int)}
        known.is_over, known.code = True, _signed(numbers.get(_CODE, 0))
        known.runtime = max(known.runtime, numbers.get(_RUNTIME, 0))
    elif number == _MACHINE:
        known.texts |= _texts(value, _MACHINE_TEXTS)
        known.args += [one.decode(errors="replace") for at, one in _inner(value) if at == _ARGS]
        _take_commit(known, value, _MACHINE_GIT)
    elif number in (_ARTIFACT, _USED):
        _take_artifact(known, value, is_used=number == _USED)


def _signed(number: int) -> int:
    """Return an `int32`, which protobuf writes as a large number if it is below 0."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _inner(message: bytes) -> Iterator[tuple[int, bytes]]:
    return ((at, one) for at, one in fields(message) if isinstance(one, bytes))


def _texts(message: bytes, names: Mapping[int, str]) -> dict[str, str]:
    return {names[at]: one.decode(errors="replace") for at, one in _inner(message) if at in names}


def _take_run(known: _Known, message: bytes) -> None:
    known.texts |= _texts(message, _RUN_TEXTS)
    found = [*_inner(message)]
    known.tags = [one.decode(errors="replace") for at, one in found if at == _TAGS] or known.tags
    for at, one in found:
        if at == _RUN_CONFIG:
            update(known.config, one)
        elif at == _STARTED:
            began = milliseconds(one)
            known.started = min(began, known.started) if known.started else began
    _take_commit(known, message, _GIT)


def _take_commit(known: _Known, message: bytes, number: int) -> None:
    for at, git in _inner(message):
        if at == number:
            known.texts |= _texts(git, {_COMMIT: "commit"})


def _take_artifact(known: _Known, message: bytes, *, is_used: bool) -> None:
    if is_used:
        texts = _texts(message, {2: "kind", 3: "name"})
        name, kind = texts.get("name", ""), texts.get("kind", "")
        known.artifacts[f"used {name}"] = Artifact(name, kind=f"used {kind}".strip())
        return
    kind, one = artifact_in(message)
    if not one.name.startswith(("run-", "job-")) or kind == "model":  # W&B's own, of each run
        md5 = f"md5:{one.md5}" if one.md5 else f"wandb:{one.id}" if one.id else ""
        known.artifacts[one.name] = Artifact(one.name, one.place, hash=md5, kind=kind)


def _take_step(known: _Known, message: bytes) -> None:
    values: dict[str, Any] = {}
    update(values, message)
    step, time = values.get("_step"), values.get("_timestamp")
    moment = float(time) if isinstance(time, int | float) else None
    if moment is not None:
        known.first = moment if known.first is None else min(known.first, moment)
        known.last = moment if known.last is None else max(known.last, moment)
    if not isinstance(step, int | float):
        return
    for key, value in flatten(measured(_without_own(values))).items():
        if isinstance(value, int | float):
            known.points.setdefault(key, []).append((step, float(value), moment))


def _without_own(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in values.items() if not key.startswith(_OURS)}


def _mapped(known: _Known) -> ForeignRun:
    texts, started = known.texts, known.started / 1000 if known.started else known.first
    summary = _without_own(summary_of(known.measured, known.told))
    metrics, others = _plain(summary)
    ended = max((one for one in (known.last, started) if one is not None), default=None)
    if started is not None and known.runtime and known.is_over:
        ended = max(ended or 0.0, started + known.runtime)
    labels = {name: texts[name] for name in ("group", "job_type", "sweep") if texts.get(name)}
    return ForeignRun(
        name=texts.get("name", ""),
        end="running" if not known.is_over else "failed" if known.code else "done",
        exit_code=known.code,
        started=started,
        ended=ended,
        command=_command(known),
        commit=texts.get("commit") or None,
        message=texts.get("notes", ""),
        tags=tuple(known.tags),
        user=texts.get("user") or None,
        host=texts.get("host") or None,
        python=texts.get("python", "").rpartition(" ")[2] or None,
        platform=texts.get("os") or None,
        params={key: one for key, one in known.config.items() if key != OWN_CONFIG},
        metrics=metrics,
        curves=[*_curves(known)],
        group=texts.get("project", ""),
        labels=labels,
        artifacts=[*known.artifacts.values()],
        problems=_left(others),
    )


def _plain(summary: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Value], list[str]]:
    """Return what a summary has of numbers and texts, and the names of all else."""
    found: dict[str, Value] = dict(measured(summary))
    others: list[str] = []
    for key, value in summary.items():
        if isinstance(value, dict) and _TYPE not in value:
            inner, more = _plain(value, f"{prefix}{key}.")
            found |= {key: inner} if inner else {}
            others += more
        elif isinstance(value, str) and key not in found:
            found[key] = value
        elif key not in found and value is not None:
            others.append(f"{prefix}{key}")
    return {key: found[key] for key in summary if key in found}, others


def _left(others: list[str]) -> tuple[str, ...]:
    if not others:
        return ()
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return (f"pictures, tables and lists stay with W&B: {', '.join(others[:_SHOWN])}{more}",)


def _command(known: _Known) -> tuple[str, ...]:
    """Return the words of the command: W&B keeps the program and what followed it."""
    program = known.texts.get("code_path") or known.texts.get("program", "")
    root = known.texts.get("root", "")
    if not program or program == "<python with no main file>":
        return ()
    if program.startswith("-m "):
        return ("python", *program.split(" ", 1), *known.args)
    if posixpath.isabs(program):
        program = posixpath.normpath(program)
        inside = posixpath.relpath(program, root) if posixpath.isabs(root) else program
        program = program if inside.startswith("../") else inside
    return ("python", program, *known.args)


def _curves(known: _Known) -> Iterator[Series]:
    for key, points in known.points.items():
        if len(points) == 1 and points[0][0] == 0:
            continue
        began = known.first or 0.0
        some = (
            (step, value, None if time is None else max(0.0, time - began))
            for step, value, time in points
        )
        curve = series_of_points(key, some)
        if curve is not None:
            yield curve
