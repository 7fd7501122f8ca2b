"""What can be seen of runs under way, and what of it is read."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.git.repository import Repository
from gitexp.model.headway import Ends
from gitexp.model.paths import TopPath
from gitexp.model.system import Row, line_of
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import Place
from gitexp.store.running import About, find_running, running, runs_under_way, write_about
from gitexp.store.stopping import is_asked, is_stopping, order_stop, take_order


@pytest.fixture
def entry(work_tree: Path, repository: Repository) -> Entry:
    """A run of this very process, with a folder."""
    made = Entry(
        id="abc",
        name="brave-otter",
        work_tree=str(work_tree),
        folder=TopPath(""),
        directory=TopPath(""),
        since="2026-01-02T03:04:05+00:00",
        owner=Place.of(os.getpid()),
    )
    journal = Journal(repository)
    (journal.scratch(made.id) / "logged").mkdir(parents=True)
    journal.write(made)
    return made


def line(step: int, **values: object) -> str:
    return json.dumps({"step": step, "time": 1000.0 + step, "log": values}) + "\n"


def test_of_a_long_log_the_first_and_the_last_steps_are_read(
    repository: Repository, entry: Entry
) -> None:
    journal = Journal(repository)
    scratch = journal.scratch(entry.id)
    steps = [line(step, loss=1 / (step + 1), val={"acc": step}) for step in range(20_000)]
    text = line(0, early=1.0) + '{"param": {"max_steps": 40000}}\n' + "".join(steps)
    (scratch / "logged" / "1-0-7.jsonl").write_text(text + line(20_000, loss="nan") + '{"step": 2')
    (scratch / "logged" / "1-1-8.jsonl").write_text(line(99_999, other=7.0))
    (scratch / "system.jsonl").write_bytes(line_of(Row(1.0, 1.0, {"cpu": 2.0})) + b'{"at"')

    found = running(journal, entry)

    assert len(text) > 1_000_000
    assert (found.step, found.values["val.acc"], found.values["early"]) == (20_000, 19_999, 1.0)
    assert math.isnan(found.values["loss"])
    assert found.headway is not None
    assert (found.headway.done, found.headway.of) == (20_001, 40_000)
    assert found.usage == Row(1.0, 1.0, {"cpu": 2.0})
    assert found.silent is not None
    assert found.silent > 1e9


def test_a_run_that_has_said_nothing_is_there_all_the_same(
    repository: Repository, entry: Entry
) -> None:
    journal = Journal(repository)
    journal.write(replace(entry, id="def", name="brave-owl", since="2026-01-03T03:04:05+00:00"))
    journal.write(replace(entry, id="ghi", name="inner", folder=TopPath("sub")))

    here = runs_under_way(repository, "")
    said = About("python train.py", "why", time.time() - 60, Ends(10))
    write_about(journal.scratch(entry.id), said)
    [_, otter] = runs_under_way(repository, "")

    assert [one.name for one in here] == ["brave-owl", "brave-otter"]
    assert {(one.step, one.command, one.state, one.where) for one in here} == {
        (None, "", "running", "")
    }
    assert (otter.command, otter.message, 59 < otter.since < 3600) == (
        "python train.py",
        "why",
        True,
    )
    assert len(runs_under_way(repository, None)) == 3


@pytest.mark.parametrize(
    ("text", "found"),
    [("brave-otter", "abc"), ("brave-ot", "abc"), ("de", "def"), ("brave-o", None), ("", None)],
)
def test_a_run_under_way_is_found_by_its_name_its_id_or_their_unique_start(
    repository: Repository, entry: Entry, text: str, found: str | None
) -> None:
    Journal(repository).write(replace(entry, id="def", name="brave-owl"))

    entry_found = find_running(repository, "", text)

    assert (entry_found.id if entry_found is not None else None) == found


def test_an_order_to_stop_is_taken_once_and_one_that_is_none_not_at_all(tmp_path: Path) -> None:
    nothing = take_order(tmp_path)
    given = order_stop(tmp_path, "SIGTERM", "sweep"), is_asked(tmp_path), is_stopping(tmp_path)
    taken, again = take_order(tmp_path), take_order(tmp_path)
    after = is_asked(tmp_path), is_stopping(tmp_path)
    (tmp_path / "stop").write_text("SIGHUP run\n")

    assert (nothing, given) == (None, (True, True, False))
    assert (taken, again, after) == (("SIGTERM", "sweep"), None, (False, True))
    assert take_order(tmp_path) is None
    assert not order_stop(tmp_path / "gone", "SIGINT")
