"""A run brought up to the end of its command, as `gitexp run` does it, ready to be recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from benchmarks.training import CONFIG, PARAMS, SCRIPT
from gitexp.execution.command.child import Ended
from gitexp.execution.environment.child import child_environment
from gitexp.execution.kept.written import keep_started
from gitexp.execution.record.learned import Learned, learn
from gitexp.execution.record.outcome import find_outcome
from gitexp.execution.stages import Outcome, Request, Started
from gitexp.execution.start.params import params_of
from gitexp.execution.start.prepare import prepare
from gitexp.execution.work_tree.ignored import watch_ignored
from gitexp.execution.work_tree.snapshot import take_snapshot, with_tree
from gitexp.git.commits import write_commit
from gitexp.git.refs import ABSENT, Move, move
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.store.own import RUNNING, own_folder

FILES = {"train.py": SCRIPT, "params.yaml": PARAMS, "gitexp.yaml": CONFIG}
_LOG = "epoch 1: loss 0.5\nepoch 2: loss 0.25\nepoch 3: loss 0.125\n"


@dataclass(frozen=True)
class EndedRun:
    """What `record_run` is given."""

    started: Started
    ended: Ended
    learned: Learned
    outcome: Outcome


def ended_run(project: Project, number: int) -> EndedRun:
    """Start a run on paper, let it write `metrics.json`, and find that."""
    metrics = project.root / "metrics.json"
    metrics.unlink(missing_ok=True)
    started = _started(project, number)
    learned = learn(started)
    metrics.write_text(f'{{"accuracy": {1 - 1 / (number + 1)}, "loss": {1 / (number + 1)}}}\n')
    started.log.write_text(_LOG)
    return EndedRun(started, _ended(), learned, find_outcome(started))


def _started(project: Project, number: int) -> Started:
    repository = project.repository
    plan = prepare(project, Request(("true",), message=f"number {number}"))
    scratch = own_folder(repository).made().runs / plan.id
    scratch.mkdir(parents=True)
    snapshot = with_tree(take_snapshot(project, scratch, []))
    declared = Declared(project)
    params = params_of(project, snapshot, declared, plan.command, print)
    oid, _ = write_commit(repository, tree=snapshot.tree, parents=(), message="a start\n")
    move(repository, [Move(f"{RUNNING}{plan.id}", new=oid, old=ABSENT)], reason="a run starts")
    started = Started(
        project=project,
        plan=plan,
        snapshot=snapshot,
        commit=oid,
        declared=declared,
        params=params,
        watched=(),
        ignored=watch_ignored(project, snapshot.index, (), snapshot.untracked),
        environment=child_environment(project, plan, scratch),
        scratch=scratch,
        tell=print,
    )
    keep_started(started)
    return started


def _ended() -> Ended:
    now = datetime.now(timezone.utc)
    return Ended(
        code=0,
        signal=None,
        reason=None,
        started=now - timedelta(seconds=3),
        ended=now,
        cpu_seconds=2.5,
        peak_memory=50_000_000,
    )
