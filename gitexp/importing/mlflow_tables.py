"""The runs in a database of MLflow's, one after the other."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.importing.foreign import Artifact, ForeignRun, Found, NoStore, Unreadable
from gitexp.importing.mlflow_run import Point, Raw, mapped, without_user
from gitexp.metrics.databases import TABLES, opened_file
from gitexp.metrics.logged import LoggedModel
from gitexp.metrics.mlflow_database import models_before_3
from gitexp.model.values import is_number

_NEEDED = frozenset({"runs", "metrics", "latest_metrics", "params", "tags", "experiments"})
_MOST_COPIED = 20_000_000_000
_MOST_STEPS = 1 << 50
"""Of SQLite's own machine: whoever imports a store has named it, and may wait."""
_RUNS = (
    "SELECT r.run_uuid, r.name, r.status, r.start_time, r.end_time, r.user_id, r.artifact_uri,"
    " e.name, t.value FROM runs r LEFT JOIN experiments e ON e.experiment_id = r.experiment_id"
    " LEFT JOIN tags t ON t.run_uuid = r.run_uuid AND t.key = 'gitexp.run'"
    " WHERE r.lifecycle_stage = 'active' ORDER BY r.start_time, r.run_uuid"
)
_POINTS = (
    "SELECT key, step, timestamp, value, is_nan FROM metrics WHERE run_uuid = ?"
    " ORDER BY key, step, timestamp"
)
_LAST = "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key"
_MODELS = (
    "SELECT name, artifact_location, model_id FROM logged_models"
    " WHERE source_run_id = ? ORDER BY creation_timestamp_ms"
)
_DATA = (
    "SELECT d.name, d.digest, d.dataset_source FROM inputs i"
    " JOIN datasets d ON d.dataset_uuid = i.source_id"
    " WHERE i.destination_id = ? AND i.destination_type = 'RUN' AND i.source_type = 'DATASET'"
)


def found_in_database(file: Path) -> Iterator[Found | Unreadable]:
    """Yield the runs that are not deleted, the oldest first; raises NoStore.

    No transaction stays open while they are read: a training that logs there goes on.
    """
    with _telling(file), opened_file(file, _MOST_COPIED, _MOST_STEPS) as database:
        tables = {one for (one,) in database.execute(TABLES)}
        if not tables >= _NEEDED:
            raise NoStore(
                f"'{file}' is not a database of MLflow's",
                hint="It lacks the tables of one, such as `runs` and `latest_metrics`.",
            )
        _check_columns(database, file)
        for row in database.execute(_RUNS).fetchall():
            key, name, tag = row[0], row[1], row[-1]
            if isinstance(key, str):
                read = partial(_read, database, tables, row)
                yield Found(key, str(name or key[:8]), read, str(tag or ""))


@contextlib.contextmanager
def _telling(file: Path) -> Iterator[None]:
    """Say what is wrong with a database as a whole."""
    try:
        yield
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise NoStore(
                f"'{file}' is locked: another program is writing into it",
                hint="Try again in a moment; nothing was imported.",
            ) from error
        raise NoStore(f"'{file}' cannot be read as a database: {error}") from error
    except OSError as error:
        raise NoStore(f"'{file}' cannot be read: {error.strerror}") from error


def _check_columns(database: sqlite3.Connection, file: Path) -> None:
    """Raise NoStore for tables that lack what is asked for: of another version of MLflow."""
    for asked in (_RUNS, _POINTS, _LAST):
        try:
            database.execute(f"EXPLAIN {asked}", ("",) if "?" in asked else ())
        except sqlite3.OperationalError as error:
            if "no such column" not in str(error):
                raise
            raise NoStore(
                f"'{file}' is of a version of MLflow that this gitexp does not know: {error}",
                hint="`mlflow db upgrade sqlite:///…` lifts an old store (keep a copy); for a "
                "newer one, upgrade gitexp.",
            ) from error


def _read(database: sqlite3.Connection, tables: set[str], row: tuple[Any, ...]) -> ForeignRun:
    key, name, status, started, ended, user, place, group, _ = row
    try:
        raw = Raw(
            key=key,
            name=str(name or ""),
            status=str(status or ""),
            started=_whole(started),
            ended=_whole(ended),
            group=str(group or ""),
            place=str(place or ""),
            user=str(user or ""),
            params=_texts(database, "params", key),
            tags=_texts(database, "tags", key),
            metrics=dict(_last(database, key)),
            points=_points(database, key),
            models=_models(database, key, tables),
            data=_data(database, key) if tables >= {"inputs", "datasets"} else (),
        )
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise GitexpError(f"its rows cannot be read: {error}") from error
    models = raw.models or tuple(models_before_3(raw.tags, raw.place))
    return mapped(replace(raw, models=models))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _texts(database: sqlite3.Connection, table: str, key: str) -> dict[str, str]:
    asked = f"SELECT key, value FROM {table} WHERE run_uuid = ? ORDER BY key"  # noqa: S608 - our own words
    return {str(name): str(value or "") for name, value in database.execute(asked, (key,))}


def _last(database: sqlite3.Connection, key: str) -> Iterator[tuple[str, float]]:
    for name, value, is_nan in database.execute(_LAST, (key,)):
        if is_number(value):
            yield str(name), math.nan if is_nan else value


def _points(database: sqlite3.Connection, key: str) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for name, step, time, value, is_nan in database.execute(_POINTS, (key,)):
        if is_number(value) and isinstance(step, int) and isinstance(time, int):
            found.setdefault(str(name), []).append((step, time, math.nan if is_nan else value))
    return found


def _models(database: sqlite3.Connection, key: str, tables: set[str]) -> list[LoggedModel]:
    if "logged_models" not in tables:
        return []
    rows = database.execute(_MODELS, (key,))
    return [LoggedModel(str(name), str(place), id=str(known)) for name, place, known in rows]


def _data(database: sqlite3.Connection, key: str) -> list[Artifact]:
    rows = database.execute(_DATA, (key,))
    return [
        Artifact(str(name), without_user(str(source)), hash=str(digest or ""), kind="dataset")
        for name, digest, source in rows
    ]
