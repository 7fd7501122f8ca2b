"""Whether the metrics of a revision are fresh: of a recorded run with the inputs that it has."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.checking.origin import likely_runs
from gitexp.checking.subject import Subject, differing
from gitexp.comparison.diff import Change, Side, diff_documents
from gitexp.data.pipelines import Pipeline
from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.execution.deciding import may_decide, without_outputs
from gitexp.execution.declared import Declared
from gitexp.git.diffs import EntryPair
from gitexp.model.documents import parse_document
from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import flatten, same, without_long_lists
from gitexp.project import Project
from gitexp.review.freshness import Freshness, Ids, sorted_out
from gitexp.store.reading import StoredRun

_MOST_COMPARED = 12
"""With how many runs of the very metrics the inputs are compared."""


def read_freshness(
    project: Project, subject: Subject, side: Side, pipeline: Pipeline
) -> tuple[Freshness, ...]:
    """Say of each metrics file which run it is of, and what of its inputs changed since.

    Files of one run are told together. Of several runs with the same metrics, the one with
    the fewest changes counts.
    """
    wanted = _recordable(side.metrics)
    if not wanted or project.runs.tip is None:
        return ()
    if subject.run is not None:
        return (Freshness(tuple(wanted), subject.run.name, subject.run.id),)
    found: dict[str, Freshness] = {}
    inputs = _Inputs(project, subject, side, Declared(project, pipeline))
    for run, record in itertools.islice(_runs_of(project, subject, wanted, found), _MOST_COMPARED):
        freshness = inputs.compared(run, record)
        for file in _files_of(record, wanted, found):
            if file not in found or freshness.changed < found[file].changed:
                found[file] = freshness
    return _by_run({file: found.get(file, Freshness((), None)) for file in wanted})


def _runs_of(
    project: Project, subject: Subject, wanted: Documents, found: Mapping[str, Freshness]
) -> Iterator[tuple[StoredRun, RunRecord]]:
    """Yield runs that have the metrics of a file which is not yet `found` to be fresh."""
    for run in likely_runs(project, subject.commit, wanted):
        try:
            record = run.record
        except UnreadableRecord:  # of a newer gitexp
            continue
        if _files_of(record, wanted, found):
            yield run, record
        if all(_is_fresh(found, file) for file in wanted):
            return


def _files_of(record: RunRecord, wanted: Documents, found: Mapping[str, Freshness]) -> list[str]:
    return [
        file
        for file, values in wanted.items()
        if same(record.metrics.get(file), values) and not _is_fresh(found, file)
    ]


def _recordable(metrics: Documents) -> Documents:
    """Return the metrics as a record would have them; files without any are left out."""
    cut = {file: without_long_lists(values)[0] for file, values in metrics.items()}
    return {file: values for file, values in cut.items() if flatten(values)}


def _is_fresh(found: Mapping[str, Freshness], file: str) -> bool:
    return file in found and found[file].fresh


def _by_run(found: Mapping[str, Freshness]) -> tuple[Freshness, ...]:
    grouped: dict[str | None, list[str]] = {}
    for file, freshness in found.items():
        grouped.setdefault(freshness.run_id, []).append(file)
    return tuple(replace(found[files[0]], files=tuple(files)) for files in grouped.values())


class _Inputs(Struct, frozen=True):
    """The inputs of a subject, compared with those of runs."""

    project: Project
    subject: Subject
    side: Side
    declared: Declared

    def compared(self, run: StoredRun, record: RunRecord) -> Freshness:
        """Say what of the inputs differs from those of a run."""
        project = self.project
        pairs = differing(project, run.oid, self.subject)
        excluded = {*record.inputs.excluded, *map(project.path, _written(record))}
        excluded.update(map(project.path, record.left_out))
        params = {project.path(name) for name in project.params_files}
        changed, extra = sorted_out(
            {path: _ids(pair) for path, pair in pairs.items()},
            is_input=lambda path: path not in excluded and self._may_decide(path, pairs[path]),
            is_same=self._is_same,
            was_tracked=lambda paths: self._tracked(record.baseline, paths),
        )
        values = [
            change.name
            for path in changed
            if path in params
            for change in self._params_changes(path, pairs[path])
        ]
        others = [path for path in changed if path not in params]
        return Freshness(
            files=(),
            run=run.name,
            run_id=run.id,
            paths=tuple(project.name(path) for path in others if not path.endswith(".dvc")),
            data=tuple(
                project.name(path.removesuffix(".dvc")) for path in others if path.endswith(".dvc")
            ),
            params=tuple(values),
            extra=tuple(map(project.name, extra)),
        )

    def _params_changes(self, path: str, pair: EntryPair) -> tuple[Change, ...]:
        name, old = self.project.name(path), pair[0]
        try:
            before = parse_document(self._content(path, old.oid), path) if old else {}
        except GitexpError:  # the run read it in a way of its own
            before = {}
        return diff_documents({name: before}, {name: self.side.params.get(name, {})})

    def _may_decide(self, path: str, pair: EntryPair) -> bool:
        entry = pair[1] or pair[0]
        pointers = self._pointers(path, entry.oid) if entry and path.endswith(".dvc") else ()
        return may_decide(path, self.declared, pointers)

    def _is_same(self, path: str, old: str, new: str) -> bool:
        """Tell whether two versions differ only in what decides nothing."""
        if path.endswith(".ipynb"):
            cells = [without_outputs(self._content(path, oid)) for oid in (old, new)]
            return cells[0] is not None and cells[0] == cells[1]
        if path.endswith(".dvc"):
            known = [
                {(one.path, one.md5) for one in self._pointers(path, oid)} for oid in (old, new)
            ]
            return bool(known[0]) and known[0] == known[1]
        return False

    def _pointers(self, path: str, oid: str) -> tuple[Pointer, ...]:
        try:
            return parse_dvc_file(self._content(path, oid), path)
        except GitexpError:  # told by another check
            return ()

    def _content(self, path: str, oid: str) -> bytes:
        """Return a version of a file: git's, or that of the work tree, which git may not have."""
        blob = self.project.repository.objects.blob(oid) if oid else None
        return blob if blob is not None else self.subject.files.read(path) or b""

    def _tracked(self, baseline: str, paths: Iterable[str]) -> list[str]:
        wanted = list(paths)
        specs = (f"{baseline}:{path}" for path in wanted)
        found = self.project.repository.objects.read_many(specs)
        return [path for path, one in zip(wanted, found, strict=True) if one is not None]


def _ids(pair: EntryPair) -> Ids:
    old, new = pair
    return (old.oid if old else None), (new.oid if new else None)


def _written(record: RunRecord) -> Iterable[str]:
    """Return the paths that a run put on top of its snapshot."""
    yield from record.outputs
    for pointer in record.pointers:
        if pointer.role == "output":
            yield from (pointer.path, f"{pointer.path}.dvc")
