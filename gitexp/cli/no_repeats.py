"""Which runs of `gitexp run --repeat` do not repeat the first, and why."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.cli.options import tell
from gitexp.inputs.alike import Likeness
from gitexp.inputs.went_on import why_went_on
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun


class NoRepeats:
    """Knows of each run what its repeats have in common with it, and asks git for it once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._keys: dict[str, str] = {}
        self._told: set[str] = set()

    def among(self, runs: Sequence[StoredRun]) -> list[StoredRun]:
        """Return the runs that do not repeat the first one that ended well."""
        if len(runs) < 2:  # noqa: PLR2004 - one alone
            return []
        new = [run for run in runs if run.id not in self._keys]
        if new:
            keys = Likeness(self.project).keys([(run.oid, run.record) for run in new])
            self._keys.update(zip((run.id for run in new), keys, strict=True))
        first = next((run for run in runs if run.record.status == "done"), runs[0])
        return [run for run in runs if self._keys[run.id] != self._keys[first.id]]

    def tell_of(self, runs: Sequence[StoredRun]) -> None:
        """Say at once which they are, while the others need not be made."""
        for run in self.among(runs):
            if run.id not in self._told:
                self._told.add(run.id)
                tell(f"note: '{run.name}' does not count as a repeat: {self._why(run)}")

    def _why(self, run: StoredRun) -> str:
        return why_went_on(self.project, run.record) or "files or data had changed meanwhile"
