"""Workers that die, fall silent or have no room left: no run that was made is lost by that."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath
from gitexp.store.journal import Entry, Journal, claim_file
from gitexp.store.processes import Place as Process
from gitexp.sweep.remote import worker
from gitexp.sweep.remote.crew import Crew
from gitexp.sweep.remote.engine import TaskLost
from gitexp.sweep.remote.parcel import Held, Parcel, RemotePoint
from gitexp.sweep.remote.place import PARCEL, RECORDED, Place, locked
from gitexp.sweep.remote.versions import Versions, check_versions, versions_here

from tests.sweep.remote.begun import Begun
from tests.sweep.remote.threads import Threads

_DEADLY_GIT = """\
#!/bin/sh
# Git, with which a worker dies while its run is being packed.
for word; do [ "$word" != pack-objects ] || kill -9 "$(cat "$WORKER")"; done
exec "$GIT" "$@"
"""
_WORKER = """\
import os, sys
from pathlib import Path
from gitexp.sweep.remote import worker
base, kit, task, pid = map(Path, sys.argv[1:])
pid.write_text(str(os.getpid()))
worker.make(base, kit.read_bytes(), task.read_bytes())
"""


def test_a_run_whose_worker_dies_while_it_is_packed_is_handed_over_by_the_next_one(
    begun: Begun, tmp_path: Path
) -> None:
    base, point = begun.engine.bases["w0"], begun.point(0)
    assert worker.prepare(base, begun.kit.to_bytes(), optuna=False) is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(_DEADLY_GIT)
    (tmp_path / "bin" / "git").chmod(0o755)
    (tmp_path / "kit").write_bytes(begun.kit.to_bytes())
    (tmp_path / "task").write_bytes(point.to_bytes())
    git = shutil.which("git") or "git"
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "GIT": git, "WORKER": str(tmp_path / "pid")}
    words = (base, tmp_path / "kit", tmp_path / "task", tmp_path / "pid")
    died = subprocess.run([sys.executable, "-c", _WORKER, *words], env=env, check=False)
    assert died.returncode == -signal.SIGKILL

    run = Place(base, begun.kit.key).run(point.run_id)
    with locked(run, fcntl.LOCK_EX):  # its process has ended, too
        assert (run / RECORDED).exists()
    (run / PARCEL).unlink(missing_ok=True)  # as if it had been killed before it was packed
    begun.work()

    assert [one.id for one in begun.runs().values()] == [point.run_id]
    assert begun.left() == []


def test_a_parcel_for_which_there_is_no_room_is_handed_over_all_the_same(begun: Begun) -> None:
    base, point = begun.engine.bases["w0"], begun.point(0)
    run = Place(base, begun.kit.key).run(point.run_id)
    (run / f"{PARCEL}.new").mkdir(parents=True)  # nothing can be written there

    parcel = Parcel.from_bytes(worker.make(base, begun.kit.to_bytes(), point.to_bytes()))

    assert (parcel.error, parcel.died, bool(parcel.tree)) == (None, None, True)
    assert not (run / PARCEL).exists()
    assert [Held.from_bytes(one).ended for one in worker.held(base, begun.kit.key)] == [True]


def test_a_run_whose_model_could_not_be_kept_is_not_handed_over_without_it(begun: Begun) -> None:
    base, point = begun.engine.bases["w0"], begun.point(0)
    assert worker.prepare(base, begun.kit.to_bytes(), optuna=False) is None
    place, name = Place(base, begun.kit.key), hashlib.md5(b"a model of 1\n").hexdigest()
    cache = place.home / ".dvc" / "cache" / "files" / "md5"
    (cache / name[:2]).write_text("where the folder for it would have to be\n")

    parcel = Parcel.from_bytes(worker.make(base, begun.kit.to_bytes(), point.to_bytes()))

    assert parcel.is_host
    assert "the pointer of 'model.pkl' has no data behind it" in (parcel.error or "")
    assert worker.held(base, begun.kit.key) == []


def _on_hosts_of_their_own(base: Path) -> Versions:
    return replace(versions_here(), host=base.name, disk=7)


def test_a_host_that_has_no_room_costs_its_run_a_second_try_and_gets_no_other(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, full = worker.make, "cannot write the record: No space left on device"
    begun.sweep = replace(begun.sweep, wanted=7)  # more than when the kit was made

    def make(base: Path, kit: bytes, task: bytes) -> bytes:
        run_id = RemotePoint.from_bytes(task).run_id
        if base.name == "w0":
            return Parcel(run_id, "w0", error=full, is_host=True, disk=7).to_bytes()
        return made(base, kit, task)

    monkeypatch.setattr(worker, "versions", _on_hosts_of_their_own)
    monkeypatch.setattr(worker, "make", make)
    begun.work(points=2)

    runs = begun.runs()
    assert {number: one.status for number, one in runs.items()} == {0: "done", 1: "done"}
    assert begun.said[0] == f"warning: w0 on w0 is given no further run in this call: {full}"
    assert begun.said[1].endswith(
        "was lost, because its worker on w0 could not make it: it is made again"
    )
    assert len(begun.said) == 2
    assert begun.definition_of(1)["wanted"] == 7

    del begun.engine.bases["w1"]
    with pytest.raises(GitexpError, match="worker w0 on w0 can make no run"):
        begun.work(points=3)
    assert Journal(begun.project.repository).entries() == []


def test_a_host_that_cannot_get_ready_is_passed_over(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "versions", _on_hosts_of_their_own)
    prepared, full = worker.prepare, worker.Problem("No space left on device", is_host=True)

    def prepare(base: Path, kit: bytes, *, optuna: bool) -> worker.Problem | None:
        return full if base.name == "w0" else prepared(base, kit, optuna=optuna)

    monkeypatch.setattr(worker, "prepare", prepare)
    begun.work()

    assert [*begun.runs()] == [0]
    assert begun.said == [f"warning: w0 on w0 is given no further run in this call: {full.text}"]


def test_a_run_whose_task_is_lost_is_fetched_from_the_worker_that_has_it(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, lost = begun.engine.result, list[object]()

    def result(task: Any) -> Any:
        found = seen(task)
        if isinstance(found, bytes) and not lost:
            lost.append(task)
            raise TaskLost("its process is gone")
        return found

    monkeypatch.setattr(begun.engine, "result", result)
    begun.work()

    [run] = begun.runs().values()
    assert (run.point.attempt, begun.said) == (1, [])
    assert begun.left() == []


def test_what_a_coordinator_of_another_host_waited_for_is_taken_over_once_it_is_silent(
    begun: Begun,
) -> None:
    base, point = begun.engine.bases["w0"], begun.point(0)
    worker.make(base, begun.kit.to_bytes(), point.to_bytes())
    repository, owner = begun.project.repository, Process.of(os.getpid())
    top, elsewhere = TopPath(""), replace(owner, host="elsewhere", boot="another")
    words = (point.run_id, point.name, str(repository.top), top, top, point.since)
    entry = Entry(*words, elsewhere, claim=point.claim)
    Journal(repository).write(entry)
    file = repository.common_dir / "gitexp" / "journal" / f"{entry.id}.json"
    os.utime(claim_file(file), (0, 0))

    begun.work()

    assert [run.id for run in begun.runs().values()] == [point.run_id]
    assert begun.left() == []


class _Slow(Threads):
    """Workers that do not answer at first."""

    answers = 0

    def everywhere(self, function: Any, *args: object) -> Mapping[str, Any]:
        self.answers += 1
        found = dict(super().everywhere(function, *args))
        if self.answers == 1:
            found["w0"] = TimeoutError("no answer")
        return found


def test_a_worker_that_does_not_answer_once_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[str]()
    crew = Crew(_Slow(tmp_path, workers=2), versions_here(), said.append, optuna=False)
    assert [*crew.count(at_once=True)] == ["w1"]
    assert [*crew.count(at_once=True)] == ["w0", "w1"]
    assert said == []

    silent: dict[str, Versions | Exception]
    silent = {"w0": TimeoutError("no answer"), "w1": versions_here()}
    check_versions(versions_here(), silent, optuna=False)
    del silent["w1"]
    with pytest.raises(GitexpError, match="worker w0 does not answer: no answer"):
        check_versions(versions_here(), silent, optuna=False)

    monkeypatch.setattr("gitexp.sweep.remote.crew._ANSWER_WITHIN", 0)
    crew = Crew(_Slow(tmp_path, workers=2), versions_here(), said.append, optuna=False)
    assert [*crew.count(at_once=True), *crew.count(at_once=True)] == ["w1", "w1"]
    assert said == ["warning: worker w0 is passed over: it does not answer: no answer"]
