"""What differs in the code of two revisions: all but params, metrics, data and housekeeping.

Plots and outputs are told apart: they are what a run wrote.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from gitexp.comparison.diff import CodeChange, CodeStatus
from gitexp.errors import GitexpError
from gitexp.git.diffs import FileChange, TreeDiff
from gitexp.model.patterns import Patterns
from gitexp.project import Project
from gitexp.revisions.revision import Revision

_STATUS: dict[str, CodeStatus] = {
    "A": "added",
    "C": "copied",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "T": "type changed",
}
_INVERSE = {"A": "D", "D": "A"}
_HOUSEKEEPING = Patterns([".gitexp/", ".dvc/", ".dvcignore", ".gitignore", "*.dvc", "dvc.lock"])


class CodeDiff:
    """The code of two revisions, compared by git."""

    def __init__(
        self, project: Project, diff: TreeDiff, sides: tuple[Revision, Revision], *, inverse: bool
    ) -> None:
        self._project = project
        self._diff = diff
        self._inverse = inverse
        self._metrics = tuple(name for one in sides for name in one.side.metrics)
        self._outputs = frozenset(path for one in sides for path in one.side.outputs)

    @classmethod
    def of(cls, project: Project, old: Revision, new: Revision, scratch: Path) -> CodeDiff:
        """Compare two revisions, of which one at most is the work tree."""
        repository = project.repository
        if old.oid is not None and new.oid is not None:
            diff = TreeDiff.between(repository, old.oid, new.oid)
            return cls(project, diff, (old, new), inverse=False)
        commit = old.oid or new.oid
        if commit is None:
            raise GitexpError("the work tree does not differ from itself")
        diff = TreeDiff.to_work_tree(repository, commit, scratch)
        return cls(project, diff, (old, new), inverse=old.oid is None)

    def changes(self) -> tuple[CodeChange, ...]:
        """Return the code files that differ, paths relative to the project."""
        return tuple(self._change(one) for one in self._files if not self._is_output(one))

    def outputs(self) -> tuple[CodeChange, ...]:
        """Return the plots and other outputs that differ, paths likewise."""
        return tuple(self._change(one) for one in self._files if self._is_output(one))

    @cached_property
    def _files(self) -> list[FileChange]:
        config = self._project.config
        values = [*config.metrics, *config.renamed_metrics.values(), *self._metrics]
        no_code = Patterns.anchored((*self._project.params_files, *values))
        return [
            one
            for one in self._diff.changes(self._project.recorded_folders())
            if not no_code.match(self._project.name(one.path)) and not _HOUSEKEEPING.match(one.path)
        ]

    def _is_output(self, file: FileChange) -> bool:
        name = self._project.name(file.path)
        return (
            name in self._outputs
            or self._declared[0].match(name)
            or self._declared[1].match(name)
            or self._project.pipeline.out_of(file.path) is not None
        )

    @cached_property
    def _declared(self) -> tuple[Patterns, Patterns]:
        config = self._project.config
        return Patterns.anchored(config.plots), Patterns(config.outputs)

    def patch(self, *, colour: bool) -> bytes:
        """Return the patch of the code."""
        paths = [one.path for one in self._files if not self._is_output(one)]
        return self._diff.patch(paths, colour=colour, inverse=self._inverse)

    def _change(self, one: FileChange) -> CodeChange:
        letter, added, removed = one.status, one.added, one.removed
        if self._inverse:
            letter, added, removed = _INVERSE.get(letter, letter), removed, added
        old = self._project.name(one.old_path) if one.old_path else None
        return CodeChange(self._project.name(one.path), _STATUS[letter], added, removed, old)
