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
"""Of those that began since then, the newest: a search makes one for each trial."""
_NEEDED = frozenset({"runs", "latest_metrics", "params", "tags", "experiments"})
_RUNS = (
    "SELECT r.run_uuid, r.name, e.name, r.start_time, r.artifact_uri FROM runs r"
    " LEFT JOIN experiments e ON e.experiment_id = r.experiment_id"
    " WHERE r.lifecycle_stage = 'active' AND r.start_time >= ?"
    " ORDER BY r.start_time DESC LIMIT ?"
)
_INNER = "SELECT 1 FROM tags WHERE run_uuid = ? AND key = 'mlflow.parentRunId'"
_MODELS = (
    "SELECT name, artifact_location, model_id FROM logged_models"
    " WHERE source_run_id = ? ORDER BY creation_timestamp_ms"
)
_OURS = "mlflow."
"""How the tags begin that MLflow sets itself."""
_HISTORY = "mlflow.log-model.history"
"""The tag in which MLflow before 3 keeps the models of a run."""


def read_database(file: Path, since: int, most_copied: int) -> list[Logged]:
    """Return the runs that began since then, the newest first; none if it is no store of MLflow's.

    The last one alone that no other has inside comes with its values. Raises GitexpError for what
    cannot be read.
    """
    try:
        with opened_file(file, most_copied) as database:
            tables = {one for (one,) in database.execute(TABLES)}
            if not tables >= _NEEDED:
                return []
            runs = list(_runs(database, since))
            first = next((at for at, one in enumerate(runs) if not one.is_inner), None)
            if first is not None:
                runs[first] = _whole(database, runs[first], has_models="logged_models" in tables)
            return runs
    except (sqlite3.Error, ValueError) as error:
        raise GitexpError(f"'{file}' cannot be read as a database: {error}") from error


def _runs(database: sqlite3.Connection, since: int) -> Iterator[Logged]:
    for run, name, group, started, place in database.execute(_RUNS, (since, MOST_RUNS)).fetchall():
        if isinstance(run, str) and isinstance(started, int):
            is_inner = database.execute(_INNER, (run,)).fetchone() is not None
            models = (LoggedModel("", place),) if isinstance(place, str) else ()
            yield Logged(
                run, str(name or ""), str(group or ""), started, models=models, is_inner=is_inner
            )


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
