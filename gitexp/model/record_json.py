"""The JSON form of a record, `.gitexp/run.json`; docs/reference/run-format.md describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from msgspec import to_builtins

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
)
from gitexp.model.record_check import check
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
_NOT_WRITTEN = ("comments", "verified", "evaluations", "extra")
_SELDOM = (
    *("series", "figures", "artifacts", "system", "point", "machine"),
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
    if not content:  # a record is never empty: so what cannot be read is kept
        raise UnreadableRecord("git cannot read its run.json", "`git fsck --full` says more.")
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
        check(record)
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
