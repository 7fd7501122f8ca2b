"""What it takes to record a run in process, from the end of its command to its commit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from benchmarks.ended_run import FILES, EndedRun, ended_run
from benchmarks.measure import Subject, alternate
from benchmarks.plumbing import ByHand
from benchmarks.results import Result
from benchmarks.workshop import Workshop
from gitexp.execution.record.commit import record_run
from gitexp.execution.record.tree import RunTree
from gitexp.execution.stages import Ending
from gitexp.git.refs import ABSENT, Move
from gitexp.model.message import message_text
from gitexp.model.record_json import to_json
from gitexp.project import Project
from gitexp.store.own import RUNNING
from gitexp.store.pending import append
from gitexp.store.stored_run import RECORD_NAME, StoredRun

_BUDGET = 1.5
_SHORT = 5
"""How many times more rounds: each takes a few hundredths of a second."""
_SIX = "git hash-object, read-tree, update-index, write-tree, commit-tree, update-ref"


def whole(workshop: Workshop) -> Iterator[Result]:
    """Everything that is done once a command has ended and its outputs are known."""
    what = "`execution.record.commit.record_run` in process, of a run that wrote `metrics.json`"

    def chosen(_: Project, first: Ending) -> Callable[[EndedRun], object]:
        assert first.record.metrics, "the metrics were not found"
        return lambda one: record_run(one.started, one.ended, one.learned, one.outcome)

    yield _result(workshop, "record", what, chosen)


def commit(workshop: Workshop) -> Iterator[Result]:
    """The same from the record on: its outputs are read, its facts are put together."""
    what = "`RunTree`, `store.branch.append` and `RunIndex.add` in process, of a record made before"

    def chosen(project: Project, first: Ending) -> Callable[[EndedRun], object]:
        others = _files(project, first)
        return lambda one: _commit(one, first, others)

    yield _result(workshop, "record-commit", what, chosen)


def _commit(one: EndedRun, first: Ending, others: dict[str, bytes]) -> None:
    """Commit the first run's record once more, as that of another run."""
    started, project = one.started, one.started.project
    record = replace(first.record, id=started.plan.id, name=started.plan.name)
    content = to_json(record)
    tree = RunTree(project.repository, started.snapshot, started.scratch)
    tree.put({**others, RECORD_NAME: content})
    recorded = append(
        project.repository,
        project.config.branch,
        tree=tree.write(),
        message=message_text(record, project.config.policy, first.previous.metrics),
        run_id=record.id,
        done=(Move(f"{RUNNING}{record.id}", new=ABSENT, old=started.commit),),
    )
    run = StoredRun(recorded.oid, record.id, record.name, record.project, content)
    project.runs.index.add(run, parent=recorded.parent)


def _result(
    workshop: Workshop,
    row: str,
    what: str,
    chosen: Callable[[Project, Ending], Callable[[EndedRun], object]],
) -> Result:
    rounds = workshop.rounds.times(_SHORT)
    with Project.open(workshop.repository(f"{row}-gitexp", FILES)) as project:
        numbers = itertools.count(1)
        waiting = [ended_run(project, next(numbers))]
        one = waiting.pop()
        first = record_run(one.started, one.ended, one.learned, one.outcome)
        record = chosen(project, first)
        contents = _files(project, first)
        theirs = ByHand(workshop.repository(f"{row}-git", FILES), contents)
        ours, peer = alternate(
            rounds,
            Subject(
                lambda: record(waiting.pop()),
                lambda: waiting.append(ended_run(project, next(numbers))),
            ),
            Subject(theirs.run, theirs.before),
        )
    notes = (
        f"both sides write {', '.join(sorted(contents))}",
        f"{rounds.count} rounds",
    )
    return Result(row, what, _SIX, ours, peer, _BUDGET, notes)


def _files(project: Project, run: Ending) -> dict[str, bytes]:
    """Return what a recorded run holds beyond its snapshot."""
    objects, oid = project.repository.objects, run.run.oid
    names = [RECORD_NAME, ".gitexp/environment.txt", ".gitexp/output.log", *run.record.outputs]
    return {name: objects.blob(f"{oid}:{name}") or b"" for name in names}
