"""The runs in a folder of MLflow's, one after the other."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.importing.foreign import Artifact, ForeignRun, Found, Unreadable
from gitexp.importing.mlflow_run import ID_TAG, Point, Raw, mapped, without_user
from gitexp.metrics.logged import LoggedModel
from gitexp.metrics.mlflow_database import models_before_3
from gitexp.metrics.mlflow_files import (
    MOST_FILES,
    folders_in,
    meta_of,
    named_files,
    read_end,
    texts_in,
)
from gitexp.model.values import Value

_META = "meta.yaml"
_LARGEST = 200_000_000
"""Bytes of a metric's file that are read: ten million values."""
_DELETED = re.compile(rb"^lifecycle_stage: *deleted *$", re.MULTILINE)
_CALLED = re.compile(rb"^run_name: *([^'\"\s].*?) *$", re.MULTILINE)
_STARTED = re.compile(rb"^start_time: *(\d{1,18}) *$", re.MULTILINE)
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
_Models = dict[str, list[LoggedModel]]
_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def is_store(folder: Path) -> bool:
    """Return whether there is an experiment in a folder."""
    return any((one / _META).is_file() for one in folders_in(folder))


def found_in_folder(root: Path) -> Iterator[Found | Unreadable]:
    """Yield the runs that are not deleted; of each experiment the oldest first.

    Links are not followed. What is half written is left out.
    """
    for experiment in folders_in(root):
        known = meta_of(experiment) if _NAME.fullmatch(experiment.name) else None
        if known is None:
            continue
        group = str(known.get("name", ""))
        started: list[tuple[int, str, Path]] = []
        for folder in folders_in(experiment):
            meta = read_end(folder / _META, 100_000)
            if meta is not None and not _DELETED.search(meta):
                began, called = _STARTED.search(meta), _CALLED.search(meta)
                label = called[1].decode(errors="replace") if called else folder.name[:8]
                started.append((int(began[1]) if began else 0, label, folder))
        models = cache(partial(_models, experiment / "models"))
        for _, label, folder in sorted(started):
            is_plain = not (folder / "tags").is_symlink()
            tag = (read_end(folder / "tags" / ID_TAG, 100) if is_plain else None) or b""
            read = partial(_read, folder, group, models)
            yield Found(folder.name, label, read, tag.decode(errors="replace").strip())


def _read(folder: Path, group: str, models: Callable[[], _Models]) -> ForeignRun:
    meta = meta_of(folder)
    if meta is None or meta.get("run_id", meta.get("run_uuid")) is None:
        raise GitexpError("its `meta.yaml` cannot be read")
    tags = texts_in(folder / "tags")
    place = str(meta.get("artifact_uri") or "")
    problems: list[str] = []
    files = named_files(folder / "metrics")
    some = files[:MOST_FILES]
    points = {name: told for name, file in some if (told := _points(name, file, problems))}
    if len(files) > MOST_FILES:
        problems.append(f"it has more metrics than {MOST_FILES:,}: the others stay there")
    status = meta.get("status")
    run = mapped(
        Raw(
            key=folder.name,
            name=str(meta.get("run_name") or ""),
            status=_STATUS.get(status, "") if isinstance(status, int) else str(status),
            started=_whole(meta.get("start_time")),
            ended=_whole(meta.get("end_time")),
            group=group,
            place=place,
            user=str(meta.get("user_id") or ""),
            params=texts_in(folder / "params"),
            tags=tags,
            metrics={name: _last(some) for name, some in points.items()},
            points=points,
            models=models().get(folder.name) or [*models_before_3(tags, place)],
            data=[*_data(folder)],
        )
    )
    return replace(run, problems=tuple(problems))


def _whole(value: Value | None) -> int | None:
    return value if isinstance(value, int) else None


def _points(name: str, file: Path, problems: list[str]) -> list[Point]:
    """Return the lines that are whole: `TIME VALUE STEP`."""
    content = read_end(file, _LARGEST + 1) or b""
    if len(content) > _LARGEST:
        content = content.partition(b"\n")[2]  # half a line would be a point at another time
        problems.append(f"'{name}' has so many values that only the last of them have come")
    found: list[Point] = []
    for line in content.decode(errors="replace").split("\n")[:-1]:
        words = line.split(" ")
        with contextlib.suppress(ValueError, IndexError):
            number = math.nan if words[1].lower() == "nan" else float(words[1])
            found.append((int(words[2]) if words[2:] else 0, int(words[0]), number))
    return found


def _last(points: list[Point]) -> float:
    """Return the value that MLflow calls the latest."""
    return max(points, key=lambda one: (one[0], one[1], one[2]))[2]


def _models(folder: Path) -> _Models:
    """Return what MLflow from 3 on logs beside the runs, by run."""
    found: _Models = {}
    for one in folders_in(folder):
        meta = meta_of(one) or {}
        place = str(meta.get("artifact_location", ""))
        model = LoggedModel(str(meta.get("name", "")), place, id=one.name)
        found.setdefault(str(meta.get("source_run_id")), []).append(model)
    return found


def _data(folder: Path) -> Iterator[Artifact]:
    """Yield the data sets that the run names as its inputs."""
    known_data = folder.parent / "datasets"
    for one in () if known_data.is_symlink() else folders_in(folder / "inputs"):
        meta = meta_of(one) or {}
        if meta.get("source_type") != "DATASET":
            continue
        data = str(meta.get("source_id", "")).replace("/", "_")
        known = None if (known_data / data).is_symlink() else meta_of(known_data / data)
        if known is not None:
            yield Artifact(
                str(known.get("name", "")),
                without_user(str(known.get("source", ""))),
                hash=str(known.get("digest", "")),
                kind="dataset",
            )
