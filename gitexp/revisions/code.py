"""What differs in the code of two revisions: all but params, metrics, data and housekeeping.

Plots and outputs are told apart: they are what a run wrote.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from gitexp.comparison.changes import CodeChange, CodeStatus
from gitexp.errors import GitexpError
from gitexp.git.diffs import FileChange, TreeDiff
from gitexp.git.trees import tree_entries
from gitexp.model.documents.reading import PYTHON
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.project import Project
from gitexp.revisions.by_name import is_housekeeping
from gitexp.revisions.links import LedAway, lead_in_git, lead_on_disk
from gitexp.revisions.roles import Declared
from gitexp.revisions.sides import RevisionSide

_STATUS: dict[str, CodeStatus] = {
    "A": "added",
    "C": "copied",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "T": "type changed",
}
_VALUES = (".yaml", ".yml", ".json", ".toml")
"""What values are read from: a file of another name is not asked after."""
_INVERSE = {"A": "D", "D": "A"}


def code_changes(
    project: Project, old: RevisionSide, new: RevisionSide, declared: Declared
) -> tuple[CodeChange, ...]:
    """Return the code files of two commits that differ, paths relative to the project."""
    with CodeDiff(project, old, new, declared) as compared:
        return compared.changes()


class CodeDiff:
    """The code of two revisions, of which one at most is the work tree, compared by git.

    What the files are for is as the project declares it, unless it is given.
    """

    def __init__(
        self,
        project: Project,
        old: RevisionSide,
        new: RevisionSide,
        declared: Declared | None = None,
    ) -> None:
        if old.oid is None and new.oid is None:
            raise GitexpError("the work tree does not differ from itself")
        self._project = project
        self._oids = old.oid, new.oid
        self._inverse = old.oid is None
        self._declared = declared or Declared(project, project.pipeline)
        self._metrics = frozenset(name for one in (old, new) for name in one.side.metrics)
        self._outputs = frozenset(path for one in (old, new) for path in one.side.outputs)
        self._scratch = ExitStack()
        self._begun: Callable[[], list[FileChange]] | None = None

    def __enter__(self) -> CodeDiff:
        """Return the comparison itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Remove what git needed to compare the work tree."""
        self._scratch.close()

    def begin(self) -> None:
        """Have git at work on what is asked for next."""
        self._begun = self._diff.begin(self._project.recorded_folders())

    def changes(self) -> tuple[CodeChange, ...]:
        """Return the code files that differ, paths relative to the project."""
        return tuple(self._change(one) for one in self._files if not self._is_output(one))

    def outputs(self) -> tuple[CodeChange, ...]:
        """Return the plots and other outputs that differ, paths likewise."""
        return tuple(self._change(one) for one in self._files if self._is_output(one))

    @cached_property
    def _diff(self) -> TreeDiff:
        repository, (old, new) = self._project.repository, self._oids
        if old is not None and new is not None:
            return TreeDiff.between(repository, old, new)
        import tempfile  # noqa: PLC0415 - 4 ms, for the work tree alone

        scratch = self._scratch.enter_context(tempfile.TemporaryDirectory(prefix="gitexp-"))
        return TreeDiff.to_work_tree(repository, old or new or "", Path(scratch))

    @cached_property
    def _files(self) -> list[FileChange]:
        found = self._begun or self._diff.begin(self._project.recorded_folders())
        return [
            one
            for one in found()
            if not is_housekeeping(one.path) and not self._has_values(one.path)
        ]

    def _has_values(self, path: str) -> bool:
        """Return whether a file is compared by what it says; that of another project is not.

        Python with params in it is code as well.
        """
        if path.lower().endswith(PYTHON):
            return False
        return self._project.holds(TopPath(path)) and (
            self._declared.has_values(path)
            or self._project.name(TopPath(path)) in self._metrics
            or (path.endswith(_VALUES) and path in self._linked)
        )

    @cached_property
    def _linked(self) -> set[str]:
        """The files that links to params and metrics lead to, on either side."""
        project = self._project
        names = (*self._declared.params_names, *self._metrics)
        found: set[str] = set()
        for oid in self._oids:
            lead = functools.partial(lead_on_disk, project)
            if oid is not None:
                lead = functools.partial(
                    lead_in_git, project, tree_entries(project.repository, oid)
                )
            for name in names:
                with contextlib.suppress(LedAway):
                    found.add(lead(project.path(ProjectPath(name))))
        return found

    def _is_output(self, file: FileChange) -> bool:
        return self._declared.is_result(file.path) or self._project.name(file.path) in self._outputs

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
