"""Experiments of DVC as runs: first a plan of what would come, then the commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.checkout import DataSource
from gitexp.data.dvc_project import find_root
from gitexp.errors import GitexpError
from gitexp.git.fast_import import NewCommit
from gitexp.git.trees import is_below
from gitexp.importing.contents import Contents, ContentsReader
from gitexp.importing.experiments import Experiment, Unreadable, experiments
from gitexp.importing.names import FreeNames
from gitexp.importing.record import imported_id, imported_record
from gitexp.model.message import message_text
from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import to_json
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.store.batch import append_all
from gitexp.store.purges import purged_runs
from gitexp.store.stored_run import RECORD_NAME

Progress = Callable[[int, int], None]
"""Called with how many of how many experiments have been read."""


class Imported(Struct, frozen=True):
    """An experiment that becomes a run."""

    experiment: Experiment
    record: RunRecord
    previous: Documents
    """The metrics of its baseline."""
    problems: tuple[str, ...]
    """What could not be mapped, a line each."""


class ImportPlan(Struct, frozen=True):
    """What would come, what is already there, and what cannot come."""

    new: tuple[Imported, ...]
    known: tuple[str, ...]
    """The names, in DVC, of experiments that are already runs."""
    purged: tuple[str, ...]
    """The names of those whose runs were taken out for good."""
    refused: tuple[Unreadable, ...]
    seen: str | None
    """The tip of the experiments branch that all this was compared with."""


def plan_import(project: Project, progress: Progress = lambda _done, _all: None) -> ImportPlan:
    """Read the experiments of DVC that are not runs yet; nothing is written."""
    store = project.runs
    found = list(experiments(project.repository))
    refused = [one for one in found if isinstance(one, Unreadable)]
    there = [one for one in found if isinstance(one, Experiment)]
    gone = purged_runs(project.repository)
    purged = [one.name for one in there if imported_id(one.oid) in gone]
    left = [one for one in there if imported_id(one.oid) not in gone]
    known = {one.oid for one in left if store.index.named(imported_id(one.oid), None)}
    wanted = [one for one in left if one.oid not in known]
    reader, names = _Reader(project), FreeNames(project)
    new: list[Imported] = []
    for number, (one, contents) in enumerate(reader.read_all(wanted)):
        progress(number, len(wanted))
        if isinstance(contents, Unreadable):
            refused.append(contents)
        else:
            name, renamed = names.take(one.name, f"exp-{one.oid[:7]}")
            record = imported_record(project, one, name, contents)
            previous = reader.metrics_of(one.baseline)
            notes = [*([renamed] if renamed else []), *contents.problems]
            if previous is None:
                notes.append(f"its baseline {one.baseline[:10]} is not in this repository")
            new.append(Imported(one, record, previous or {}, tuple(notes)))
    names_known = tuple(one.name for one in left if one.oid in known)
    return ImportPlan(tuple(new), names_known, tuple(purged), tuple(refused), store.tip)


def carry_out(project: Project, plan: ImportPlan) -> dict[str, str]:
    """Put the runs onto the experiments branch; return the oids of their commits by run id.

    The commits carry author, committer and dates of DVC's, so that clones which import the
    same experiments onto the same tip make the same commits.
    """
    commits = {one.record.id: _commit(project, one) for one in plan.new}
    if not commits:
        return {}
    branch = project.config.branch
    oids = append_all(project.repository, branch, commits, seen=plan.seen)
    project.runs.look_again()
    return oids


def _commit(project: Project, one: Imported) -> NewCommit:
    return NewCommit(
        tree=one.experiment.tree,
        files={project.path(RECORD_NAME): to_json(one.record)},
        message=message_text(one.record, project.config.policy, one.previous),
        author=one.experiment.author,
        committer=one.experiment.committer,
    )


class _Reader:
    """Reads experiments and the commits that they were made from."""

    def __init__(self, project: Project) -> None:
        self._project = project
        top = project.repository.top
        root = find_root(project.root, top) or project.root
        self._dvc_root: Path = root
        self._root = project.repository.relative(root)
        self._contents = ContentsReader(project, self._root, DataSource(root))
        self._metrics: dict[str, Documents | None] = {}

    def read_all(
        self, wanted: list[Experiment]
    ) -> Iterator[tuple[Experiment, Contents | Unreadable]]:
        """Yield each experiment with what is in it; those that only DVC can read come last."""
        folder, left = self._project.folder, list[tuple[Experiment, Contents]]()
        for one in wanted:
            contents = self._contents.read(one.tree)
            if folder and not any(is_below(folder, path) for path in contents.entries):
                yield one, Unreadable(one.name, f"there is no folder '{folder}' in it")
            elif contents.only_dvc_knows:
                left.append((one, contents))
            else:
                yield one, contents
        yield from self._asked(left)

    def _asked(
        self, left: list[tuple[Experiment, Contents]]
    ) -> Iterator[tuple[Experiment, Contents | Unreadable]]:
        if not left:
            return
        from gitexp.data.dvc_show import Told, ask_dvc  # noqa: PLC0415 - 4 ms, leads to DVC, another 200 ms

        try:
            told = ask_dvc(self._dvc_root, [one.oid for one, _ in left])
        except GitexpError as error:
            told = {one.oid: Told(problems=(str(error),)) for one, _ in left}
        for one, contents in left:
            answer = told[one.oid]
            yield (
                one,
                replace(
                    contents,
                    params=self._from_top(answer.params),
                    metrics=self._from_top(answer.metrics),
                    problems=[*contents.problems, *answer.problems],
                ),
            )

    def _from_top(self, documents: Documents) -> dict[str, dict[str, Value]]:
        start = f"{self._root}/" if self._root else ""
        return {f"{start}{path}": dict(documents[path]) for path in documents}

    def metrics_of(self, commit: str) -> Documents | None:
        """Return the metrics that an ordinary commit holds; None if it is not there."""
        if commit not in self._metrics:
            tree = self._project.repository.objects.read(f"{commit}^{{tree}}")
            found = self._contents.read(tree.oid).metrics if tree is not None else None
            self._metrics[commit] = found
        return self._metrics[commit]
