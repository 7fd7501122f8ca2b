"""Sending runs: their data first, then the branch, then the notes.

Nothing is forced, except to take out what was purged, and then only over what was seen there.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.refs import Move, RefMoved, list_refs, move
from gitexp.git.remotes import PushRejected, Remote, RemoteMoved
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.sharing.left import left_behind, remember
from gitexp.sharing.ours import joined, our_tip
from gitexp.sharing.rejections import why_rejected
from gitexp.sharing.theirs import Theirs, fetch_records, fetch_theirs
from gitexp.store.branch import check_branch
from gitexp.store.facts import count_changed, facts_between
from gitexp.store.join import advance, advance_notes
from gitexp.store.own import NOTES, PENDING
from gitexp.store.pending import file_pending
from gitexp.store.reading import runs_between
from gitexp.store.stored_run import StoredRun

if TYPE_CHECKING:
    from gitexp.sharing.agreed import Decision
    from gitexp.sharing.data import Sent
    from gitexp.sharing.purged import Cleaned

ATTEMPTS = 40
"""How often a push is tried while others push to the same branch."""

LONGEST_WAIT = 2.0
"""Seconds between two attempts, at most."""

_LOOKS_AFTER = "00"
"""How the oid of a run ends after which a push looks whether reviews need a new table."""

Tell = Callable[[str], None]
DataChoice = Literal["new", "all", "none"]
"""Whose data is sent: that of runs which the remote does not have, of all runs, or of none."""


class Pushed(Struct, frozen=True):
    """What a push came to."""

    runs: int
    """How many runs the remote did not have."""
    came: int
    """How many runs it had that were not here."""
    files: int
    """How many files of data were sent."""
    facts: int
    """On how many runs the remote did not have the notes that are here."""
    purged: bool = False
    """Whether the remote had something that was purged, and no longer has it."""
    refs: Mapping[str, str] = {}
    """What the remote had of the refs that it was asked for."""


def push(
    project: Project,
    remote: Remote,
    tell: Tell,
    *,
    data: DataChoice = "new",
    decision: Decision | None = None,
    also: Sequence[str] = (),
) -> Pushed:
    """Make the remote have all runs that are here; runs that only it has come along.

    What the remote has of the refs in `also` is told.
    The local branch moves once the remote has agreed: one that rejects leaves all as it was.
    """
    repository, branch = project.repository, project.config.branch
    file_pending(repository, branch, list_refs(repository, PENDING))
    sender = _Sender(project, remote, tell, data, decision, also)
    said: tuple[str, ...] = ()
    for attempt in range(ATTEMPTS):
        try:
            return sender.attempt()
        except RemoteMoved as moved:
            said = moved.said
        most = min(LONGEST_WAIT, 0.05 * 2**attempt)
        time.sleep(random.uniform(most / 4, most))  # noqa: S311 - no secret, only out of step
    raise GitexpError(
        f"others moved the branch of '{remote.name}' {ATTEMPTS} times in a row; it says:"
        + "".join(f"\n  {line}" for line in said),
        hint="Try `gitexp push` again later.",
    )


class _Sender:
    """A push, and how much of it is done when others force it to begin again."""

    def __init__(
        self,
        project: Project,
        remote: Remote,
        tell: Tell,
        data: DataChoice,
        decision: Decision | None,
        also: Sequence[str],
    ) -> None:
        self._project, self._remote, self._tell = project, remote, tell
        self._data, self._decision, self._also = data, decision, also
        self._sent: set[str] = set()
        """The ids of the runs whose data was sent."""
        self._left: set[str] = set()
        """Those of which some stayed here."""
        self._files = 0
        self._runs = 0
        self._facts = 0

    def attempt(self) -> Pushed:
        """Fetch, join, send; raises RemoteMoved if somebody was faster."""
        project, repository = self._project, self._project.repository
        theirs = fetch_theirs(project, self._remote, *self._also)
        cleaned = self._cleaned(theirs)
        there = theirs.tip if cleaned is None else cleaned.tip
        mine = our_tip(project)
        tip = joined(project, mine, there)
        if tip != mine:  # what would fail in the end fails before anything is sent
            branch = project.config.branch
            check_branch(list_refs(repository, f"refs/heads/{branch}"), branch)
        fetch_records(project, self._remote, mine, tip)
        new = list(runs_between(repository, there, tip))
        self._send_data(list(runs_between(repository, None, tip)) if self._data == "all" else new)
        forced = there != theirs.tip
        if forced:  # whoever looks meanwhile learns why before it happens
            self._send_notes(theirs.notes)
        if tip != theirs.tip:
            self._push_branch(tip, theirs.tip if forced else None)
        self._runs += len(new)
        came = list(runs_between(repository, mine, tip)) if tip != mine else []
        if tip != mine:
            advance(repository, project.config.branch, tip)
            self._mirror(came)
        if cleaned is not None:
            self._forget(cleaned, theirs.tip if forced else None, tip)
        if not forced:
            self._send_notes(theirs.notes)
        self._tell_of_left()
        self._send_lookup(tip, new)
        counts = (self._runs, len(came), self._files, self._facts)
        return Pushed(*counts, forced, theirs.refs)

    def _cleaned(self, theirs: Theirs) -> Cleaned | None:
        """Take out what was purged, of which only notes can say; return what is left."""
        if theirs.notes is None and self._project.repository.objects.commit(NOTES) is None:
            return None
        from gitexp.sharing.agreed import UNDECIDED  # noqa: PLC0415 - 5 ms together, where somebody said something
        from gitexp.sharing.purged import clean  # noqa: PLC0415

        return clean(self._project, theirs, self._tell, self._decision or UNDECIDED)

    def _forget(self, cleaned: Cleaned, before: str | None, tip: str) -> None:
        """Delete here what was purged, once it is told what of it the remote still has."""
        if before is not None:
            from gitexp.sharing.kept_there import tell_kept  # noqa: PLC0415 - 2 ms, after a purge

            tell_kept(self._remote, before, tip, self._tell)
        cleaned.forget(self._project, self._tell)

    def _mirror(self, came: list[StoredRun]) -> None:
        from gitexp.mirroring import mirror  # noqa: PLC0415 - 2 ms, where runs have come

        mirror(self._project, came, self._tell)

    def _push_branch(self, tip: str, lease: str | None) -> None:
        self._push(tip, f"refs/heads/{self._project.config.branch_on_remotes}", lease=lease)
        self._note_sent(tip)

    def _send_lookup(self, tip: str, new: list[StoredRun]) -> None:
        """Send what nobody needs, once all else is there: it takes seconds."""
        if any(run.oid.endswith(_LOOKS_AFTER) for run in new):
            from gitexp.sharing.lookup import send_lookup  # noqa: PLC0415 - 5 ms, for one push of 256

            send_lookup(self._remote, tip, self._tell)

    def _note_sent(self, tip: str) -> None:
        """Move the ref of what the remote has; git does only for what it fetches by itself.

        In a clone of a single branch it would go on holding what was purged.
        """
        repository, branch = self._project.repository, self._project.config.branch_on_remotes
        ref = f"refs/remotes/{self._remote.name}/{branch}"
        there = repository.objects.commit(ref)
        if there is not None and there != tip:
            with contextlib.suppress(RefMoved):  # somebody fetched meanwhile
                move(repository, [Move(ref, tip, there)], reason="gitexp: push")

    def _send_notes(self, theirs: str | None) -> None:
        repository = self._project.repository
        advance_notes(repository, theirs)
        notes = repository.objects.commit(NOTES)
        if notes is not None and notes != theirs:
            self._push(notes, NOTES)
            self._facts += count_changed(repository, theirs, notes)

    def _send_data(self, runs: list[StoredRun]) -> None:
        todo = [run for run in runs if run.id not in self._sent]
        speaking = [run for run in todo if not run.problem and run.record.pointers]
        if speaking:
            sent = self._sent_data(speaking)
            self._files += sent.files
            self._left |= sent.left
        self._sent |= {run.id for run in todo}
        remember(self._project.repository, left=self._left, sent=self._sent - self._left)

    def _sent_data(self, runs: list[StoredRun]) -> Sent:
        from gitexp.sharing.data import leave_data, push_data  # noqa: PLC0415 - 14 ms, where there is some

        if self._data == "none":
            return leave_data(self._project, runs, self._tell)
        progress = self._remote.progress
        return push_data(self._project, runs, self._tell, progress, lambda: self._removed)

    @cached_property
    def _removed(self) -> frozenset[str]:
        """Return the removed runs; that is to read all notes."""
        repository = self._project.repository
        said = facts_between(repository, None, repository.objects.commit(NOTES))
        return frozenset(run for run, facts in said if facts.removed)

    def _tell_of_left(self) -> None:
        """Say that earlier pushes left data here; for this one it has been said."""
        left = left_behind(self._project.repository) - self._left
        if left and self._data != "all" and (left := left - self._removed):
            tell = counted(len(left), "run")
            self._tell(f"note: the data of {tell} was never sent: `gitexp push --all-data`")

    def _push(self, oid: str, ref: str, *, lease: str | None = None) -> None:
        try:
            self._remote.push(f"{oid}:{ref}", lease=lease)
        except PushRejected as rejected:
            raise why_rejected(self._remote.name, rejected.said) from rejected
