"""The runs of one project, as the experiments branch holds them."""

from __future__ import annotations

from functools import cached_property

from gitexp.git.repository import Repository
from gitexp.store.branch import check_ours
from gitexp.store.index import RunIndex
from gitexp.store.index_place import index_places
from gitexp.store.reading import StoredRun, run_of


class RunStore:
    """Every run of a repository; those of one project unless asked for all."""

    def __init__(self, repository: Repository, branch: str, project: str) -> None:
        self.repository = repository
        self.branch = branch
        self.project = project

    @cached_property
    def tip(self) -> str | None:
        """The oid at the end of the branch, as it was when this store first looked."""
        return self.repository.objects.commit(f"refs/heads/{self.branch}")

    @cached_property
    def index(self) -> RunIndex:
        """The search index, brought up to the tip."""
        if self.tip is not None:
            check_ours(self.repository, self.branch, self.tip)
        places = index_places(self.repository, may_write=self.tip is not None)
        return RunIndex.open(next(places), self.repository, self.tip)

    def newest(self, limit: int = -1, *, all_projects: bool = False) -> list[StoredRun]:
        """Return the runs, the one that ended last first."""
        return self.index.runs(None if all_projects else self.project, limit=limit)

    def of_commit(self, rev: str) -> StoredRun | None:
        """Return the run whose commit a rev names, if it is one."""
        return run_of(self.repository, rev)

    def close(self) -> None:
        """Close the index."""
        if "index" in self.__dict__:
            self.index.close()
