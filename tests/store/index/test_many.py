"""An index that is filled with many runs at once, and asked for many."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import cast

import pytest

from benchmarks.many_runs import write_runs
from gitexp.git.repository import Repository
from gitexp.store.facts import append
from gitexp.store.index import beside as index_beside
from gitexp.store.index import stages as index_stages
from gitexp.store.index.file import Tips
from gitexp.store.index.index import RunIndex
from gitexp.store.index.made import Made
from gitexp.store.index.selection import Selection
from gitexp.store.own import NOTES
from gitexp.store.reading import CatchUp, runs_between

from tests.store.workshop import RecordRun

_RUNS = 230


@pytest.fixture
def many(repository: Repository, record_run: RecordRun) -> Repository:
    """A repository with many runs, one of a newer gitexp and one that has facts."""
    write_runs(repository.top, _RUNS)
    record_run(repository, "new", content=lambda _: b'{"version": 2, "id": "new"}', id="new")
    record_run(repository, "odd", metrics={"metrics.json": {"é": float("nan"), "n": 2**70}})
    [some, *_] = runs_between(repository, None, "experiments")
    append(repository, [(some, "tag", "best"), (some, "rename", "renamed")])
    return repository


def opened(place: Path, repository: Repository, tip: str) -> RunIndex:
    read = repository.objects.commit
    return RunIndex.open(place, repository, lambda: Tips(read(tip), read(NOTES)))


def test_filled_at_once_it_is_what_it_is_run_by_run(many: Repository, tmp_path: Path) -> None:
    oids = many.line("rev-list", "--reverse", "experiments").split()
    for tip in (*oids[:: len(oids) // 3], "experiments"):
        opened(tmp_path / "grown.sqlite", many, tip).close()

    opened(tmp_path / "once.sqlite", many, "experiments").close()

    assert list(dumped(tmp_path / "once.sqlite")) == list(dumped(tmp_path / "grown.sqlite"))


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are made by a process of its own, however few there are and on how few cores."""
    monkeypatch.setattr("gitexp.store.index.beside._MANY", 10)
    monkeypatch.setattr("gitexp.store.index.beside._AT_ONCE", 50)
    monkeypatch.setattr("gitexp.store.index.beside.os.cpu_count", lambda: 2)


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("dies", [False, True], ids=["whole", "dies"])
def test_filled_by_two_processes_it_is_what_it_is_by_one(
    many: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """If the other one dies, what it has not sent is read here."""
    with monkeypatch.context() as patched:
        patched.setattr("gitexp.store.index.beside._MANY", 10_000)
        opened(tmp_path / "one.sqlite", many, "experiments").close()
    if dies:
        monkeypatch.setattr("gitexp.store.index.beside._START", _DIES)
    parts: list[Made | None] = []
    sent = index_beside._parts

    def seen(repository: Repository, tip: str, since: str | None) -> Iterator[Made | None]:
        for part in sent(repository, tip, since):
            parts.append(part)
            yield part

    monkeypatch.setattr("gitexp.store.index.beside._parts", seen)

    opened(tmp_path / "two.sqlite", many, "experiments").close()

    assert list(dumped(tmp_path / "two.sqlite")) == list(dumped(tmp_path / "one.sqlite"))
    assert [len(part.runs) if part is not None else 0 for part in parts] == (
        [50] if dies else [50, 50, 50, 50, 32, 0]
    )


@pytest.mark.parametrize("stages", [1, 3])
def test_a_first_index_that_is_cut_off_goes_on_where_it_was(
    many: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stages: int
) -> None:
    opened(tmp_path / "whole.sqlite", many, "experiments").close()
    monkeypatch.setattr("gitexp.store.index.stages.STAGE", 50)
    made, asked = index_stages._stage, list[str | None]()

    def cut_off(
        connection: sqlite3.Connection,
        repository: Repository,
        seen: Tips,
        upto: Tips,
        parts: Iterator[Made],
    ) -> Tips:
        if len(asked) == stages:
            raise KeyboardInterrupt
        asked.append(seen.runs)
        return made(connection, repository, seen, upto, parts)

    place = tmp_path / "cut.sqlite"
    monkeypatch.setattr("gitexp.store.index.stages._stage", cut_off)
    with pytest.raises(KeyboardInterrupt):
        opened(place, many, "experiments")
    connection = sqlite3.connect(place)
    assert connection.execute("SELECT count(*) FROM runs").fetchone() == (50 * stages - 1,)
    connection.close()
    rest, stages = _RUNS + 3 - 50 * stages, 100
    told: list[tuple[int, int]] = []
    catch_up = CatchUp(lambda done, total: told.append((done, total)))
    read = many.objects.commit
    current = Tips(read("experiments"), read(NOTES))

    RunIndex.open(place, many, lambda: current, catch_up).close()

    assert asked[1:] == many.line("rev-list", "--reverse", "experiments").split()[49:-2:50]
    assert told[0] == (0, rest)
    assert all(done <= total for done, total in told)
    assert list(dumped(place)) == list(dumped(tmp_path / "whole.sqlite"))


def test_a_first_index_that_was_cut_off_is_made_anew_where_the_branch_is_another(
    many: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path / "whole.sqlite", many, "experiments").close()
    place = tmp_path / "cut.sqlite"
    many.git("update-ref", "refs/heads/earlier", "experiments~200")
    opened(place, many, "earlier").close()
    connection = sqlite3.connect(place, isolation_level=None)
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall():
        connection.execute(f"DROP INDEX {name}")
    connection.execute("UPDATE seen SET oid = ? WHERE what = 'runs'", ("1" * 40,))  # purged
    connection.close()
    monkeypatch.setattr("gitexp.store.index.stages.STAGE", 50)

    opened(place, many, "experiments").close()

    assert list(dumped(place)) == list(dumped(tmp_path / "whole.sqlite"))


_DIES = """\
import itertools, json, os, sys
told = json.loads(sys.argv[1])
sys.path[:] = told.pop()
from gitexp.store.index import beside
whole = beside._packed_parts
def cut_off(*runs):
    yield next(whole(*runs))
    sys.stdout.buffer.write((1000).to_bytes(8, "big") + b"some of it")
    sys.stdout.buffer.flush()
    os._exit(9)
beside._packed_parts = cut_off
beside.send(*told)
"""


def dumped(place: Path) -> Iterator[object]:
    """Yield all that stands in an index, in an order of its own."""
    connection = sqlite3.connect(place)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in sorted(tables):
        yield table
        yield from sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
    connection.close()


def test_many_runs_are_read_one_by_one_wherever_they_are_by_then(
    many: Repository, tmp_path: Path
) -> None:
    index = opened(tmp_path / "index.sqlite", many, "experiments")
    expected = index.select(Selection(""))

    found = index.select_many(Selection(""))
    with sqlite3.connect(tmp_path / "index.sqlite") as other:  # made anew, with other places
        other.execute("DELETE FROM runs WHERE position % 3 = 0")
        other.execute("UPDATE runs SET oid = ? WHERE position = 4", ("0" * 40,))
    other.close()

    assert list(found) == expected
    assert len(found) == len(expected) == _RUNS + 2
    assert list(found[5:9]) == expected[5:9]
    assert (found[0], found[-1]) == (expected[0], expected[-1])
    with pytest.raises(IndexError):
        found[len(expected)]
    index.close()


def test_whoever_stops_reading_leaves_no_process_behind(many: Repository) -> None:
    asked = ((f"experiments~{number}:.gitexp/run.json", number) for number in range(_RUNS))
    found = many.objects.read_stream(asked)
    first = list(itertools.islice(found, 3))

    cast("Generator[object, None, None]", found).close()

    assert [number for number, _ in first] == [0, 1, 2]
    assert all(record is not None for _, record in first)


def test_what_goes_wrong_while_asking_is_raised_where_answers_are_read(many: Repository) -> None:
    def asked() -> Iterator[tuple[str, int]]:
        yield "experiments:.gitexp/run.json", 1
        raise LookupError("nothing more")

    with pytest.raises(LookupError, match="nothing more"):
        list(many.objects.read_stream(asked()))
