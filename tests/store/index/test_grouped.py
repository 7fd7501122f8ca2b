"""Runs by the values that they share, held against records grouped by hand."""

from __future__ import annotations

import contextlib
import math
import random
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timezone
from statistics import stdev
from typing import Any

import pytest

from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.resolve import resolve
from gitexp.errors import GitexpError
from gitexp.model.record import Exit, Inputs, RunRecord, Status
from gitexp.model.record_json import to_json
from gitexp.model.values import Value, dumps, is_number
from gitexp.review.statistics import sample
from gitexp.store.index.answers import ids_in
from gitexp.store.index.file import connect, transaction
from gitexp.store.index.fill import Filling
from gitexp.store.index.grouped import ByValue, grouped, metric_names
from gitexp.store.index.selection import Selection
from gitexp.store.stored_run import StoredRun

NUMBERS: tuple[Value, ...] = (0, 1, 1.0, 0.1, math.nan, math.inf, 2**70)
OTHERS: tuple[Value, ...] = (True, "1", "", "ä", None, [1], {})
VALUES = NUMBERS + OTHERS
RUNS = 150
NOW = datetime(2026, 1, 3, tzinfo=timezone.utc)
LR, KIND = Column("params", "lr"), Column("params", "kind")
ACCURACY, STATUS = Column("metrics", "accuracy"), Column("attribute", "status")


def recorded() -> tuple[list[dict[str, Any]], list[StoredRun]]:
    """Return runs with values of every kind, in two projects: what each has, and the run."""
    chance = random.Random(17)
    rows, runs = [], []
    for at in range(RUNS):
        params = {name: chance.choice(VALUES) for name in ("lr", "kind") if chance.random() < 0.9}
        metrics = {"accuracy": chance.choice([*VALUES, 0.5, 0.7, 0.9])} if at % 7 else {}
        status: Status = chance.choice(("done", "done", "done", "failed"))
        project = "sub" if at % 10 == 9 else ""
        record = RunRecord(
            id=f"{at:010}",
            name=f"run-{at}",
            status=status,
            exit=Exit(0 if status == "done" else 1),
            command=("python", "train.py"),
            baseline="b" * 40,
            inputs=Inputs("c" * 40),
            started="2026-01-02T03:04:05.000Z",
            ended="2026-01-02T03:04:10.000Z",
            project=project,
            params={"params.yaml": params},
            metrics={"metrics.json": metrics},
        )
        runs.append(StoredRun(f"{at:040}", record.id, record.name, project, to_json(record)))
        known = {"params.lr": params.get("lr"), "params.kind": params.get("kind")}
        accuracy = metrics.get("accuracy")
        rows.append({**known, "metrics.accuracy": accuracy, "status": status, "project": project})
    return rows, runs


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    """An index of these runs."""
    with contextlib.closing(connect(":memory:", patience=1)) as connection:
        with transaction(connection):
            filling = Filling(connection)
            filling.add(recorded()[1])
            filling.finish()
        yield connection


def key_text(values: tuple[Value, ...]) -> str:
    """Return what tells keys apart: 1 and 1.0 are one, 1 and True are not, nor 1 and "1"."""
    return dumps([float(one) if is_number(one) and abs(one) < 2**60 else one for one in values])


def by_hand(
    rows: list[dict[str, Any]], keys: list[Column]
) -> dict[str, tuple[int, int, list[float]]]:
    """Return how many ended well, how many did not, and the accuracies, by key."""
    found: dict[str, tuple[int, int, list[float]]] = {}
    for row in rows:
        key = key_text(tuple(row[str(one)] for one in keys))
        done, failed, numbers = found.get(key, (0, 0, []))
        if row["status"] == "done":
            done += 1
            value = row["metrics.accuracy"]
            numbers = [*numbers, *([float(value)] if is_number(value) else [])]
        else:
            failed += 1
        found[key] = (done, failed, numbers)
    return found


def in_index(
    index: sqlite3.Connection,
    keys: list[Column],
    where: str | None = None,
    project: str | None = "",
) -> dict[str, ByValue]:
    """Return the groups that the index finds, by key."""
    meant = resolve(parse(where, now=NOW), [LR, KIND]) if where else None
    metrics = metric_names(index, project, lambda _: True)
    wanted = Selection(project, meant)
    found = grouped(index, wanted, keys, metrics, ids_in(index, project))
    assert len({key_text(one.key) for one in found}) == len(found)
    return {key_text(one.key): one for one in found}


@pytest.mark.parametrize(
    ("keys", "where", "chosen"),
    [
        ([LR], None, lambda _: True),
        ([LR, KIND], None, lambda _: True),
        ([STATUS, LR], None, lambda _: True),
        ([ACCURACY], None, lambda _: True),
        ([KIND], "lr = 1", lambda row: is_number(row["params.lr"]) and row["params.lr"] == 1),
    ],
)
def test_groups_are_those_that_records_make(
    keys: list[Column],
    where: str | None,
    chosen: Any,
    index: sqlite3.Connection,
) -> None:
    here = [row for row in recorded()[0] if not row["project"] and chosen(row)]

    found = in_index(index, keys, where)

    expected = by_hand(here, keys)
    assert found.keys() == expected.keys()
    for key, (done, failed, numbers) in expected.items():
        one = found[key]
        assert (one.count, one.failed) == (done, failed)
        assert ("metrics.accuracy" in one.numbers) == bool(numbers)
        if numbers:
            agree(one, numbers)


def agree(one: ByValue, numbers: list[float]) -> None:
    """Assert that a sample is what numbers come to."""
    found = sample(one.numbers["metrics.accuracy"])
    real = [value for value in numbers if not math.isnan(value)]
    assert len(found.values) == len(numbers)
    assert found.mean == pytest.approx(sum(numbers) / len(numbers), nan_ok=True)
    assert found.least == pytest.approx(min(real, default=math.nan), nan_ok=True)
    assert found.most == pytest.approx(max(real, default=math.nan), nan_ok=True)
    if len(numbers) > 1 and all(map(math.isfinite, numbers)):
        assert found.deviation == pytest.approx(stdev(numbers))
    else:
        assert found.deviation is None


def test_all_projects_are_grouped_together(index: sqlite3.Connection) -> None:
    project = Column("attribute", "project")

    found = in_index(index, [project, LR], project=None)

    assert found.keys() == by_hand(recorded()[0], [project, LR]).keys()
    assert sum(one.count + one.failed for one in found.values()) == RUNS


def test_tags_are_not_one_value_of_a_run(index: sqlite3.Connection) -> None:
    with pytest.raises(GitexpError, match="'tag' is not one value of a run"):
        in_index(index, [Column("attribute", "tag")])


def test_more_values_than_a_statement_can_join_are_refused(index: sqlite3.Connection) -> None:
    with pytest.raises(GitexpError, match="31 values at once are too many"):
        in_index(index, [Column("params", f"p{at}") for at in range(31)])

    assert len(in_index(index, [LR, *(Column("params", f"p{at}") for at in range(29))])) > 1
