"""The databases of MLflow and Optuna, only read: what their newest run or study came to."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping

from gitexp.errors import GitexpError
from gitexp.metrics.databases import TABLES, opened_bytes
from gitexp.metrics.rows import Row, best, counters_last
from gitexp.model.policy import Policy
from gitexp.model.values import Value

_NEWEST_RUN = (
    "SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active' ORDER BY start_time DESC LIMIT 1"
)


def read_store(content: bytes, name: str, row: Row | None, policy: Policy) -> dict[str, Value]:
    """Return the metrics in a database; raises GitexpError if no tracker that is known made it."""
    try:
        with opened_bytes(content) as database:
            tables = {one for (one,) in database.execute(TABLES)}
            for known, read in _STORES.items():
                if known <= tables:
                    return read(database, row, policy)
    except sqlite3.Error as error:
        if str(error) == "interrupted":
            raise GitexpError(
                f"'{name}' takes too long to read as a database",
                "Write the metrics into a file of their own, such as `metrics.json`.",
            ) from error
        raise GitexpError(f"'{name}' cannot be read as a database: {error}") from error
    except ValueError as error:  # a value that is no number, or no name
        raise GitexpError(f"'{name}' cannot be read as a database: {error}") from error
    raise GitexpError(
        f"'{name}' is a database of neither MLflow nor Optuna",
        "Write the metrics into a file of their own, such as `metrics.json`.",
    )


def _mlflow(database: sqlite3.Connection, row: Row | None, policy: Policy) -> dict[str, Value]:
    run = database.execute(_NEWEST_RUN).fetchone()
    if run is None:
        return {}
    if row == "best":
        asked = "SELECT step, key, value, is_nan FROM metrics WHERE run_uuid = ? ORDER BY step"
        steps: dict[int, dict[str, Value]] = {}
        for step, key, value, is_nan in database.execute(asked, run):
            steps.setdefault(step, {"step": step})[key] = math.nan if is_nan else value
        chosen = best(list(steps.values()), policy, lambda value: value)
        if chosen is not None:
            return counters_last(chosen)
    asked = "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key"
    return {
        key: math.nan if is_nan else value for key, value, is_nan in database.execute(asked, run)
    }


def _optuna(database: sqlite3.Connection, _: Row | None, __: Policy) -> dict[str, Value]:
    study = database.execute("SELECT max(study_id) FROM studies").fetchone()
    asked = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
    directions = [direction for (direction,) in database.execute(asked, study)]
    asked = (
        "SELECT t.number, v.objective, v.value FROM trials t JOIN trial_values v USING (trial_id)"
        " WHERE t.study_id = ? AND t.state = 'COMPLETE' AND v.value IS NOT NULL ORDER BY t.number"
    )
    values = database.execute(asked, study).fetchall()
    found: dict[str, Value] = {}
    for objective, direction in enumerate(directions):
        known = [(value, number) for number, of, value in values if of == objective]
        if not known:
            continue
        value, number = (max if direction == "MAXIMIZE" else min)(known, key=lambda one: one[0])
        at = f"_{objective}" if len(directions) > 1 else ""
        found |= {f"best_value{at}": value, f"best_trial{at}": number}
    return {**found, "trials": len({number for number, _, _ in values})}


_STORES: Mapping[
    frozenset[str],
    Callable[[sqlite3.Connection, Row | None, Policy], dict[str, Value]],
] = {
    frozenset({"runs", "metrics", "latest_metrics", "experiments"}): _mlflow,
    frozenset({"studies", "study_directions", "trials", "trial_values"}): _optuna,
}
