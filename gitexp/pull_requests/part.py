"""A part of the runs of a remote, fetched for a review that needs a few of them.

First the newest ones, whole. For an end of the change that none of these accounts for, the
remote may have a table that leads to older ones; else the commits of all others are looked at
without their files. Those that may be the ones are fetched alone.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gitexp.git.commits_apart import CommitsApart
from gitexp.git.objects import is_oid
from gitexp.git.remotes import EVERYTHING, Remote, RemoteFailed
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.pull_requests.looked_up import LookedUp
from gitexp.pull_requests.origin import Tell
from gitexp.store.branch import root_oid
from gitexp.store.clues import Clues
from gitexp.store.join import check_theirs
from gitexp.store.own import LOOKUP, NOTES
from gitexp.store.tied import tied

NEWEST = 1000
"""How many runs are fetched at first. A later run is mostly one of them."""
FIRST_COMMITS = 10_000
"""How many commits are looked at before all are."""
_AROUND = 50
"""How many runs before and after one that was found are fetched: its repeats may be among them."""
_FAR = 1 << 32
"""More than any branch has runs."""
_AT_ONCE = 200
"""How many commits are named in one command."""


class Part:
    """The runs of a remote of which some are here, on no ref, so that nobody takes them for all."""

    def __init__(self, project: Project, remote: Remote, tell: Tell) -> None:
        self._project, self._remote, self._tell = project, remote, tell
        self._repository = project.repository
        self._ref = f"refs/heads/{project.config.branch_on_remotes}"
        self._tip = ""
        self._notes: str | None = None
        self._lookup: str | None = None
        """The table of the older ones, if the remote has one."""
        self._is_looked_up = False
        self._order: list[str] = []
        """The commits of the branch as far as they were looked at, the newest first."""
        self._by_table: dict[str, tuple[int, str]] = {}
        """What the table led to: the place of each, and a later commit near to it."""
        self._found: set[str] = set()
        """Those of the older ones that were fetched."""

    def fetch_newest(self) -> bool:
        """Read the newest runs from now on; False if the remote has no others or cannot do that."""
        ends = self._remote.tips(self._ref, NOTES, LOOKUP)
        if self._ref not in ends:
            return False
        self._tip, self._notes = ends[self._ref], ends.get(NOTES)
        self._lookup = ends.get(LOOKUP)
        try:
            self._remote.fetch_apart(self._ref, depth=NEWEST)
            if self._notes is not None:
                self._remote.fetch_apart(NOTES, depth=1)
        except RemoteFailed:
            return False
        commit = self._repository.objects.commit
        ends_here = [commit(oid) for oid in (self._tip, self._notes) if oid is not None]
        if None in ends_here or self._is_whole():  # it moved meanwhile, or is as small as that
            return False
        check_theirs(self._repository, self._project.config.branch, self._remote.name, self._tip)
        self._look()
        some = f"the newest {counted(NEWEST, 'run')}"
        self._tell(f"note: fetched {some} from '{self._remote.name}'; `gitexp pull` fetches all")
        return True

    def _is_whole(self) -> bool:
        """Return whether the branch does not go on behind what was fetched."""
        listed = self._repository.line("rev-list", "--max-parents=0", self._tip).split()
        return listed == [root_oid(self._repository.object_format)]

    def _look(self) -> None:
        places = {oid: _FAR - at for oid, (at, _) in self._by_table.items()}
        places |= {oid: at for at, oid in enumerate(self._order)}
        older = sorted(self._found, key=lambda oid: -places.get(oid, 0))
        tip = tied(self._repository, [*older, self._tip])
        self._project.runs.look_at_part(tip, self._notes)

    def older(self, clues: Sequence[Clues]) -> Iterator[None]:
        """Fetch the older runs that clues lead to; yield each time that some have come.

        Who has what was looked for by then need not go on. Ends early with a word where the
        remote cannot be asked like this.
        """
        with tempfile.TemporaryDirectory(prefix="gitexp-") as folder, self._telling():
            apart = CommitsApart(self._remote, Path(folder) / "commits.git")
            table = LookedUp(apart, self._lookup, _AROUND) if self._lookup else None
            if table is not None and self._led(table, clues):
                yield
            if not apart.fetch_apart(self._tip, depth=1, without="tree:0"):
                name = self._remote.name
                self._tell(f"note: '{name}' cannot send commits without their files")
                return
            for depth in (FIRST_COMMITS, EVERYTHING):
                many = "all" if depth == EVERYTHING else f"{depth:,}"
                what = f"the messages of {many} runs"
                self._tell(f"note: fetching {what} from '{self._remote.name}' to find older ones")
                apart.fetch_apart(self._tip, depth=depth, without="tree:0")
                if self._came(apart, clues):
                    yield
                if len(self._order) < depth:
                    return
                if table is not None and self._led(table, clues):
                    yield

    def _led(self, table: LookedUp, clues: Sequence[Clues]) -> bool:
        """Fetch what the table leads to, once it is known to be of this branch."""
        if self._is_looked_up or not (table.tip in self._order or self._has(table.tip)):
            return False
        self._is_looked_up = True
        self._tell(f"note: looking older runs up in the table of '{self._remote.name}'")
        self._by_table = table.find(clues)
        try:
            return self._fetch_lacking(self._by_table)
        except RemoteFailed:  # it names what is not there
            self._by_table = {}
            return False

    def _has(self, commit: str) -> bool:
        """Return whether the newest runs go back to a commit: else the branch is another by now."""
        repository = self._repository
        if not is_oid(commit) or repository.objects.commit(commit) is None:
            return False
        asked = repository.attempt("merge-base", "--is-ancestor", commit, self._tip)
        return asked.returncode == 0

    def _came(self, apart: CommitsApart, clues: Sequence[Clues]) -> bool:
        """Fetch what the commits that are there now lead to; return whether that is anything."""
        searches = [one.search() for one in clues]
        self._order, fitting = [], set[str]()
        for oid, message in apart.messages(self._tip):
            self._order.append(oid)
            found = [fits(message) for fits in searches]  # all: each counts what it has seen
            if any(found):
                fitting.add(oid)
        return self._fetch_lacking(fitting)

    def _fetch_lacking(self, oids: Iterable[str]) -> bool:
        lacking = sorted(oid for oid in oids if self._repository.objects.commit(oid) is None)
        for at in range(0, len(lacking), _AT_ONCE):
            self._fetch(lacking[at : at + _AT_ONCE], depth=1)
        return bool(lacking)

    def _fetch(self, oids: Sequence[str], *, depth: int) -> None:
        self._remote.fetch_apart(*oids, depth=depth)
        commit = self._repository.objects.commit
        self._found.update(oid for oid in oids if commit(oid) == oid)  # a table may name files
        self._look()

    def fetch_around(self, oids: Iterable[str]) -> bool:
        """Fetch the runs around older ones, which may repeat them; return whether some came."""
        older = self._found.intersection(oids)
        places = {oid: at for at, oid in enumerate(self._order)} if older else {}
        heads = {
            self._order[max(0, places[oid] - _AROUND)] if oid in places else self._by_table[oid][1]
            for oid in older
            if oid in places or oid in self._by_table
        }
        with self._telling():
            for head in sorted(heads):
                self._fetch([head], depth=2 * _AROUND + 1)
        return bool(heads)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except RemoteFailed as failed:
            self._tell(f"note: {failed}")
