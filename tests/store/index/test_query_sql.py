"""Queries and orders in SQL: the same runs, in the same order, as plain Python says."""

from __future__ import annotations

import itertools
import math
import sqlite3
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.evaluate import matches, value_of
from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Expression,
    In,
    IsNull,
    Match,
    Not,
    Operator,
    Or,
)
from gitexp.comparison.query.run_values import RunValues, attributes_of, flat_values
from gitexp.comparison.ranking import Direction, ranked
from gitexp.model.facts import Facts
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json
from gitexp.model.values import Value
from gitexp.store.index.answers import ids_in as index_ids_in
from gitexp.store.index.file import connect, transaction
from gitexp.store.index.fill import Filling
from gitexp.store.index.in_order import _MOST_KEPT, _kept, first_in_order, keep_in_order
from gitexp.store.index.selection import Selection, Sort, count, positions
from gitexp.store.stored_run import StoredRun

NUMBERS = [
    *(0, 1, -1, 0.0, -0.0, 1.0, 0.1, 0.5, -2.5, 1e-320, 1e300, math.inf, -math.inf, math.nan),
    *(2**53, 2**53 + 1, float(2**53), 2**63 - 1, 2**63, float(2**63), -(2**63), -(2**63) - 1),
    *(10**30, 10**30 + 1, 1e30, -(10**400)),
]
TEXTS = [
    "",
    "adam",
    "Adam",
    "adamw",
    "a",
    "z",
    "é",
    "损",
    "1",
    "a\0b",
    "a\nb",
    "50%",
    "\U0010ffff",
    "\udc80",
]
OTHERS: list[Value] = [None, True, False, [], [1], [1.0], ["a"], {}, [math.nan], [None]]
VALUES: list[Value] = [*NUMBERS, *TEXTS, *OTHERS]
NAMES = ["a", "b", "val.loss", "odd name", "\udcff"]
COLUMNS = [Column(kind, name) for kind in ("metrics", "params") for name in NAMES]
ATTRIBUTE_COLUMNS = [Column("attribute", name) for name in ATTRIBUTES]
REASONS = ("timeout", "signal", "lost")
MOMENTS = [f"2026-01-0{day}T03:04:0{day}.000Z" for day in range(1, 6)]

constants = st.sampled_from([*NUMBERS, *TEXTS, True, False])
columns = st.sampled_from(COLUMNS)
texts = st.sampled_from(
    [*TEXTS, *MOMENTS, "done", "failed", "lost", "b" * 40, "bbbb", "python train.py"]
)
patterns = st.sampled_from(["a%", "%a", "_dam", "", "%", "5_\\%", "[a-z]+", "^a.*w$", "é|损", "."])


def leaves() -> st.SearchStrategy[Expression]:
    """Comparisons of metrics and params with anything, of attributes with what they may have."""
    operators = st.sampled_from(get_args(Operator))
    kinds = st.sampled_from(["like", "ilike", "regex"])
    attributes = st.sampled_from(ATTRIBUTE_COLUMNS)
    others = st.sampled_from([one for one in ATTRIBUTE_COLUMNS if one.name != "duration"])
    anything = st.one_of(columns, attributes)
    return st.one_of(
        st.builds(Comparison, columns, operators, constants),
        st.builds(Comparison, others, operators, texts),
        st.builds(
            Comparison,
            st.just(Column("attribute", "duration")),
            operators,
            st.sampled_from(NUMBERS),
        ),
        st.builds(Match, anything, patterns, kinds),
        st.builds(In, columns, st.lists(constants, min_size=1, max_size=4).map(tuple)),
        st.builds(In, columns, st.just(tuple(NUMBERS * 5))),
        st.builds(In, others, st.lists(texts, min_size=1, max_size=3).map(tuple)),
        st.builds(IsNull, anything),
    )


def joined(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Return expressions made of others."""
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, parts))


expressions = st.recursive(leaves(), joined, max_leaves=6)


def generated() -> list[StoredRun]:
    """Return runs that between them have every value in every column, and lack some."""
    made = []
    for number in range(3 * len(VALUES)):
        values = {
            name: VALUES[(number * (at + 1) + at) % len(VALUES)]
            for at, name in enumerate(NAMES)
            if (number + at) % 4
        }
        record = RunRecord(
            id=f"id{number}",
            name=f"run-{number}" if number % 9 else "adam",
            status=("done", "failed", "interrupted")[number % 3],
            exit=Exit(number % 3, reason=(None, None, REASONS[number // 3 % 3])[number % 3]),
            command=("python", "train.py") if number % 5 else (),
            baseline=("b" if number % 2 else "bbbbc") * (40 if number % 2 else 8),
            inputs=Inputs("c" * 40),
            started=MOMENTS[number % 3],
            ended=MOMENTS[2 + number % 3],
            message=str(TEXTS[number % 10]),
            user=("ada", None)[number % 2],
            host=None,
            metrics={"metrics.json": values},
            params={"params.yaml": dict(reversed(values.items()))} if number % 7 else {},
            tags=tuple(TEXTS[1 : number % 4]),
        )
        facts = Facts(tags=("late",), last="x") if number % 10 == 0 else Facts()
        run = StoredRun(f"{number:040x}", record.id, record.name, "", to_json(record), facts)
        made.append(run)
    return made


RUNS = generated()
RUN_VALUES = [
    RunValues(
        attributes_of(run.record), flat_values(run.record.metrics), flat_values(run.record.params)
    )
    for run in RUNS
]


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    """An index in memory of all of them; one that cannot be read is there as well."""
    made = connect(":memory:", patience=1)
    with transaction(made):
        filling = Filling(made)
        filling.set_facts((run.id, run.facts) for run in RUNS)
        filling.add(replace(run, facts=Facts()) for run in RUNS)
        filling.add([StoredRun("f" * 40, "future", "future", "", b'{"version": 9}')])
        filling.finish()
    yield made
    made.close()


def ids_in(connection: sqlite3.Connection) -> Any:
    """Return what tells the columns of the index."""
    return index_ids_in(connection, "")


@given(expressions)
@settings(max_examples=400)
@example(Comparison(Column("params", "a"), "==", 2**53 + 1))
@example(Comparison(Column("metrics", "a"), "<", True))
@example(Not(Comparison(Column("attribute", "user"), "!=", "ada")))
def test_sql_finds_the_runs_that_match(connection: sqlite3.Connection, query: Expression) -> None:
    wanted = Selection("", query)

    found = positions(connection, wanted, ids_in(connection))

    expected = {at for at, run in enumerate(RUN_VALUES, 1) if matches(query, run)}
    assert set(found) == expected
    assert count(connection, wanted, ids_in(connection)) == len(expected)


def nearly(value: object) -> object:
    """Return what a value is sorted as: integers beyond 64 bits to 16 digits, odd texts last."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value) if abs(value) < 10**300 else (math.inf if value > 0 else -math.inf)
    return [value] if value == "\udc80" else value


def test_columns_that_are_kept_in_order_sort_as_others_do(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitexp.store.index.in_order.MANY", 1)
    copy = connect(":memory:", patience=1)
    connection.backup(copy)
    for column, descending, limit in itertools.product(COLUMNS, (False, True), (1, 7, 40)):
        wanted = Selection("", sort=Sort(column, descending=descending), limit=limit)

        keep_in_order(copy, wanted, ids_in(copy))

        plain = positions(connection, wanted, ids_in(connection))
        assert positions(copy, wanted, ids_in(copy)) == plain
        is_kept = first_in_order(copy, ids_in(copy)(column)[0], descending=descending, limit=1)
        assert is_kept is not None or len(_kept(copy)) == _MOST_KEPT
    copy.close()


def test_a_column_that_is_gone_since_it_was_looked_up_is_not_kept_in_order(
    connection: sqlite3.Connection,
) -> None:
    copy = connect(":memory:", patience=1)
    connection.backup(copy)
    wanted = Selection("", sort=Sort(COLUMNS[0], descending=False), limit=7)
    before = ids_in(copy)(COLUMNS[0])
    copy.execute("DELETE FROM columns")  # as another process does that makes the index anew

    keep_in_order(copy, wanted, lambda _: before)

    assert not _kept(copy)
    copy.close()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "column", [*COLUMNS, *(one for one in ATTRIBUTE_COLUMNS if one.name != "tag")], ids=repr
)
def test_sql_sorts_runs_as_they_are_ranked(
    connection: sqlite3.Connection, column: Column, descending: bool
) -> None:
    there = Not(IsNull(Column("attribute", "id")))  # leaves out the run that cannot be read
    wanted = Selection("", there, Sort(column, descending))

    found = positions(connection, wanted, ids_in(connection))
    first = positions(connection, replace(wanted, limit=50), ids_in(connection))
    newest = positions(connection, Selection("", there), ids_in(connection))
    direction: Direction = "desc" if descending else "asc"
    expected = ranked(newest, lambda at: nearly(value_of(column, RUN_VALUES[at - 1])), direction)
    assert found == expected
    assert first == expected[:50]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", COLUMNS, ids=repr)
def test_the_first_few_are_those_of_all(
    connection: sqlite3.Connection, column: Column, descending: bool
) -> None:
    """Also the run that cannot be read is there: it has no value."""
    wanted = Selection("", sort=Sort(column, descending))
    every = positions(connection, wanted, ids_in(connection))

    for limit in (1, 3, 20, 40, 60, 200):
        few = positions(connection, replace(wanted, limit=limit), ids_in(connection))

        assert few == every[:limit]


def test_a_thousand_alternatives_are_no_problem(connection: sqlite3.Connection) -> None:
    column = Column("metrics", "a")
    query = Or(tuple(Comparison(column, "==", number) for number in range(3000)))

    found = positions(connection, Selection("", query), ids_in(connection))

    assert set(found) == {at for at, run in enumerate(RUN_VALUES, 1) if matches(query, run)}
