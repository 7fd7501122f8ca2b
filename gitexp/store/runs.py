"""The runs of one project, as the experiments branch holds them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

from msgspec.structs import replace

from gitexp.git.ends import end_of
from gitexp.git.repository import Repository
from gitexp.model.policy import Policy
from gitexp.store.branch import check_ours
from gitexp.store.facts import facts_on
from gitexp.store.index.file import IN_MEMORY, Tips
from gitexp.store.index.index import RunIndex
from gitexp.store.index.place import index_places
from gitexp.store.own import NOTES
from gitexp.store.reading import QUIETLY, CatchUp, run_of
from gitexp.store.stored_run import StoredRun

NO_POLICY = Policy()
BestOf: TypeAlias = Callable[[str], "StoredRun | None"]
"""Says which run is the best by a metric; None if no run that ended well has it."""


class RunStore:
    """Every run of a repository; those of one project unless asked for all."""

    def __init__(
        self,
        repository: Repository,
        branch: str,
        project: str,
        policy: Policy = NO_POLICY,
        catch_up: CatchUp = QUIETLY,
        best_of: BestOf | None = None,
    ) -> None:
        self.repository = repository
        self.branch = branch
        self._ref = f"refs/heads/{branch}"
        """Where runs are read: the branch, or what was fetched of a remote's."""
        self._notes = NOTES
        """Where their late facts are read."""
        self.is_part = False
        """Whether only some runs of a remote are looked at."""
        self.project = project
        self.policy = policy
        """Says which run is best."""
        self._catch_up = catch_up
        self.best_of = best_of
        """Says which run `best:METRIC` names; without it, repeats count one by one."""

    @cached_property
    def tip(self) -> str | None:
        """The oid at the end of the branch, as it was when this store first looked."""
        return end_of(self.repository, self._ref)

    @cached_property
    def index(self) -> RunIndex:
        """The search index, brought up to the tip."""
        if self.tip is not None:
            check_ours(self.repository, self.branch, self.tip)
        if self.is_part:  # what has seen a part must never pass for an index of all
            place = IN_MEMORY
        else:
            place = next(index_places(self.repository, may_write=self.tip is not None))
        return RunIndex.open(place, self.repository, self._tips, self._catch_up)

    def _tips(self) -> Tips:
        return Tips(end_of(self.repository, self._ref), end_of(self.repository, self._notes))

    def newest(
        self, limit: int | None = None, *, all_projects: bool = False, removed: bool = False
    ) -> list[StoredRun]:
        """Return the runs, or those that are removed, the one that ended last first."""
        project = None if all_projects else self.project
        return self.index.runs(project, limit=limit, removed=removed)

    def of_commit(self, rev: str) -> StoredRun | None:
        """Return the run whose commit a rev names, if it is one."""
        found = run_of(self.repository, rev)
        if found is None:
            return None
        known = next((run for run in self.index.named(found.id, None) if run.id == found.id), None)
        notes = end_of(self.repository, self._notes)
        facts = facts_on(self.repository, found, notes) if known is None else known.facts
        return replace(found, facts=facts)

    def look_again(self, ref: str | None = None) -> None:
        """Have the runs read again, since others came onto the branch, or read those of a ref."""
        self._look_at(ref or f"refs/heads/{self.branch}", NOTES, is_part=False)

    def refresh(self) -> None:
        """Have the runs read again if the branch or the notes have moved since."""
        if "index" not in self.__dict__:
            self.__dict__.pop("tip", None)
        elif self.index.tips != self._tips():
            self._look_at(self._ref, self._notes, is_part=self.is_part)

    def look_at_part(self, tip: str, notes: str | None) -> None:
        """Read from now on the runs of a commit and the facts of another, which no refs hold."""
        self._look_at(tip, notes or "", is_part=True)

    def _look_at(self, ref: str, notes: str, *, is_part: bool) -> None:
        self._ref, self._notes, self.is_part = ref, notes, is_part
        self.close()
        for known in ("tip", "index"):
            self.__dict__.pop(known, None)

    def close(self) -> None:
        """Close the index."""
        if "index" in self.__dict__:
            self.index.close()
