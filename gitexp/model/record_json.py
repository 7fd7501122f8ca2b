"""The JSON form of a record, `.gitexp/run.json`; docs/reference/run-format.md describes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from msgspec import ValidationError, convert, to_builtins

from gitexp.errors import GitexpError
from gitexp.model.hypothesis import hypothesis_of
from gitexp.model.record import (
    DataPointer,
    Exit,
    Inputs,
    Job,
    Machine,
    Resources,
    RunRecord,
    Status,
    parse_time,
)
from gitexp.model.sweep_point import sweep_point_of
from gitexp.model.system import Usage
from gitexp.model.values import dumps, loads

FORMAT_VERSION = 1
"""Raised when an older gitexp could no longer read what is written."""

_HEAD = f'{{\n  "version": {FORMAT_VERSION},\n'.encode()
_PARTS = {
    "exit": Exit,
    "inputs": Inputs,
    "machine": Machine,
    "resources": Resources,
    "job": Job,
}
_PART_FIELDS: Mapping[type[Any], frozenset[str]] = {
    kind: frozenset(kind.__struct_fields__) for kind in (*_PARTS.values(), DataPointer, Usage)
}
_TEXTS = "id name status baseline started ended gitexp message project directory".split()
_LISTS = "command outputs changed_meanwhile overwritten left_out tags notes".split()
HASH = re.compile(r"[0-9A-Za-z]*(?:\.dir)?")
"""What may be the name of a file in a cache; a record may come from anybody."""
_NOT_WRITTEN = ("comments", "verified", "evaluations", "extra")
_SELDOM = (
    *("series", "figures", "system", "point", "machine"),
    *("read", "job", "notes", "hypothesis"),
)
"""Written only if there is something to say."""
FIELDS = tuple(name for name in RunRecord.__struct_fields__ if name not in _NOT_WRITTEN)


class UnreadableRecord(GitexpError):
    """A `run.json` is not a record, or is of a format that this gitexp does not know."""


def to_json(record: RunRecord) -> bytes:
    """Return the bytes of `run.json`; equal records give equal bytes."""
    values = to_builtins(record)
    *_, extra = (values.pop(name) for name in _NOT_WRITTEN)
    for name in _SELDOM:
        if not values[name]:
            del values[name]
    return f"{dumps({'version': FORMAT_VERSION, **values, **extra}, compact=False)}\n".encode()


def on_one_line(content: bytes) -> str | None:
    r"""Return a `run.json` that gitexp wrote on one line; None for what others wrote.

    A line never ends within a text: JSON has `\n` for that.
    """
    if not content.startswith(_HEAD):
        return None
    return b"".join(map(bytes.lstrip, content.split(b"\n"))).decode()


def from_json(content: bytes | str, *, checked: bool = False) -> RunRecord:
    """Read a record; unknown fields end in `extra`.

    `checked` says that it was read before, so that its fields are known to be of their kinds.
    Raises UnreadableRecord for anything but a record of a known version.
    """
    try:
        values = loads(content)
    except ValueError as error:
        raise UnreadableRecord(f"run.json is not valid JSON: {error}") from error
    if not isinstance(values, dict):
        raise UnreadableRecord("run.json is not a mapping")
    found = cast("dict[str, Any]", values)
    version = found.pop("version", None)
    if version != FORMAT_VERSION:
        writer = found.get("gitexp") or "a newer version"
        raise UnreadableRecord(f"needs gitexp ≥ {writer}", hint="Upgrade gitexp to read this run.")
    try:
        record = _record(found)
    except (TypeError, ValueError, AttributeError) as error:
        raise _no_record(error) from error
    if not checked:
        check_record(record)
    return record


def check_record(record: RunRecord) -> None:
    """Raise UnreadableRecord for a record that, once written, could not be read back."""
    try:
        _check(record)
    except (TypeError, ValueError, AttributeError) as error:
        raise _no_record(error) from error


def _no_record(error: Exception) -> UnreadableRecord:
    return UnreadableRecord(f"run.json is not a record: {error}")


def _record(values: dict[str, Any]) -> RunRecord:
    known: dict[str, Any] = {name: values.pop(name) for name in FIELDS if name in values}
    for name, kind in _PARTS.items():
        if name in known and (known[name] is not None or name not in _SELDOM):
            known[name] = _part(kind, known[name])
    for name in _READERS.keys() & known.keys():
        known[name] = _READERS[name](known[name])
    if "pointers" in known:
        known["pointers"] = tuple(_part(DataPointer, one) for one in known["pointers"])
    for name, value in known.items():
        if isinstance(value, list):
            known[name] = tuple(value)
    return RunRecord(**known, extra=values)


def _check(record: RunRecord) -> None:
    """Raise TypeError or ValueError for a field of the wrong kind."""
    for name in _TEXTS:
        if not isinstance(getattr(record, name), str):
            raise TypeError(f"'{name}' is not a text")
    for name in _LISTS:
        value = getattr(record, name)
        if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
            raise TypeError(f"'{name}' is not a list of texts")
    if any("\0" in word for word in record.command):
        raise ValueError("'command' holds a NUL, which no command can")
    _check_documents(record)
    _check_parts(record)
    if record.status not in get_args(Status):
        raise ValueError(f"unknown status '{record.status}'")
    parse_time(record.started)
    parse_time(record.ended)
    odd = [one.md5 for one in record.pointers if not HASH.fullmatch(one.md5)]
    if odd:
        raise ValueError(f"'{odd[0]}' is not a hash")


def _check_parts(record: RunRecord) -> None:
    if not isinstance(record.sweep, str | None):
        raise TypeError("'sweep' is not a text")
    _check_job(record.job)
    if not all(_is_usage(one) for one in record.system.values()):
        raise TypeError("'system' does not hold numbers")
    if record.machine is not None:
        _check_machine(record.machine)


def _is_usage(one: Usage) -> bool:
    return all(isinstance(value, int | float) for value in (one.mean, one.peak))


def _check_machine(machine: Machine) -> None:
    try:
        convert(to_builtins(machine), Machine)
    except ValidationError as error:
        raise ValueError(f"'machine' is not one: {error}") from error


def _check_documents(record: RunRecord) -> None:
    for name in ("params", "metrics"):
        value = getattr(record, name)
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise TypeError(f"'{name}' does not hold values by file")
    if not all(isinstance(one, dict) for one in dict(record.series).values()):
        raise TypeError("'series' does not hold summaries by key")
    if not all(isinstance(one, str) for one in dict(record.figures).values()):
        raise TypeError("'figures' does not hold files by name")
    if not all(isinstance(one, str) for one in dict(record.read).values()):
        raise TypeError("'read' does not hold ids by path")


def _check_job(job: Job | None) -> None:
    if job is None:
        return
    texts = (job.scheduler, job.id, job.earlier or "")
    if not all(isinstance(one, str) for one in texts) or not isinstance(job.attempt, int):
        raise TypeError("'job' is not the job of a scheduler")


def _usages(values: Mapping[str, Any]) -> dict[str, Usage]:
    return {name: _part(Usage, one) for name, one in values.items()}


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "hypothesis": hypothesis_of,
    "point": sweep_point_of,
    "system": _usages,
}


def _part(kind: type[Any], values: Mapping[str, Any]) -> Any:
    names = _PART_FIELDS[kind]
    known = (
        values
        if values.keys() <= names
        else {name: values[name] for name in values if name in names}
    )
    lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return kind(**{**known, **lists}) if lists else kind(**known)
