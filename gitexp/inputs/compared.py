"""The inputs of a revision, compared path by path with those of recorded runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from gitexp.data.locked import locked_inputs
from gitexp.errors import GitexpError
from gitexp.git.diffs import EntryPair, differing_entries, dirty_submodules, literal_specs
from gitexp.git.objects import is_oid
from gitexp.inputs.changed import changed_data
from gitexp.inputs.versions import Versions
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.review.freshness import Freshness, Ids, sorted_out
from gitexp.revisions.deciding import may_decide
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
        project, versions = self.project, self._versions
        pairs = differing(project, run.oid, self.revision)
        excluded = self._no_inputs | self._no_inputs_of(record)
        excluded |= self._of_other_runs(record, pairs)
        changed, extra = sorted_out(
            {path: _ids(pair) for path, pair in pairs.items()},
            is_input=lambda path: (
                path not in excluded and self._versions.may_decide(path, pairs[path])
            ),
            is_same=self._versions.is_same,
            was_tracked=lambda paths: self._tracked(record.baseline, paths),
        )
        changed = sorted({*changed, *self._dirty_submodules})
        paths, params = versions.params_apart(changed, pairs)
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
        versions = self._versions
        pairs = differing_entries(repository, fork, other, below)
        lacking = differing_entries(repository, self.revision.commit, other, below) if pairs else {}
        written = frozenset() if record is None else self._no_inputs_of(record)
        return [
            self.project.name(TopPath(path.removesuffix(".dvc")))
            for path, pair in sorted(pairs.items())
            if path in lacking and path not in written
            if versions.may_decide(path, pair) and not versions.comes_to_the_same(path, pair)
        ]

    @cached_property
    def _versions(self) -> Versions:
        return Versions(self.project, self.revision, self.declared)

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
            for one in self._versions.parsed(path, revision.read(path) or b"")
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
