"""SQL over the runs: what the views hold, and what they let nobody do."""

from __future__ import annotations

import math
import random
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value, dumps
from gitexp.store.index.sql import Answer, ask
from gitexp.store.index.views import MOST_COLUMNS, make_views

from tests.store.workshop import OpenStore, RecordRun

Ask = Callable[..., Answer]
"""Ask the runs of the project at the top."""

_VALUES: tuple[Value, ...] = (
    *(0, -1, 0.5, 2**63, math.nan, math.inf, True, False, None, "", "é", "\ud800"),
    cast("Value", [1, 2]),
)


@pytest.fixture
def question(open_store: OpenStore) -> Ask:
    """Ask the runs of the project at the top."""

    def put(statement: str, project: str | None = "") -> Answer:
        index = open_store().index
        return index.answer(lambda connection: ask(connection, project, statement))

    return put


def as_sql(value: Value) -> object:
    """Return what SQL shows of a value, said in another way than the views do."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if abs(value) < 2**62 else str(value)
    if isinstance(value, str):
        return dumps(value) if value == "\ud800" else value
    return None if value is None else dumps(value)


def test_each_value_of_each_run_is_in_the_wide_table_and_in_the_long_one(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    chance = random.Random(7)
    said: dict[str, dict[str, Value]] = {}
    for at in range(30):
        names = chance.sample(("loss", "a.b", 'q"uote', "LOSS", "été"), 3)
        values = {name: chance.choice(_VALUES) for name in names}
        said[f"run-{at}"] = values
        record_run(repository, f"run-{at}", metrics={"m.json": dict(values)})

    wide = question("SELECT * FROM runs")
    long = question("SELECT runs.name, m.name, m.value FROM metrics m JOIN runs ON id = run")

    seen = {row[0]: dict(zip(wide.columns, row, strict=True)) for row in wide.rows}
    told = {(run, name): value for run, name, value in long.rows}
    assert len(seen) == 30
    for run, values in said.items():
        for name, value in values.items():
            heads = (f"metrics.{name}", f"metrics.{name} (2)", name)
            assert as_sql(value) in [seen[run].get(head) for head in heads]
            assert told.get((run, name)) == as_sql(value)
    assert len(told) == sum(
        value is not None and value == value  # noqa: PLR0124 - NaN does not
        for values in said.values()
        for value in values.values()
    ) + sum(value != value for values in said.values() for value in values.values())  # noqa: PLR0124


def test_a_name_that_two_kinds_have_is_written_with_its_kind(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    both: Documents = {"f.yaml": {"rate": 1, "status": 2, "plain": 3}}
    record_run(repository, "one", metrics=both, params={"p.yaml": {"Rate": 4}})

    answer = question(
        'SELECT "metrics.rate", "params.Rate", "metrics.status", status, plain FROM runs'
    )

    assert answer.rows == [(1, 4, 2, "done", 3)]


def test_removed_runs_and_those_of_other_projects_are_left_out(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    record_run(repository, "here", metrics={"m.json": {"loss": 1}}, tags=("good",))
    record_run(repository, "there", metrics={"app/m.json": {"loss": 2}}, project="app")
    record_run(repository, "newer", content=lambda _: b'{"version": 99}')

    here = question("SELECT name, loss FROM runs")
    everywhere = question("SELECT project, name, loss FROM runs ORDER BY name", None)
    tags = question("SELECT name, tag FROM tags JOIN runs ON id = run")

    assert here.rows == [("here", 1)]
    assert everywhere.rows == [("", "here", 1), ("app", "there", 2)]
    assert tags.rows == [("here", "good")]


def test_what_a_run_wrote_behind_pointers_can_be_asked(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    model = DataPointer("model.pkl", "1" * 32, 5, 1, "output")
    record_run(repository, "one", pointers=(model,))

    answer = question("SELECT name, path, md5 FROM outputs JOIN runs ON id = run")

    assert answer.rows == [("one", "model.pkl", "1" * 32)]


def test_of_very_many_columns_the_first_are_there_and_the_rest_is_counted(
    repository: Repository, record_run: RecordRun, open_store: OpenStore, question: Ask
) -> None:
    many: Documents = {"m.json": {f"m{at}": at for at in range(2500)}}
    record_run(repository, "one", metrics=many)

    [runs, *_] = open_store().index.answer(lambda connection: make_views(connection, ""))
    answer = question("SELECT m0, m1800 FROM runs WHERE m7 = 7")
    rest = question("SELECT value FROM metrics WHERE name = 'm2400'")

    assert (len(runs.columns), runs.left_out) == (MOST_COLUMNS, 2500 + 21 - MOST_COLUMNS)
    assert answer.rows == [(0, 1800)]
    assert rest.rows == [(2400,)]
    assert flat_values(many)["m2400"] == 2400


_FORBIDDEN = (
    "DELETE FROM runs",
    "DELETE FROM main.cells",
    "INSERT INTO tags VALUES ('a', 'b')",
    "DROP VIEW runs",
    "CREATE TABLE t (a)",
    "SELECT content FROM main.contents",
    "SELECT oid FROM main.runs",
    "SELECT sql FROM sqlite_master",
    "SELECT * FROM pragma_table_info('runs')",
    "PRAGMA user_version = 1",
    "ATTACH 'elsewhere.db' AS e",
    "VACUUM INTO 'elsewhere.db'",
    "COMMIT",
    "SELECT load_extension('x')",
)


def test_nothing_but_the_views_can_be_read_and_nothing_changed(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    record_run(repository, "one", tags=("kept",))

    for statement in _FORBIDDEN:
        with pytest.raises(GitexpError, match="SQL may only read the tables that gitexp offers"):
            question(statement)

    assert question("SELECT name, tag FROM tags JOIN runs ON id = run").rows == [("one", "kept")]
    assert not Path("elsewhere.db").exists()


_UNREADABLE = (
    ("SELECT los FROM runs", "no such column: los", "Did you mean 'loss'?"),
    (
        "SELECT optim.lr FROM runs",
        "no such column: optim.lr",
        'Write "optim.lr", in double quotes.',
    ),
    ("SELECT lr FROM runs", "no such column: lr", 'Did you mean "optim.lr"? `gitexp sql` lists'),
    ("SELECT optim.l FROM runs", "no such column: optim.l", 'Did you mean "optim.lr"?'),
    ("SELECT 1 FROM run", "no such table: run", "Did you mean 'runs'?"),
    ("SELECT 1; SELECT 2", "one statement at a time", "lists the tables"),
    ("SELECT 1 FROM runs JOIN tags USING (loss)", "cannot join using column", "lists the tables"),
    ("SELEC", "syntax error", "lists the tables"),
    ("", "nothing to answer", "lists the tables"),
    ("/* a comment */", "nothing to answer", "lists the tables"),
)


def test_what_sqlite_cannot_read_is_said_with_a_hint(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    record_run(repository, "one", metrics={"m.json": {"loss": 1, "optim": {"lr": 0.1}}})

    for statement, said, hint in _UNREADABLE:
        with pytest.raises(GitexpError) as raised:
            question(statement)

        assert said in str(raised.value)
        assert hint in str(raised.value.hint)


_ASKED = {
    "WITH t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 3) SELECT count(*) FROM t": 3,
    "SELECT count(*) FROM json_each('[1, 2]')": 2,
    "SELECT count(*) FROM (SELECT loss FROM runs) AS r": 1,
    "SELECT sum(loss) OVER (ORDER BY name) FROM runs": 1,
    "SELECT count(*) FROM runs a JOIN runs b USING (id)": 1,
}


def test_the_whole_of_select_can_be_asked(
    repository: Repository, record_run: RecordRun, question: Ask
) -> None:
    record_run(repository, "one", metrics={"m.json": {"loss": 1}})

    answers = {statement: question(statement).rows for statement in _ASKED}

    assert answers == {statement: [(value,)] for statement, value in _ASKED.items()}


def test_ctrl_c_ends_a_question_that_never_would(question: Ask, open_store: OpenStore) -> None:
    main, index = threading.main_thread().ident, open_store().index
    assert main is not None
    timer = threading.Timer(0.2, lambda: signal.pthread_kill(main, signal.SIGINT))
    endless = "WITH t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t"

    def asked(connection: sqlite3.Connection) -> Answer:
        timer.start()  # not before: where nobody expects Ctrl-C it ends all tests
        return ask(connection, "", endless)

    with pytest.raises(KeyboardInterrupt):
        index.answer(asked)

    timer.join()
    assert question("SELECT count(*) FROM runs").rows == [(0,)]
