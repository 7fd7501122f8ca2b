"""Runs made by workers that do not see the repository: each arrives once, whatever dies."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import Place as Process
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.definition import read_definition, under_way
from gitexp.sweep.reading import read_known
from gitexp.sweep.remote import objects, worker
from gitexp.sweep.remote.engine import EngineLost
from gitexp.sweep.remote.kit import make_kit
from gitexp.sweep.remote.parcel import Held, Parcel, RemotePoint
from gitexp.sweep.remote.place import PARCEL, Place, made_base, tidy
from gitexp.sweep.remote.versions import check_versions, versions_here

from tests.sweep.remote.begun import Begun
from tests.sweep.remote.threads import Threads
from tests.workshop import Git, Gitexp


def test_runs_of_workers_are_runs_as_if_they_had_been_made_here(
    begun: Begun, gitexp: Gitexp, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PIECE", 1)
    begun.kit = make_kit(begun.project, begun.sweep)
    assert [b"7", b"\n"] in begun.kit.caches["."].values()
    begun.work(points=2)

    runs = begun.runs()
    found = {number: (one.status, one.metrics["metrics.json"]) for number, one in runs.items()}
    assert found == {0: ("done", {"loss": 17}), 1: ("done", {"loss": 27})}
    assert {(one.host, one.point.engine) for one in runs.values()} == {
        (versions_here().host, "dask")
    }
    assert set(begun.engine.made) == {"w0", "w1"}
    assert begun.left() == []
    assert git("fsck", "--no-dangling") == ""
    assert git("log", "-1", "--format=%an %s", "experiments").startswith("Ada scan-")
    log = begun.project.repository.common_dir / "gitexp" / "logs" / f"{runs[1].id}.log"
    assert str(tmp_path / "hosts") in log.read_text()
    gitexp("get", "scan-1", "model.pkl", "-o", tmp_path / "model.pkl")
    assert (tmp_path / "model.pkl").read_text() == "a model of 2\n"
    gitexp("run", "--temp", "-S", "rate=2", "-n", "here", "--", "sh", "fit.sh")
    here = next(run.record for run in begun.project.runs.newest() if run.record.name == "here")
    for field in ("inputs", "params", "metrics", "outputs", "baseline", "pointers"):
        assert getattr(here, field) == getattr(runs[1], field), field


def test_what_workers_have_for_a_coordinator_that_is_gone_is_handed_over_once(
    begun: Begun,
) -> None:
    kit, base = begun.kit.to_bytes(), begun.engine.bases["w0"]
    first, second = begun.point(0), begun.point(0)
    for point in (first, second):
        worker.make(base, kit, point.to_bytes())

    begun.work()

    [run] = begun.runs().values()
    assert run.id in (first.run_id, second.run_id)
    assert begun.left() == []
    worker.make(base, kit, first.to_bytes())  # the engine does once more what was done
    begun.work()
    assert begun.runs() == {0: run}
    assert begun.left() == []


def test_a_run_that_is_lost_time_and_again_is_left_for_another_call(
    begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TROUBLE", str(tmp_path / "trouble.sh"))
    (tmp_path / "trouble.sh").write_text("kill -9 $PPID; while :; do sleep 0.05; done\n")
    monkeypatch.setattr(Chooser, "waits_for", lambda _, number, __: (0,) if number else ())
    begun.work(points=2)
    (tmp_path / "trouble.sh").unlink()
    lost = begun.runs()

    begun.work(points=1)

    host = versions_here().host
    why = f"'scan-0' was lost, because on {host}, signal 9 has ended it: it is made again"
    assert begun.said[:2] == [f"note: {why}"] * 2
    assert begun.said[2].startswith("warning: 'scan-0' was lost 3 times")
    over = "note: no further run is started: point 0 was lost too often"
    assert begun.said[3].startswith(over)
    assert (lost, [*begun.runs()]) == ({}, [0])
    assert begun.left() == []


def test_a_sweep_without_its_engine_gives_back_what_was_under_way(begun: Begun) -> None:
    class Lost(Threads):
        def result(self, task: Any) -> Any:
            found = super().result(task)
            self.is_lost = isinstance(found, bytes)
            self._check()
            return found

    bases, begun.engine = begun.engine.bases, Lost(Path("/nowhere"), workers=2)
    begun.engine.bases = bases
    with contextlib.closing(begun.engine), pytest.raises(EngineLost, match="the workshop is gone"):
        begun.work()

    assert Journal(begun.project.repository).entries() == []
    assert read_known(begun.project, begun.sweep).under_way == {}


def test_told_to_stop_workers_stop_their_commands_and_hand_them_over(
    begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = tmp_path / "trouble.sh"
    trouble.write_text(f'mkdir "{tmp_path}/held.$$"; while :; do sleep 0.05; done\n')
    monkeypatch.setenv("TROUBLE", str(trouble))
    seen = begun.engine.ended

    def ended(tasks: Any, seconds: float) -> Any:
        if len(list(tmp_path.glob("held.*"))) == 2:
            begun.told.stop(15)
        return seen(tasks, seconds)

    monkeypatch.setattr(begun.engine, "ended", ended)
    begun.work(points=2)

    runs = begun.runs()
    assert {one.status for one in runs.values()} == {"interrupted"}
    assert len(runs) == 2
    assert begun.left() == []


def test_a_worker_of_another_version_gets_no_run(begun: Begun) -> None:
    other = replace(begun.kit, versions=replace(versions_here(), gitexp="9.9"))
    del begun.engine.bases["w1"]

    with pytest.raises(GitexpError, match=r"worker w0 .* and this is 9\.9, and there is no other"):
        begun.work(other)

    what = f"it has gitexp {versions_here().gitexp}, and this is 9.9"
    assert begun.said == [f"warning: worker w0 is passed over: {what}"]
    problem = worker.prepare(begun.engine.bases["w0"], other.to_bytes(), optuna=False)
    assert problem is not None
    assert "and this is 9.9" in problem.text
    with pytest.raises(GitexpError, match=r"worker w0 .* and this is 9\.9"):
        check_versions(other.versions, begun.engine.everywhere(worker.versions), optuna=False)


def test_what_a_worker_cannot_do_is_told_before_the_first_run(begun: Begun) -> None:
    bare = replace(begun.kit, caches={})
    del begun.engine.bases["w1"]

    with pytest.raises(GitexpError, match="cannot get 'data' from the DVC remote") as failed:
        begun.work(bare)

    assert failed.value.hint is not None
    assert "dvc push" in failed.value.hint
    assert begun.runs() == {}
    assert begun.left() == []


def test_a_parcel_that_is_another_run_is_not_filed(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = worker.make
    others = [
        lambda point: replace(point, claim=replace(point.claim, number=point.claim.number + 7)),
        lambda point: replace(point, name="of-another-sweep"),
    ]

    def swapped(base: Path, kit: bytes, task: bytes) -> bytes:
        """Give another run under the id of this one."""
        other = others[0](RemotePoint.from_bytes(task))
        return made(base, kit, other.to_bytes())

    monkeypatch.setattr(worker, "make", swapped)
    while others:
        with pytest.raises(GitexpError, match="another run than the one that was asked for"):
            begun.work()
        del others[0]

    assert begun.runs() == {}
    assert Journal(begun.project.repository).entries() == []


def test_a_worker_cannot_name_files_here(begun: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = [
        replace(begun.point(0), run_id="../../../../outside"),
        replace(begun.point(0), name="../outside"),
        replace(begun.point(0), key="of-another-sweep"),
    ]
    monkeypatch.setattr(worker, "held", lambda *_: [Held(one, True).to_bytes() for one in odd])
    made, asked = worker.make, list[str]()

    def noted(base: Path, kit: bytes, task: bytes) -> bytes:
        asked.append(RemotePoint.from_bytes(task).run_id)
        return made(base, kit, task)

    monkeypatch.setattr(worker, "make", noted)
    begun.work()

    assert [run.id for run in begun.runs().values()] == asked


def test_a_parcel_that_is_not_whole_is_made_again(begun: Begun) -> None:
    base, point = begun.engine.bases["w0"], begun.point(0)
    worker.make(base, begun.kit.to_bytes(), point.to_bytes())
    parcel = Place(base, begun.kit.key).run(point.run_id) / PARCEL
    parcel.write_bytes(parcel.read_bytes()[:-9])

    begun.work()

    why = "'scan-0' was lost, because its worker kept it in part only: it is made again"
    assert begun.said == [f"note: {why}"]
    assert [*begun.runs()] == [0]
    assert begun.left() == []


def test_what_another_coordinator_waits_for_is_left_to_it(begun: Begun) -> None:
    begun.work()
    base, point = begun.engine.bases["w0"], begun.point(0)
    worker.make(base, begun.kit.to_bytes(), point.to_bytes())
    repository, owner = begun.project.repository, Process.of(os.getppid())
    top = TopPath("")
    words = (point.run_id, point.name, str(repository.top), top, top, point.since)
    Journal(repository).write(Entry(*words, owner, claim=point.claim))

    begun.work()

    assert len(worker.held(base, begun.kit.key)) == 1


def test_a_run_that_is_stopped_before_it_begins_leaves_nothing(
    begun: Begun,
) -> None:
    base, point = begun.engine.bases["w0"], begun.point(0)
    worker.stop(base, begun.kit.key, [point.run_id])  # there is no folder so far: nothing to stop
    assert worker.prepare(base, begun.kit.to_bytes(), optuna=False) is None
    worker.stop(base, begun.kit.key, [point.run_id])

    parcel = Parcel.from_bytes(worker.make(base, begun.kit.to_bytes(), point.to_bytes()))

    assert parcel.stopped
    assert worker.held(base, begun.kit.key) == []
    assert worker.leave(base, begun.kit.key)
    assert not base.exists()


def test_a_sweep_that_workers_could_not_make_as_it_is_made_here_is_refused(
    begun: Begun, gitexp: Gitexp, git: Git
) -> None:
    project, words = begun.project, ("-n", "other", "--script", "slurm", "--", "sh", "fit.sh")

    def refused(problem: str, *more: str) -> None:
        known = set(under_way(project))
        gitexp("sweep", f"rate={len(known) + 4}", *more, *words)
        [new] = set(under_way(project)) - known
        sweep = read_definition(project, new)
        assert sweep is not None
        with pytest.raises(GitexpError, match=problem):
            make_kit(project, sweep)

    (project.root / ".gitignore").write_text("private\n/data\n")
    (project.root / "private").write_text("of this disk\n")
    refused("'private' is copied from this disk", "-C", "private")
    (project.root / ".gitattributes").write_text("params.yaml filter=large\n")
    git("config", "filter.large.clean", "cat")
    project.repository.forget_config()
    refused("'params.yaml' is kept by a filter of git")
    (project.root / ".gitattributes").unlink()
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./.git", "sub")
    refused("'sub' is a submodule")


def test_folders_that_nobody_asks_for_any_more_are_cleared_away(tmp_path: Path) -> None:
    base = made_base(tmp_path / "gitexp")
    old, new = Place(base, "old"), Place(base, "new")
    for place in (old, new):
        with place.used():
            for name in ("ended", "cut-off"):
                place.run(name).mkdir(parents=True)
            (place.run("ended") / PARCEL).touch()
    os.utime(old.folder / "lock", (0, 0))

    tidy(base)

    assert [one.name for one in base.iterdir()] == ["new"]
    assert [one.name for one in new.runs()] == ["ended"]
    assert not new.clear()  # it may yet be handed over
    base.chmod(0o777)
    with pytest.raises(GitexpError, match="not a folder of this user's alone"):
        made_base(base)
    worker.forget_runs(base, "new", ["ended"])
    worker.leave(base, "new")
    assert [one.name for one in new.runs()] == ["ended"]
