"""What becomes of a run that was made elsewhere, or could not be: filed, given back, made again."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable

from msgspec import MsgspecError, Struct

from gitexp.errors import GitexpError, reason_of
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.sweep.known import MOST_ATTEMPTS
from gitexp.sweep.lacking import note_on_first
from gitexp.sweep.point import Spot, spot_of
from gitexp.sweep.remote.crew import Crew
from gitexp.sweep.remote.engine import Task
from gitexp.sweep.remote.filing import Unsound, file_run
from gitexp.sweep.remote.parcel import Parcel, RemotePoint
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine, Taker

Tell = Callable[[str], None]


class Out(Struct):
    """A run that is made elsewhere."""

    mine: Mine | None
    """None for one that was found there, taken by a coordinator that is gone."""
    entry: Entry
    point: RemotePoint
    task: Task
    only: str | None
    """The one worker that it can come from."""

    @property
    def spot(self) -> Spot:
        """Which place in the sweep it takes."""
        return spot_of(self.point.claim)


class Receiver:
    """Receives what workers give."""

    def __init__(
        self, project: Project, sweep: Sweep, taker: Taker, crew: Crew, tell: Tell
    ) -> None:
        self._project, self._sweep, self._taker = project, sweep, taker
        self._crew, self._tell = crew, tell
        self._journal = Journal(project.repository)
        self._losses: Counter[Spot] = Counter()
        self.filed: list[str] = []
        """The ids of runs that workers may forget."""
        self.failure: GitexpError | None = None
        """Why no other run is to be begun."""

    def take_in(self, out: Out, content: bytes) -> None:
        """Take a parcel as it was sent."""
        try:
            parcel = Parcel.from_bytes(content)
        except MsgspecError:
            self.lose(out, "its worker kept it in part only")
            self.filed.append(out.entry.id)  # else it would be handed over again and again
            return
        for note in parcel.notes:
            self._tell(note)
        if self._is_done_with(out, parcel):
            self.filed.append(out.entry.id)

    def lose(self, out: Out, why: str) -> None:
        """Give back a run whose worker is gone; after some losses it is not tried again."""
        self.let_go(out.entry)
        name, times = out.entry.name, self._lost_once_more(out)
        if times < MOST_ATTEMPTS:
            self._tell(f"note: '{name}' was lost, because {why}: it is made again")
            return
        self._taker.passed_over.add(out.spot)
        self._tell(
            f"warning: '{name}' was lost {times} times, the last time because {why}: "
            "it is not tried again in this call"
        )

    def bears_loss(self, out: Out) -> bool:
        """Count a loss after which a run may yet be had; return whether it is to be waited for."""
        return self._losses[out.spot] + 1 < MOST_ATTEMPTS and self._lost_once_more(out) > 0

    def refuse(self, out: Out, error: GitexpError) -> None:
        """Give back a run that nobody can make; no other is begun."""
        self.let_go(out.entry)
        self.failure = self.failure or error

    def let_go(self, entry: Entry) -> None:
        """Forget that a run is under way."""
        with contextlib.suppress(OSError):
            self._journal.scratch(entry.id).rmdir()
        self._journal.remove(entry)

    def _lost_once_more(self, out: Out) -> int:
        self._losses[out.spot] += 1
        return self._losses[out.spot]

    def _is_done_with(self, out: Out, parcel: Parcel) -> bool:
        """Do what a parcel asks for; return whether its worker may forget it."""
        if parcel.died is not None:
            self.lose(out, f"on {parcel.host}, {parcel.died}")
        elif parcel.error is not None and parcel.is_host:
            self._blame_host(out, parcel, parcel.error)
            return False  # it may have been made there, and not packed
        elif parcel.error is not None:
            self.refuse(out, GitexpError(f"on {parcel.host}: {parcel.error}", parcel.hint))
        elif parcel.stopped:
            self.let_go(out.entry)
        else:
            return self._is_now_filed(out, parcel)
        return True

    def _blame_host(self, out: Out, parcel: Parcel, why: str) -> None:
        """Have a run made elsewhere, and the others too; without any other host, all is over."""
        try:
            self._crew.set_aside(parcel.host, parcel.disk, why, parcel.hint)
        except GitexpError as nobody:
            self.refuse(out, nobody)
        else:
            self.lose(out, f"its worker on {parcel.host} could not make it")

    def _is_now_filed(self, out: Out, parcel: Parcel) -> bool:
        """Put a run onto the branch; return whether its worker may forget it."""
        try:
            run = file_run(self._project, out.entry, parcel, self._tell)
        except Unsound as error:
            self.refuse(out, error)
            return True
        except (GitexpError, OSError) as error:
            text = f"'{out.entry.name}', made on {parcel.host}, cannot be recorded: "
            self.refuse(out, GitexpError(text + reason_of(error), "The next call tries again."))
            return False
        record = run.record
        if out.mine is not None and record.status == "done":
            note = note_on_first(self._sweep, out.mine.known, record)
            if note is not None:
                self._tell(note)
        return True
