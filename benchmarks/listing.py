"""What it takes to list runs: a thousand of them beside DVC and MLflow, and a hundred thousand."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.many_runs import records, write_runs
from benchmarks.measure import Rounds, Subject, alternate
from benchmarks.peers import dvc_experiments, has_mlflow, mlflow_store
from benchmarks.results import Result
from benchmarks.training import CONFIG
from benchmarks.workshop import PeerMissing, Workshop, run
from gitexp.model.record_json import to_json
from gitexp.project import Project
from gitexp.store.index.index import RunIndex
from gitexp.store.stored_run import StoredRun

_RUNS = 1000
_MANY = 100_000
_FEW = 10
_COLD = 2
"""Rounds with nothing cached: DVC takes most of a minute for one."""
_COMMANDS = {
    "sort": ("ls", "--sort-by", "val.loss", "-N", "20"),
    "where": ("ls", "--where", "val.accuracy > 0.9 and lr <= 0.01", "-N", "20"),
    "best": ("best", "accuracy"),
    "latest": ("show", "latest"),
}


def thousand(workshop: Workshop) -> Iterator[Result]:
    """`ls --json` of a thousand runs, with no index and with one, against `dvc exp show`."""
    gitexp, dvc = workshop.gitexp, workshop.peer("dvc")
    ours = _project(workshop, "ls-gitexp", _RUNS)
    theirs = dvc_experiments(workshop, "ls-dvc", records(_RUNS))
    mine = Subject(lambda: run(gitexp, "ls", "--json", cwd=ours))
    peer = Subject(lambda: run(dvc, "exp", "show", "--json", cwd=theirs))
    cold, cold_peer = alternate(
        Rounds(min(_COLD, workshop.rounds.count), workshop.rounds.patience),
        replace(mine, before=lambda: _forget(ours)),
        replace(peer, before=lambda: _forget_caches(theirs)),
    )
    said, against = f"`gitexp ls --json`, {_RUNS:,} runs", "`dvc exp show --json`"
    without = f"{against}, its caches deleted"
    yield Result("ls-cold", f"{said}, no index", without, cold, cold_peer, 1 / 40)
    warm, warm_peer = alternate(workshop.rounds, mine, peer)
    yield Result("ls-warm", said, against, warm, warm_peer, 1 / 8)


def beside_mlflow(workshop: Workshop) -> Iterator[Result]:
    """`ls --csv` of a thousand runs against `mlflow runs list` from MLflow's SQLite store."""
    mlflow = workshop.peer("mlflow")
    python = str(Path(mlflow).with_name("python"))
    if not has_mlflow(python):
        raise PeerMissing("mlflow has no sqlalchemy or alembic")
    ours = _project(workshop, "mlflow-gitexp", _RUNS)
    address, experiment = mlflow_store(workshop, python, records(_RUNS))
    command = (mlflow, "runs", "list", "--experiment-id", experiment)
    env = ("env", f"MLFLOW_TRACKING_URI={address}")
    mine, peer = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "ls", "--csv", cwd=ours)),
        Subject(lambda: run(*env, *command, cwd=workshop.folder)),
    )
    yield Result(
        "ls-mlflow",
        f"`gitexp ls --csv`, {_RUNS:,} runs",
        "`mlflow runs list` from a store in SQLite",
        mine,
        peer,
        1 / 10,
        ("MLflow prints names and ids alone",),
    )


def many(workshop: Workshop) -> Iterator[Result]:
    """What people ask of a hundred thousand runs, against the start of the program."""
    gitexp = workshop.gitexp
    place = _project(workshop, "many", _MANY, index=False)
    started = time.perf_counter()
    run(gitexp, "ls", "-N", "1", cwd=place)
    first = f"the first index took {time.perf_counter() - started:.1f} s"
    with Project.open(place) as project:
        name = project.runs.newest(1000)[-1].name
    for what, command in {**_COMMANDS, "show": ("show", name)}.items():
        mine, peer = alternate(
            workshop.rounds,
            Subject(lambda command=command: run(gitexp, *command, cwd=place)),  # type: ignore[misc]
            Subject(lambda: run(gitexp, "--version", cwd=place)),
        )
        said = f"`gitexp {' '.join(command)}`, {_MANY:,} runs"
        yield Result(f"many-{what}", said, "`gitexp --version`", mine, peer, 4.0, (first,))
    yield _adding(workshop, place)


def first(workshop: Workshop) -> Iterator[Result]:
    """The first index of a hundred thousand runs, against the build of an earlier commit."""
    workshop.peer("before")
    place = _project(workshop, "many-first", _MANY, index=False)
    run("git", "gc", "--quiet", cwd=place)
    yield first_index(workshop, place)


def first_index(workshop: Workshop, place: Path) -> Result:
    """Measure it in a repository that has the runs."""
    before = workshop.peer("before")
    mine, peer = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "ls", "-N", "1", cwd=place), lambda: _forget(place)),
        Subject(lambda: run(before, "ls", "-N", "1", cwd=place), lambda: _forget(place)),
    )
    what = f"`gitexp ls -N 1`, {_MANY:,} runs, no index"
    return Result("many-first", what, "the same of the earlier build", mine, peer, 1 / 3)


def _adding(workshop: Workshop, many: Path) -> Result:
    few = _project(workshop, "few", _FEW)
    with Project.open(many) as large, Project.open(few) as small:
        mine, peer = alternate(
            workshop.rounds.times(5), _adds(large.runs.index), _adds(small.runs.index)
        )
    said = f"`RunIndex.add` in process, to {_MANY:,} runs"
    return Result("many-add", said, f"the same, to {_FEW} runs", mine, peer, 1.25)


def _adds(index: RunIndex) -> Subject:
    """Add runs that no commit has: the index is not asked for them."""
    index.columns("")
    tips = [index.tips.runs or ""]
    numbers = itertools.count()
    made = records(10_000, seed=7)
    waiting: list[StoredRun] = []

    def prepare() -> None:
        record = next(made)
        waiting.append(
            StoredRun(f"{next(numbers):040x}", record.id, record.name, "", to_json(record))
        )

    def add() -> None:
        one = waiting.pop()
        index.add(one, parent=tips[-1])
        tips.append(one.oid)

    return Subject(add, prepare)


def _project(workshop: Workshop, name: str, count: int, *, index: bool = True) -> Path:
    place = workshop.repository(name, {"gitexp.yaml": CONFIG})
    write_runs(place, count)
    if index:
        run(workshop.gitexp, "ls", "-N", "1", cwd=place)
    return place


def _forget(place: Path) -> None:
    for file in (place / ".git" / "gitexp").glob("index.sqlite*"):
        file.unlink()


def _forget_caches(place: Path) -> None:
    run("rm", "-rf", ".dvc/tmp", cwd=place)
