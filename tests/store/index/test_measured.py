"""The runs with a metric, as the index alone knows them."""

from __future__ import annotations

import math
import sqlite3
from typing import Any, Protocol

import pytest

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.values import Value
from gitexp.store.index.measured import Measured
from gitexp.store.index.selection import Selection
from gitexp.store.runs import RunStore
from gitexp.store.wanted import query, trend_metric

from tests.store.workshop import OpenStore, RecordRun


class Record(Protocol):
    """Put a run on the branch that started on a day: `record(2, {"acc": 1}, status="failed")`."""

    def __call__(self, day: int, values: dict[str, Value], **facts: Any) -> None: ...


@pytest.fixture
def record(repository: Repository, record_run: RecordRun) -> Record:
    """Put a run on the branch that started on a day: `record(2, {"acc": 1}, status="failed")`."""

    def put(day: int, values: dict[str, Value], **facts: Any) -> None:
        started = f"2026-01-0{day}T03:04:05.000Z"
        facts.setdefault("metrics", {"metrics.json": values})
        record_run(repository, f"day-{day}", started=started, ended=started, **facts)

    return put


def measured(store: RunStore, metric: str, where: str | None = None) -> Measured:
    """Return what `gitexp trend` asks the index for."""
    meant = query(store, where, project="") if where else None
    wanted = Selection("", meant, readable=True)
    return store.index.measured(wanted, trend_metric(store, metric))


def test_runs_come_by_when_they_started_with_their_exact_values(
    record: Record, open_store: OpenStore
) -> None:
    values: dict[int, Value] = {4: 2**70, 2: 0.1, 3: 7, 1: math.inf}
    for day, value in values.items():
        record(day, {"acc": value})

    runs = measured(open_store(), "acc").runs

    assert [(run.name, run.value) for run in runs] == [
        *(("day-1", math.inf), ("day-2", 0.1), ("day-3", 7)),
        ("day-4", 2**70),
    ]
    assert runs[0].started == "2026-01-01T03:04:05.000Z"
    assert type(runs[2].value) is int


def test_runs_without_a_number_are_counted_and_those_that_failed_apart(
    record: Record, open_store: OpenStore
) -> None:
    values: list[Value] = [0.5, "high", True, None, [1], math.nan]
    for day, value in enumerate(values, 1):
        record(day, {"acc": value})
    record(7, {}, status="failed")
    record(8, {"loss": 1}, status="interrupted")
    record(9, {"acc": 0.1}, status="failed")
    record(9, {}, content=lambda _: b'{"version": 99}')

    found = measured(open_store(), "acc")
    some = measured(open_store(), "acc", "started >= '2026-01-06'")

    assert [run.name for run in found.runs] == ["day-1", "day-6", "day-9"]
    assert (found.without, found.failed) == (6, 2)
    assert [run.name for run in some.runs] == ["day-6", "day-9"]
    assert (some.without, some.failed) == (2, 2)


def test_no_record_is_read(repository: Repository, record: Record, open_store: OpenStore) -> None:
    record(1, {"acc": 0.5})
    open_store().index.close()
    database = sqlite3.connect(repository.common_dir / "gitexp" / "index.sqlite")
    database.execute("UPDATE contents SET content = x''")
    database.commit()
    database.close()

    assert [run.value for run in measured(open_store(), "acc").runs] == [0.5]


def test_the_last_part_of_a_name_will_do_where_it_is_the_only_one(
    record: Record, open_store: OpenStore
) -> None:
    record(1, {"val": {"f1": 1, "loss": 2}})
    record(2, {"train": {"loss": 1}, "acc": 1})
    store = open_store()

    assert trend_metric(store, "f1").name == "val.f1"
    assert trend_metric(store, "metrics.val.loss").name == "val.loss"
    with pytest.raises(GitexpError, match=r"^'loss' is ambiguous") as refused:
        trend_metric(store, "loss")
    assert refused.value.hint == "It may be `metrics.val.loss` or `metrics.train.loss`."


def test_a_metric_that_a_run_has_in_two_files_is_asked_for_with_its_file(
    record: Record, open_store: OpenStore
) -> None:
    record(1, {}, metrics={"a.json": {"loss": 1}, "b.json": {"loss": 2}})

    with pytest.raises(GitexpError, match=r"^'loss' is ambiguous"):
        measured(open_store(), "loss")
    assert [run.value for run in measured(open_store(), "b.json:loss").runs] == [2]


@pytest.mark.parametrize("text", ["duration"])
def test_what_is_no_metric_is_not_followed(
    record: Record, open_store: OpenStore, text: str
) -> None:
    record(1, {"acc": 1}, params={"params.yaml": {"lr": 1}})

    with pytest.raises(GitexpError, match=f"^'{text}' is not a metric$"):
        trend_metric(open_store(), text)
