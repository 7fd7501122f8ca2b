"""The search index under attack: every listing is the one that is made with no index at all."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gitexp.git.repository import Repository
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json
from gitexp.store.branch import root_commit
from gitexp.store.index.file import Tips
from gitexp.store.index.index import RunIndex

_RUNS = 600

LISTING = """
import json, sys
from pathlib import Path
from gitexp.comparison.query.expression import Column, Comparison
from gitexp.git.repository import Repository
from gitexp.store.pending import append
from gitexp.store.index.index import RunIndex
from gitexp.store.index.file import Tips
from gitexp.store.reading import run_of
from gitexp.store.index.selection import Selection, Sort

def listing(place, repository, current):
    index = RunIndex.open(Path(place), repository, current)
    loss = Column("metrics", "loss")
    asked = (
        Selection(None), Selection("", Comparison(loss, "<", 0.5)),
        Selection("", sort=Sort(loss, True), limit=100),
    )
    found = [[run.oid for run in index.select(one)] for one in asked]
    columns = [str(column) for column in index.columns(None)]
    varying = sorted(map(str, index.varying("")))
    tips = index.tips
    index.close()
    return json.dumps([found, columns, varying, len(found[0])]), tips
"""
"""What all of these tests ask; with ':memory:' as the place there is no index."""

ASK = f"""{LISTING}
with Repository.open(Path()) as repository:
    print("ready", flush=True)
    listing(sys.argv[1], repository, lambda: Tips(repository.objects.commit("experiments")))
"""

READ = f"""{LISTING}
for _ in range(4):
    with Repository.open(Path()) as repository:
        current = lambda: Tips(repository.objects.commit("experiments"))
        while True:
            before = current()
            shown, tips = listing(sys.argv[1], repository, current)
            if tips == before:  # else runs came between its questions
                break
        assert shown == listing(":memory:", repository, lambda: tips)[0]
"""

WRITE = f"""{LISTING}
with Repository.open(Path()) as repository:
    for number in range(4):
        tip = repository.objects.commit("experiments")
        current = lambda: Tips(repository.objects.commit("experiments"))
        index = RunIndex.open(Path(sys.argv[1]), repository, current)
        name = f"{{sys.argv[2]}}x{{number}}"
        old = run_of(repository, tip)
        content = old.content.replace(old.id.encode(), name.encode())
        blob = repository.line("hash-object", "-w", "--stdin", stdin=content)
        folder = repository.line("mktree", stdin=f"100644 blob {{blob}}\\trun.json\\n".encode())
        tree = repository.line("mktree", stdin=f"040000 tree {{folder}}\\t.gitexp\\n".encode())
        message = f"{{name}}\\n\\nGitexp-Run: {{name}}\\nGitexp-Name: {{name}}\\n"
        recorded = append(repository, "experiments", tree=tree, message=message, run_id=name)
        index.add(run_of(repository, recorded.oid), parent=recorded.parent)
        index.close()
"""

DAMAGE = f"""{LISTING}
import contextlib, os, random

chance = random.Random(int(sys.argv[2]))
with Repository.open(Path()) as repository:
    tips = Tips(repository.objects.commit("experiments"))
    for _ in range(12):
        if chance.random() < 0.4:
            with contextlib.suppress(FileNotFoundError), open(sys.argv[1], "r+b", 0) as file:
                file.write(os.urandom(100))
        listing(sys.argv[1], repository, lambda: tips)
"""


@pytest.fixture
def place(repository: Repository) -> Path:
    """Say where the index lies."""
    folder = repository.common_dir / "gitexp"
    folder.mkdir()
    return folder / "index.sqlite"


def put_runs(repository: Repository, count: int) -> None:
    """Put runs onto the branch, as fast as git takes them."""
    chance = random.Random(7)
    parent = f"from {root_commit(repository)}\n"
    stream = []
    for number in range(count):
        values = {"loss": chance.random(), "epochs": number % 5}
        record = RunRecord(
            id=f"run{number:07}",
            name=f"name-{number}",
            status="done",
            exit=Exit(0),
            command=("python", "train.py"),
            baseline="b" * 40,
            inputs=Inputs("c" * 40),
            started="2026-01-02T03:04:05.000Z",
            ended=f"2026-01-02T04:{number % 60:02}:{number % 59:02}.000Z",
            params={"params.yaml": {"lr": number, "seed": 1}},
            metrics={"metrics.json": dict(values)},
        )
        message = message_text(record, Policy(), {}).encode()
        content = to_json(record)
        head = f"commit refs/heads/experiments\ncommitter A <a@b> {number} +0000\n".encode()
        stream.append(head + b"data %d\n%s\n" % (len(message), message) + parent.encode())
        stream.append(b"M 100644 inline .gitexp/run.json\ndata %d\n%s\n" % (len(content), content))
        parent = ""
    repository.git("fast-import", "--quiet", stdin=b"".join(stream))


def listing(place: Path | str, repository: Repository) -> str:
    """Return what an index at a place answers."""
    found: dict[str, Any] = {}
    exec(LISTING, found)
    tips = Tips(repository.objects.commit("experiments"))
    answer, _ = found["listing"](str(place), repository, lambda: tips)
    assert isinstance(answer, str)
    return answer


def test_an_index_whose_writer_was_killed_answers_as_none(
    repository: Repository, place: Path, pytestconfig: pytest.Config
) -> None:
    """Every other time from nothing, else with the last runs to add."""
    put_runs(repository, _RUNS)
    tip = repository.line("rev-parse", "experiments")
    earlier = repository.line("rev-parse", "experiments~200")
    expected = listing(":memory:", repository)
    chance = random.Random(1)
    for number in range(pytestconfig.getoption("--torture-rounds")):
        if number % 2:
            place.unlink(missing_ok=True)
        repository.git("update-ref", "refs/heads/experiments", earlier)
        if not number % 2:
            listing(place, repository)
        repository.git("update-ref", "refs/heads/experiments", tip)
        command = [sys.executable, "-c", ASK, str(place)]
        with subprocess.Popen(command, cwd=repository.top, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.3))
            process.kill()

        assert listing(place, repository) == expected


@pytest.mark.parametrize("seed", range(6))
def test_an_index_that_was_cut_off_or_overwritten_answers_as_none(
    repository: Repository, place: Path, seed: int
) -> None:
    put_runs(repository, 150)
    expected = listing(":memory:", repository)
    assert listing(place, repository) == expected
    chance = random.Random(seed)
    whole = place.read_bytes()
    for _ in range(4):
        at = chance.randrange(len(whole))
        page = at // 4096 * 4096
        place.write_bytes(
            chance.choice(
                [
                    whole[:at],
                    whole[:page],
                    whole[:page] + bytes(4096) + whole[page + 4096 :],
                    whole[:page] + chance.randbytes(4096) + whole[page + 4096 :],
                    whole[:page] + chance.randbytes(len(whole) - page),
                ]
            )
        )

        assert listing(place, repository) == expected
        assert listing(place, repository) == expected


def test_two_versions_of_gitexp_that_take_turns_both_get_their_answers(
    repository: Repository, place: Path
) -> None:
    put_runs(repository, 50)
    expected = listing(":memory:", repository)
    tips = Tips(repository.objects.commit("experiments"))
    for _ in range(3):
        ours = RunIndex.open(place, repository, lambda: tips)
        other = sqlite3.connect(place, isolation_level=None)
        for (name,) in other.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            other.execute(f"DROP TABLE {name}")
        other.execute("CREATE TABLE runs (position INTEGER PRIMARY KEY, oid TEXT)")
        other.execute("CREATE TABLE seen (tip TEXT)")
        other.execute("PRAGMA user_version = 2")
        other.close()

        meanwhile = [run.oid for run in ours.runs(None)]
        ours.close()

        assert meanwhile == json.loads(expected)[0][0]
        assert listing(place, repository) == expected


def test_eight_readers_and_four_writers_at_once_see_what_there_is(
    repository: Repository, place: Path
) -> None:
    put_runs(repository, 100)
    readers = [[sys.executable, "-c", READ, str(place)] for _ in range(8)]
    writers = [[sys.executable, "-c", WRITE, str(place), f"w{at}"] for at in range(4)]
    processes = [
        subprocess.Popen(command, cwd=repository.top, stderr=subprocess.PIPE)
        for command in [*readers, *writers]
    ]

    ended = [(process.communicate()[1], process.returncode) for process in processes]

    assert ended == [(b"", 0)] * 12
    assert listing(place, repository) == listing(":memory:", repository)
    assert json.loads(listing(place, repository))[-1] == 100 + 4 * 4


def test_six_that_damage_an_index_and_make_it_anew_at_once_leave_a_right_one(
    repository: Repository, place: Path
) -> None:
    put_runs(repository, 100)
    expected = listing(place, repository)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DAMAGE, str(place), str(seed)],
            cwd=repository.top,
            stderr=subprocess.PIPE,
        )
        for seed in range(6)
    ]

    ended = [(process.communicate()[1], process.returncode) for process in processes]

    assert ended == [(b"", 0)] * 6
    assert listing(place, repository) == expected
