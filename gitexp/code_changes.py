"""What differs in the code of two revisions: all but params, metrics, data and housekeeping."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gitexp.comparison.diff import CodeChange, CodeStatus
from gitexp.errors import GitexpError
from gitexp.git.diffs import FileChange, TreeDiff
from gitexp.model.patterns import Patterns
from gitexp.project import Project
from gitexp.revisions import Revision

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
        self, project: Project, diff: TreeDiff, metrics: Iterable[str], *, inverse: bool
    ) -> None:
        self._project = project
        self._diff = diff
        self._inverse = inverse
        self._metrics = tuple(metrics)

    @classmethod
    def of(cls, project: Project, old: Revision, new: Revision, scratch: Path) -> CodeDiff:
        """Compare two revisions, of which one at most is the work tree."""
        repository = project.repository
        metrics = (*old.side.metrics, *new.side.metrics)
        if old.oid is not None and new.oid is not None:
            diff = TreeDiff.between(repository, old.oid, new.oid)
            return cls(project, diff, metrics, inverse=False)
        commit = old.oid or new.oid
        if commit is None:
            raise GitexpError("the work tree does not differ from itself")
        diff = TreeDiff.to_work_tree(repository, commit, scratch)
        return cls(project, diff, metrics, inverse=old.oid is None)

    def changes(self) -> tuple[CodeChange, ...]:
        """Return the code files that differ, paths relative to the project."""
        config = self._project.config
        values = [*config.metrics, *config.renamed_metrics.values(), *self._metrics]
        no_code = Patterns.anchored((*self._project.params_files, *values))
        found = self._diff.changes(self._project.recorded_folders())
        self._paths = [
            one.path
            for one in found
            if not no_code.match(self._project.name(one.path)) and not _HOUSEKEEPING.match(one.path)
        ]
        return tuple(self._change(one) for one in found if one.path in set(self._paths))

    def patch(self, *, colour: bool) -> bytes:
        """Return the patch of the files that `changes` named."""
        return self._diff.patch(self._paths, colour=colour, inverse=self._inverse)

    def _change(self, one: FileChange) -> CodeChange:
        letter, added, removed = one.status, one.added, one.removed
        if self._inverse:
            letter, added, removed = _INVERSE.get(letter, letter), removed, added
        old = self._project.name(one.old_path) if one.old_path else None
        return CodeChange(self._project.name(one.path), _STATUS[letter], added, removed, old)
