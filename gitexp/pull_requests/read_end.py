"""One end of a change, as it is read for a review."""

from __future__ import annotations

from functools import cached_property

from gitexp.checking.check import check_revision
from gitexp.checking.uncommitted import with_uncommitted
from gitexp.inputs.freshness import Origins, read_origins
from gitexp.inputs.logged import add_logged
from gitexp.project import Project
from gitexp.review.checks import Finding, freshness_findings
from gitexp.review.freshness import Freshness
from gitexp.review.review import End
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.stored_run import StoredRun

Behind = tuple[StoredRun | None, StoredRun | None]
"""The runs behind the old and the new side."""


class ReadEnd:
    """One end of the change, read by the settings that it holds itself."""

    def __init__(self, project: Project, end: End, run: StoredRun | None = None) -> None:
        self.oid = end.oid
        self.reading = Reading(project, commit_revision(project, end.oid, end.label, run))
        self.config = self.reading.config
        self._lacks_logged = add_logged(self.reading)
        self.side = self.reading.side
        self._project = project

    @cached_property
    def origins(self) -> Origins:
        """Which run each metrics file is from."""
        return read_origins(self.reading)

    @property
    def runs(self) -> tuple[Freshness, ...]:
        """The same, with the inputs that changed since."""
        return self.origins.freshness

    @property
    def is_fresh(self) -> bool:
        """Whether the inputs of all metrics are those of a run, and none may be missing."""
        return not self._lacks_logged and all(one.fresh for one in self.runs)

    @cached_property
    def uncommitted(self) -> dict[str, Finding]:
        """What is stale, by its subject, with what the work tree has, if that is to be committed.

        Base and head are held against each other without that: the base has no work tree.
        """
        found = freshness_findings(with_uncommitted(self.reading, self.runs))
        return {one.subject: one for one in found if one.mark == "wrong"}

    def findings(self, *, ask_remote: bool, signed: bool = False) -> tuple[Finding, ...]:
        """Return what a check of this end says, but for the policy: that is for the verdict."""
        found = check_revision(
            self._project,
            self.reading,
            ask_remote=ask_remote,
            freshness=self.runs,
            by_policy=False,
            signed=signed,
        )
        return found.findings
