"""The inputs of a revision, compared path by path with those of recorded runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from gitexp.comparison.diff import diff_documents
from gitexp.data.locked import locked_inputs
from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.git.diffs import EntryPair, differing_entries, dirty_submodules, literal_specs
from gitexp.git.objects import is_oid
from gitexp.git.trees import Entry
from gitexp.inputs.changed import changed_data
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import RunRecord
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.review.freshness import Freshness, Ids, sorted_out
from gitexp.revisions.deciding import may_decide, without_outputs
from gitexp.revisions.locked import lock_files, locked_data
from gitexp.revisions.revision import Revision, differing
from gitexp.revisions.roles import Declared
from gitexp.revisions.written_before import earlier_outputs
from gitexp.store.stored_run import StoredRun


class ComparedInputs(Struct, frozen=True, dict=True):
    """The inputs of a revision; `project` and `declared` are by the settings that count."""

    project: Project
    revision: Revision
    declared: Declared

    def with_run(self, run: StoredRun, record: RunRecord) -> Freshness:
        """Return how the inputs differ from those of a run."""
        project = self.project
        pairs = differing(project, run.oid, self.revision)
        excluded = self._no_inputs | self._no_inputs_of(record)
        excluded |= self._of_other_runs(record, pairs)
        changed, extra = sorted_out(
            {path: _ids(pair) for path, pair in pairs.items()},
            is_input=lambda path: path not in excluded and self._may_decide(path, pairs[path]),
            is_same=self._is_same,
            was_tracked=lambda paths: self._tracked(record.baseline, paths),
        )
        changed = sorted({*changed, *self._dirty_submodules})
        paths, params = self._params_apart(changed, pairs)
        files = [path for path in paths if not path.endswith(".dvc")]
        return Freshness(
            files=(),
            run=run.name,
            run_id=run.id,
            status=record.status,
            removed=run.facts.removed,
            paths=tuple(map(project.name, map(TopPath, files))),
            new=tuple(
                project.name(TopPath(path))
                for path in files
                if path in pairs and not pairs[path][0]
            ),
            data=tuple(
                dict.fromkeys(
                    (*_data_names(project, paths), *self._changed_data, *self._relocked(run.oid))
                )
            ),
            params=tuple(params),
            extra=tuple(map(project.name, map(TopPath, extra))),
        )

    def moved_elsewhere(self, fork: str, other: str, record: RunRecord | None) -> list[str]:
        """Return the inputs that a branch has changed since a commit and that the revision lacks.

        The revision has to be a commit, with the inputs of the run that has the record; what
        that run wrote is not one.
        """
        assert self.revision.commit is not None
        repository, below = self.project.repository, self.project.recorded_folders()
        pairs = differing_entries(repository, fork, other, below)
        lacking = differing_entries(repository, self.revision.commit, other, below) if pairs else {}
        written = frozenset() if record is None else self._no_inputs_of(record)
        return [
            self.project.name(TopPath(path.removesuffix(".dvc")))
            for path, pair in sorted(pairs.items())
            if path in lacking and path not in written
            if self._may_decide(path, pair) and not self._comes_to_the_same(path, pair)
        ]

    @cached_property
    def _no_inputs(self) -> frozenset[str]:
        """What the revision wrote itself, if it is a run."""
        run = self.revision.run
        return frozenset() if run is None else self._no_inputs_of(run.record)

    def _no_inputs_of(self, record: RunRecord) -> frozenset[str]:
        names = map(ProjectPath, (*_written(record), *record.left_out))
        return frozenset((*record.inputs.excluded, *self.project.paths(names).values()))

    def _of_other_runs(self, record: RunRecord, pairs: Mapping[str, EntryPair]) -> set[str]:
        """Return what a run did not have because other runs had written it and it did not read it.

        Somebody has committed it since.
        """
        lacking = [path for path, (old, _) in pairs.items() if old is None]
        written = earlier_outputs(self.project, lacking) if lacking else set()
        return written.difference(self._tracked(record.baseline, written) if written else ())

    @cached_property
    def _changed_data(self) -> tuple[str, ...]:
        """The data in the work tree, if that is checked, that is not what its pointer says."""
        revision = self.revision
        if revision.kind != "workspace":
            return ()
        pointers = [
            one
            for path in revision.paths
            if path.endswith(".dvc") and path not in self._no_inputs
            for one in self._parsed(path, revision.read(path) or b"")
            if may_decide(path, self.declared, (one,))
        ]
        changed = map(TopPath, changed_data(self.project, pointers))
        return tuple(map(self.project.name, changed))

    def _relocked(self, run: str) -> Iterator[str]:
        """Yield the data of which `dvc.lock` says something else than it did in a run."""
        objects = self.project.repository.objects
        for path, now in self._locked.items():
            try:
                recorded = locked_inputs(path, lambda file: objects.blob(f"{run}:{file}"))
                before = {one.path: one.md5 for one in recorded}
            except GitexpError:  # the run had a lock file in conflict, say: nothing is known
                continue
            changed = [name for name, md5 in now.items() if before.get(name, md5) != md5]
            yield from (self.project.name(TopPath(name)) for name in sorted(changed))

    @cached_property
    def _locked(self) -> dict[TopPath, dict[str, str]]:
        """The hashes of the data that only `dvc.lock` knows, by the path of the lock file."""
        found: dict[TopPath, dict[str, str]] = {}
        for path in lock_files(self.revision):
            with contextlib.suppress(GitexpError):  # reported by another check
                found[path] = {one.path: one.md5 for one in locked_data(self.revision, path)}
        return found

    @cached_property
    def _dirty_submodules(self) -> tuple[str, ...]:
        """The submodules of the work tree with changes that no run can have recorded."""
        if self.revision.kind != "workspace":
            return ()
        found = dirty_submodules(self.project.repository, self.project.recorded_folders())
        return tuple(path for path in found if may_decide(path, self.declared, ()))

    def _comes_to_the_same(self, path: str, pair: EntryPair) -> bool:
        """Return whether a path has two versions that differ in nothing that decides."""
        old, new = pair
        if old is None or new is None:
            return False
        nothing: tuple[list[str], list[str]] = ([], [])
        return (
            self._is_same(path, old.oid, new.oid)
            or self._params_apart([path], {path: pair}) == nothing
        )

    def _params_apart(
        self, changed: Iterable[str], pairs: Mapping[str, EntryPair]
    ) -> tuple[list[str], list[str]]:
        """Return the changed paths without params files, and the params that differ in those.

        A params file that cannot be read on one side is a path like any other.
        """
        paths, params = [], []
        for path in changed:
            is_params = path in self._params_files
            names = self._params_changes(path, pairs[path]) if is_params else None
            if names is None:
                paths.append(path)
            else:
                params += names
        return paths, params

    @cached_property
    def _params_files(self) -> frozenset[str]:
        """The params files of the settings and of pipelines, and what links to them lead to."""
        named = self.project.paths(self.project.params_files)
        return self.declared.params_paths.union(named.values())

    def _params_changes(self, path: str, pair: EntryPair) -> list[str] | None:
        before, after = (self._params(path, entry) for entry in pair)
        if before is None or after is None:
            return None
        changes = diff_documents({path: before}, {path: after}, equal=identical)
        if not changes and not identical(before, after):  # two keys may have one flat name
            return None
        return [change.name for change in changes]

    def _params(self, path: str, entry: Entry | None) -> dict[str, Value] | None:
        """Return the params in a version of a file, none if there is no file."""
        try:
            return parse_document(self._content(path, entry.oid), path) if entry else {}
        except GitexpError:  # reported by another check, or the run read it in a way of its own
            return None

    def _may_decide(self, path: str, pair: EntryPair) -> bool:
        entry = pair[1] or pair[0]
        pointers = self._pointers(path, entry.oid) if entry and path.endswith(".dvc") else ()
        return may_decide(path, self.declared, pointers)

    def _is_same(self, path: str, old: str, new: str) -> bool:
        """Return whether two versions differ only in what decides nothing."""
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
        return self._parsed(path, self._content(path, oid))

    def _parsed(self, path: str, content: bytes) -> tuple[Pointer, ...]:
        try:
            return parse_dvc_file(content, path)
        except GitexpError:  # reported by another check
            return ()

    def _content(self, path: str, oid: str) -> bytes:
        """Return a version of a file: git's, or that of the work tree, which git may not have."""
        blob = self.project.repository.objects.blob(oid) if oid else None
        return blob if blob is not None else self.revision.read(path) or b""

    def _tracked(self, baseline: str, paths: Iterable[str]) -> list[str]:
        """Return the paths that were in git when a run started.

        If its baseline is not here, those that history has seen; in a shallow clone, which
        cannot tell, all of them: deleted code must not pass for a scratch file.
        """
        wanted, repository = list(paths), self.project.repository
        if is_oid(baseline) and repository.objects.commit(baseline) is not None:
            specs = (f"{baseline}:{path}" for path in wanted)
            found = repository.objects.read_many(specs)
            return [path for path, one in zip(wanted, found, strict=True) if one is not None]
        if self.revision.commit is None or repository.is_shallow:
            return wanted
        options = ("--format=", "--name-only", "--no-renames", "-m", "-z")
        told = repository.git(
            "log", *options, self.revision.commit, "--", *literal_specs(wanted)
        ).split(b"\0")
        seen = {os.fsdecode(path) for path in told}
        return [path for path in wanted if path in seen]


def _data_names(project: Project, paths: Iterable[str]) -> list[str]:
    """Return what the `.dvc` files among the paths point to."""
    return [
        project.name(TopPath(path.removesuffix(".dvc"))) for path in paths if path.endswith(".dvc")
    ]


def _ids(pair: EntryPair) -> Ids:
    old, new = pair
    return (old.oid if old else None), (new.oid if new else None)


def _written(record: RunRecord) -> Iterable[str]:
    """Return the paths that a run put on top of its snapshot."""
    yield from record.outputs
    for pointer in record.pointers:
        if pointer.role == "output":
            yield from (pointer.path, f"{pointer.path}.dvc")
