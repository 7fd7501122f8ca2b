"""The runs in a database of MLflow's, as far as they began since a moment."""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.metrics.databases import TABLES, opened_file
from gitexp.metrics.logged import Logged, LoggedModel, value_of, with_step
from gitexp.model.values import Value, is_number

MOST_RUNS = 1000
"""Of those that count, the newest."""
Between = tuple[int, int | None]
"""Two moments, in milliseconds; None is now."""
PARENT = "mlflow.parentRunId"
"""The tag of a run that another one has inside, as a search has its trials."""
_NEVER = 1 << 62
_NEEDED = frozenset({"runs", "latest_metrics", "params", "tags", "experiments"})
_RUNS = (
    "SELECT r.run_uuid, r.name, e.name, r.start_time, r.artifact_uri FROM runs r"
    " LEFT JOIN experiments e ON e.experiment_id = r.experiment_id"
    " WHERE r.lifecycle_stage = 'active'"
    " AND r.start_time BETWEEN :since AND :until AND NOT EXISTS ("
    "SELECT 1 FROM tags t JOIN runs p ON p.run_uuid = t.value"
    " WHERE t.run_uuid = r.run_uuid AND t.key = :parent"
    " AND p.lifecycle_stage = 'active' AND p.start_time BETWEEN :since AND :until)"
    " ORDER BY r.start_time DESC LIMIT :most"
)
_MODELS = (
    "SELECT name, artifact_location, model_id FROM logged_models"
    " WHERE source_run_id = ? ORDER BY creation_timestamp_ms"
)
_OURS = "mlflow."
"""How the tags begin that MLflow sets itself."""
_HISTORY = "mlflow.log-model.history"
"""The tag in which MLflow before 3 keeps the models of a run."""


def read_database(file: Path, began: Between, most_copied: int) -> list[Logged]:
    """Return the runs that began then, the newest first; none if it is no store of MLflow's.

    Those that another one of them has inside are left out. The first alone comes with its values.
    Raises GitexpError for what cannot be read.
    """
    try:
        with opened_file(file, most_copied) as database:
            tables = {one for (one,) in database.execute(TABLES)}
            if not tables >= _NEEDED:
                return []
            runs = list(_runs(database, began))
            if runs:
                runs[0] = _whole(database, runs[0], has_models="logged_models" in tables)
            return runs
    except (sqlite3.Error, ValueError) as error:
        raise GitexpError(f"'{file}' cannot be read as a database: {error}") from error


def _runs(database: sqlite3.Connection, began: Between) -> Iterator[Logged]:
    since, until = began
    last = _NEVER if until is None else until
    asked = {"since": since, "until": last, "parent": PARENT, "most": MOST_RUNS}
    for run, name, group, started, place in database.execute(_RUNS, asked):
        if isinstance(run, str) and isinstance(started, int):
            models = (LoggedModel("", place),) if isinstance(place, str) else ()
            yield Logged(run, str(name or ""), str(group or ""), started, models=models)


def _whole(database: sqlite3.Connection, run: Logged, *, has_models: bool) -> Logged:
    asked = "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key"
    params = {str(key): value_of(str(value)) for key, value in database.execute(asked, (run.run,))}
    asked = "SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key"
    tags = {str(key): str(value or "") for key, value in database.execute(asked, (run.run,))}
    place = run.models[0].place if run.models else ""
    models = [*_models(database, run.run)] if has_models else []
    return replace(
        run,
        name=run.name or tags.get("mlflow.runName", ""),
        params=params,
        metrics=_metrics(database, run.run),
        tags=own_tags(tags),
        models=tuple(models or models_before_3(tags, place)),
    )


def _metrics(database: sqlite3.Connection, run: str) -> dict[str, Value]:
    asked = "SELECT key, value, step, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key"
    found: dict[str, Value] = {}
    steps: list[int] = []
    for key, value, step, is_nan in database.execute(asked, (run,)):
        if is_number(value):
            found[str(key)] = math.nan if is_nan else value
            steps += [step] if isinstance(step, int) else []
    return with_step(found, steps)


def _models(database: sqlite3.Connection, run: str) -> Iterator[LoggedModel]:
    for name, place, known in database.execute(_MODELS, (run,)):
        yield LoggedModel(str(name), str(place), id=str(known))


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that a person set."""
    return {key: value for key, value in tags.items() if not key.startswith(_OURS)}


def models_before_3(tags: Mapping[str, str], place: str) -> Iterator[LoggedModel]:
    """Yield the models that a run has among its artifacts."""
    with contextlib.suppress(ValueError, RecursionError):  # of no version of MLflow
        said = json.loads(tags.get(_HISTORY, "[]"))
        for one in said if isinstance(said, list) else []:
            path = one.get("artifact_path") if isinstance(one, dict) else None
            if isinstance(path, str):
                yield LoggedModel(path, f"{place}/{path}" if place else "")
