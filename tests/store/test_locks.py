"""Locks between real processes, with the system's own and on a file system that has none."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import asdict, replace

from gitexp.store.locks import OWNER, OwnerFile, held, tried
from gitexp.store.processes import Place

from tests.workshop import DEADLINE

NO_LOCKS = Path(__file__).parents[1] / "no_locks.py"

COUNTS = """\
import sys, time
from pathlib import Path
from gitexp.store.locks import held

counter, lock = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(int(sys.argv[3])):
    with held(lock):
        before = int(counter.read_text())
        time.sleep(0.001)
        counter.write_text(str(before + 1))
"""
"""Adds to a number in a file; without a lock, others' additions are lost."""

HOLDS = """\
import sys
from pathlib import Path
from gitexp.store.locks import held

with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=["system", "owner file"])
def python(request: pytest.FixtureRequest) -> list[str]:
    """How to start Python on a file system with locks, and on one without."""
    if request.param == "system":
        return [sys.executable]
    command = [sys.executable, str(NO_LOCKS), sys.executable]
    if subprocess.run([*command, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("a system without seccomp")
    return command


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A file to lock."""
    (tmp_path / "lock").touch()
    return tmp_path / "lock"


def start(python: list[str], program: str, *args: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*python, "-c", program, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def started_holder(python: list[str], lock: Path) -> subprocess.Popen[str]:
    holder = start(python, HOLDS, lock)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def owned_by(lock: Path, owner: Place) -> Path:
    file = lock.with_name(lock.name + OWNER)
    file.write_text(json.dumps(asdict(owner)))
    return file


def test_only_one_process_at_a_time_holds_a_lock(
    python: list[str], lock: Path, tmp_path: Path
) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")

    processes = [start(python, COUNTS, counter, lock, 25) for _ in range(4)]
    for process in processes:
        process.communicate()

    assert [process.returncode for process in processes] == [0] * 4
    assert counter.read_text() == "100"
    assert sorted(path.name for path in tmp_path.glob("lock*")) == ["lock"]


def test_a_lock_ends_with_the_process_that_was_killed(
    python: list[str], lock: Path, tmp_path: Path
) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    holder = started_holder(python, lock)
    waiting = [start(python, COUNTS, counter, lock, 5) for _ in range(4)]

    kill(holder)
    for process in waiting:
        process.communicate(timeout=DEADLINE)

    assert counter.read_text() == "20"
    assert sorted(path.name for path in tmp_path.glob("lock*")) == ["lock"]


def test_an_attempt_does_not_wait(python: list[str], lock: Path) -> None:
    holder = started_holder(python, lock)
    line = "import sys; from pathlib import Path; from gitexp.store.locks import tried\n"
    line += "with tried(Path(sys.argv[1])) as mine: print(mine)"

    busy = start(python, line, lock).communicate()[0]
    holder.communicate()
    free = start(python, line, lock).communicate()[0]

    assert (busy, free) == ("False\n", "True\n")


def test_an_owner_on_another_machine_holds_what_it_holds(lock: Path) -> None:
    elsewhere = replace(Place.of(os.getpid()), host="another", started="1")
    file = owned_by(lock, elsewhere)

    with OwnerFile(lock).tried() as mine:
        assert not mine

    assert json.loads(file.read_text()) == asdict(elsewhere)
    assert OwnerFile(lock).owner == elsewhere


def test_an_owner_that_cannot_be_seen_is_overruled_on_request(lock: Path) -> None:
    file = owned_by(lock, replace(Place.of(os.getpid()), host="another", started="1"))

    with OwnerFile(lock).tried(even_unseen=True) as mine:
        assert mine
        assert OwnerFile(lock).owner == Place.of(os.getpid())

    assert not file.exists()


def test_an_owner_that_is_seen_to_live_is_never_overruled(lock: Path) -> None:
    owned_by(lock, Place.of(os.getppid()))

    with OwnerFile(lock).tried(even_unseen=True) as mine:
        assert not mine


def test_an_owner_elsewhere_is_waited_for_with_patience_and_not_for_ever(lock: Path) -> None:
    owned_by(lock, replace(Place.of(os.getpid()), host="another", started="1"))

    with OwnerFile(lock).held(patience=0.05):
        assert OwnerFile(lock).owner == Place.of(os.getpid())


def test_who_was_overruled_leaves_the_lock_of_the_next_one_alone(lock: Path) -> None:
    successor = replace(Place.of(os.getpid()), host="another", started="1")

    with OwnerFile(lock).tried() as mine:
        assert mine
        file = owned_by(lock, successor)

    assert json.loads(file.read_text()) == asdict(successor)


def test_an_owner_that_was_killed_before_it_wrote_its_name_is_gone_after_a_minute(
    lock: Path,
) -> None:
    file = lock.with_name(lock.name + OWNER)
    file.touch()
    with OwnerFile(lock).tried() as now:
        assert not now
    os.utime(file, (1, 1))

    with OwnerFile(lock).tried() as later:
        assert later


def test_who_was_killed_while_breaking_a_lock_stands_in_nobodys_way(lock: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    gone = replace(Place.of(os.getpid()), pid=process.pid, started="1")
    file = owned_by(lock, gone)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    owned_by(lock.with_name(f"{file.name}.{digest}"), gone)

    with OwnerFile(lock).tried() as mine:
        assert mine

    assert list(lock.parent.glob("lock*")) == [lock]


def test_a_file_that_cannot_be_locked_for_want_of_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), held(tmp_path / "none" / "lock"):
        pass
    with pytest.raises(FileNotFoundError), tried(tmp_path / "none"):
        pass
