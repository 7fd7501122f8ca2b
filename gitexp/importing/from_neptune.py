"""Runs of Neptune, whose service was closed: the folders that `neptune-exporter` has written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from gitexp.errors import GitexpError
from gitexp.importing.foreign import Artifact, ForeignRun, Found, NoStore, Unreadable
from gitexp.importing.neptune_parts import (
    FIRST,
    MODEL_DATA,
    TMP,
    Parts,
    Row,
    firsts_in,
    models_in,
    require_parquet,
)
from gitexp.importing.points import Point, curves_and_last
from gitexp.importing.store_files import (
    as_errors,
    folders,
    is_folder,
    nested,
    place_of,
    plain_value,
    size_inside,
)
from gitexp.model.numbers import counted
from gitexp.model.text import harmless
from gitexp.model.values import Value, is_number

_HINT = "Name the folder that has `data` in it, or what `--data-path` of `neptune-exporter` was."
_SHOWN = 3
_COLUMNS = {
    "float": "float_value",
    "int": "int_value",
    "string": "string_value",
    "bool": "bool_value",
    "datetime": "datetime_value",
    "string_set": "string_set_value",
}
_FILES = ("file", "file_series", "file_set", "artifact")
_OURS = "sys/"
"""How the attributes begin that Neptune sets itself."""
_CREATED = "sys/creation_time"
_MAPPED = frozenset(
    {"name", "tags", "group_tags", "description", "owner", "hostname", "failed", "forking/parent"}
)
_UNTITLED = "Untitled"
"""What Neptune 2 calls a run that has no name."""


class _Told(Struct):
    """What the rows of a run say, as they come."""

    values: dict[str, Value] = field(default_factory=dict)
    """Single values by path; moments are RFC 3339."""
    points: dict[str, list[Point]] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, dict[str, None]] = field(default_factory=dict)
    """Paths of what has no place here, by their type."""
    began: float | None = None


def found(
    place: str, here: Path, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Found | Unreadable]:
    """Return the runs of an export, project by project; raises NoStore if it has none.

    Models of its registry, which are no runs, are told. Raises GitexpError where pyarrow, which
    reads it, is not installed.
    """
    with as_errors():
        top = place_of(place, here, _HINT)
        data = top / "data" if is_folder(top, "data") else top
        firsts = [file for project in (data, *folders(data)) for file in firsts_in(project)]
        models = [name for one in (data, top / MODEL_DATA) for name in models_in(one)]
    if models:
        few = ", ".join(models[:_SHOWN]) + (" …" if len(models) > _SHOWN else "")
        whole = counted(len(models), "model of its registry stays", "models of its registry stay")
        tell(f"note: {whole} in the export: {harmless(few)}")
    if not firsts:
        raise NoStore(f"there is no run of Neptune's in '{place}'", _HINT)
    require_parquet()
    return _found(firsts, data.parent / "files")


def _found(firsts: list[Path], files: Path) -> Iterator[Found | Unreadable]:
    for first in firsts:
        label = first.name.partition(FIRST)[0]
        parts = Parts(first)
        if first.suffix == TMP:
            yield Unreadable(label, "its export was cut off: export it again")
            continue
        try:
            with as_errors():
                project, run = parts.identity()
        except GitexpError as error:
            yield Unreadable(label, str(error))
        else:
            place = files / first.parent.name
            yield Found(f"{project}/{run}", run, partial(_read, parts, project, run, place))


def _read(parts: Parts, project: str, run: str, files: Path) -> ForeignRun:
    told = _Told()
    with as_errors():
        for row in parts.rows():
            _take(told, row)
        artifacts = tuple(_artifact(path, some, files) for path, some in told.files.items())
    own = {one.removeprefix(_OURS): told.values.pop(one) for one in _starting(told.values)}
    curves, metrics = curves_and_last(told.points)
    parent = _text(own, "forking/parent")
    return ForeignRun(
        name=_name(own, run),
        end="failed" if own.get("failed") is True else "done",
        started=told.began,
        ended=_ended(own, told),
        message=_text(own, "description"),
        tags=tuple(dict.fromkeys((*_texts(own, "tags"), *_texts(own, "group_tags")))),
        user=_text(own, "owner") or None,
        host=_text(own, "hostname") or None,
        params=nested(told.values),
        metrics=metrics,
        curves=curves,
        group=project,
        parent=f"{project}/{parent}" if parent else "",
        artifacts=artifacts,
        extra={name: one for name, one in own.items() if name not in _MAPPED},
        problems=tuple(_problems(told)),
    )


def _starting(values: Mapping[str, Value]) -> list[str]:
    return [one for one in values if one.startswith(_OURS)]


def _take(told: _Told, row: Row) -> None:
    """Take what a row says; single values that are null are those of other runs."""
    path, kind = str(row["attribute_path"]), str(row["attribute_type"])
    if kind == "float_series":
        value = row.get("float_value")  # null is what the exporter makes of NaN
        point = (
            _number(row["step"]),
            math.nan if value is None else value,
            _seconds(row["timestamp"]),
        )
        told.points.setdefault(path, []).append(point)
    elif kind in _FILES:
        place = (row.get("file_value") or {}).get("path")
        if place is not None:
            told.files.setdefault(path, []).append(str(place))
    elif kind in _COLUMNS:
        value = row.get(_COLUMNS[kind])
        if path == _CREATED:
            told.began = _seconds(value)
        elif value is not None:
            told.values[path] = plain_value(value)
    else:
        told.others.setdefault(kind, {})[path] = None


def _number(step: Decimal | None) -> int | float:
    if step is None:
        return 0
    return int(step) if step == int(step) else float(step)


def _seconds(moment: object) -> float | None:
    return moment.timestamp() if isinstance(moment, datetime) else None


def _ended(own: Mapping[str, Value], told: _Told) -> float | None:
    took = own.get("running_time")
    if told.began is not None and is_number(took):
        return told.began + took
    moments = (at for some in told.points.values() for _, _, at in some if at is not None)
    return max(moments, default=None)


def _name(own: Mapping[str, Value], run: str) -> str:
    name = _text(own, "name")
    return run if name in ("", _UNTITLED) else name


def _text(own: Mapping[str, Value], name: str) -> str:
    value = own.get(name)
    return value if isinstance(value, str) else ""


def _texts(own: Mapping[str, Value], name: str) -> list[str]:
    value = own.get(name)
    return sorted(map(str, value)) if isinstance(value, list) else []


def _artifact(path: str, places: list[str], files: Path) -> Artifact:
    """Return what refers to a file, or to the folder of a series of files; none is opened."""
    if len(places) > 1:
        return Artifact(path, str(PurePosixPath(places[0]).parent), kind="series of files")
    return Artifact(path, places[0], size_inside(files, places[0]))


def _problems(told: _Told) -> Iterator[str]:
    for kind, paths in told.others.items():
        yield f"attributes of type '{kind}' stay in the export: {', '.join(paths)}"
