"""The agent of a sweep whose runs are made elsewhere: it takes them, hands them out, files them.

What it knows is in the journal, on the branch and with the workers. So one that is killed costs
nothing: the next one asks the workers what they have, and goes on from there.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone

from msgspec import MsgspecError, Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError, reason_of
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import Place
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.known import MOST_ATTEMPTS
from gitexp.sweep.lacking import note_on_first
from gitexp.sweep.point import Spot
from gitexp.sweep.remote import worker as there
from gitexp.sweep.remote.crew import Crew
from gitexp.sweep.remote.engine import Engine, EngineLost, Task, TaskLost
from gitexp.sweep.remote.filing import Unsound, file_run
from gitexp.sweep.remote.held import entered, held_runs
from gitexp.sweep.remote.kit import Kit
from gitexp.sweep.remote.parcel import Parcel, RemotePoint
from gitexp.sweep.sampling.sampler import Exhausted, Result
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.signs import signs_of_life
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine, Over, Taker, Wait
from gitexp.sweep.told import Told

Tell = Callable[[str], None]

_LOOK_EVERY = 0.2
_STOP_EVERY = 1.0


class _Out(Struct):
    """A run that is made elsewhere."""

    mine: Mine | None
    """None for one that was found there, taken by a coordinator that is gone."""
    entry: Entry
    task: Task
    only: str | None
    """The one worker that it can come from."""


class Coordinator:
    """Has the runs of one sweep made by an engine."""

    def __init__(
        self,
        project: Project,
        sweep: Sweep,
        call: Call,
        kit: Kit,
        engine: Engine,
        told: Told,
        tell: Tell,
    ) -> None:
        self._project, self._sweep, self._call = project, sweep, call
        self._kit, self._engine, self._told, self._tell = kit, engine, told, tell
        is_pruned = sweep.pruning is not None
        self._crew = Crew(engine, kit.versions, tell, optuna=is_pruned)
        self._journal = Journal(project.repository)
        self._chooser = Chooser(sweep, sampler_of(sweep))
        self._taker = Taker(project, sweep, call, self._chooser, tell)
        self._out: dict[str, _Out] = {}
        self._filed: list[str] = []
        self._losses: Counter[Spot] = Counter()
        self._put: object | None = None
        self._failure: GitexpError | None = None
        self._stopped = 0.0
        self._is_over = False

    def work(self) -> None:
        """Have all runs made that are open, unless told to stop; none that was made is lost.

        Raises GitexpError for what makes workers refuse a run, once the others have ended.
        """
        lease = self._call.options.lease
        with signs_of_life(self._journal, lease, lambda: list(self._out)):
            try:
                self._begin_or_leave()
                while self._out or not (self._is_over or self._is_told):
                    self._fill()
                    self._collect()
                self._end()
            except EngineLost as lost:
                count = counted(len(self._out), "run")
                self._give_back()
                raise EngineLost(f"{lost}, with {count} under way there", lost.hint) from lost
        if self._failure is not None:
            raise self._failure

    @property
    def _is_told(self) -> bool:
        return self._told.is_over or self._failure is not None

    def _begin(self) -> None:
        """Wait for a worker, have each get ready, and take over what they have."""
        while not self._crew.count(at_once=True):
            if self._told.is_over:
                return
            self._crew.check_any_fits()
            time.sleep(_LOOK_EVERY)
        self._put = self._engine.put(self._kit.to_bytes())
        self._crew.prepare(self._put, self._told)
        self._take_over()

    def _begin_or_leave(self) -> None:
        try:
            self._begin()
        except EngineLost:
            raise
        except GitexpError:
            self._end()  # some workers were ready before one could not be
            raise

    def _take_over(self) -> None:
        """Go on with what workers have of coordinators that are gone; pass over what is known."""
        for name, point in held_runs(self._engine, self._kit.key, self._sweep.id):
            entry = entered(self._project, self._taker, point)
            if entry is None:
                self._filed.append(point.run_id)
            elif entry.id not in self._out and entry.owner == Place.of(os.getpid()):
                self._send(None, entry, point, only=name)
        self._acknowledge()

    def _fill(self) -> None:
        """Hand out runs as long as there are places for them."""
        while not self._is_told and not self._is_over and len(self._out) < self._places():
            taken = self._taker.take()
            if isinstance(taken, Over):
                if taken.why is not None:
                    self._tell(f"note: no further run is started: {taken.why}")
                    self._is_over = True
                elif not self._out:
                    self._is_over = True
                return
            if isinstance(taken, Wait):
                if not self._out:
                    time.sleep(_LOOK_EVERY)
                return
            self._hand_out(taken)

    def _places(self) -> int:
        places, most = self._crew.places, self._call.options.at_once
        return places if most is None else min(places, most)

    def _hand_out(self, mine: Mine) -> None:
        try:
            known, claim = mine.known, mine.claim
            values = self._chooser.choose(mine.spot.number, known, claim.known).values
        except Exhausted as exhausted:
            self._taker.end = min(exhausted.size, mine.spot.number)
            self._taker.let_go(mine)
            return
        entry = self._journal.note_values(mine.entry, dict(values))
        assert entry.claim is not None  # as it was taken
        results: tuple[Result, ...] = ()
        if self._sweep.pruning is not None:
            results = tuple(self._chooser.results(mine.spot.number, known, claim.known))
        point = RemotePoint(
            run_id=entry.id,
            name=entry.name,
            key=self._kit.key,
            claim=entry.claim,
            call=self._call.to_text(),
            since=datetime.now(timezone.utc).isoformat(),
            engine=self._engine.name,
            places=self._crew.places_by_host(),
            results=results,
        )
        self._send(replace(mine, entry=entry), entry, point)

    def _send(
        self, mine: Mine | None, entry: Entry, point: RemotePoint, only: str | None = None
    ) -> None:
        if self._put is None or not self._engine.is_there(self._put):
            self._put = self._engine.put(self._kit.to_bytes())
        among = [only] if only is not None else self._crew.chosen
        task = self._engine.start(there.make, self._put, point.to_bytes(), among=among)
        self._out[entry.id] = _Out(mine, entry, task, only)

    def _collect(self) -> None:
        """File what has ended."""
        if self._told.now and self._out and time.monotonic() - self._stopped >= _STOP_EVERY:
            self._stopped = time.monotonic()
            self._engine.everywhere(there.stop, self._kit.key, [*self._out])
        tasks = {id(one.task): run_id for run_id, one in self._out.items()}
        for task in self._engine.ended([one.task for one in self._out.values()], _LOOK_EVERY):
            run_id = tasks[id(task)]
            self._receive(self._out.pop(run_id))
        workers = self._crew.count()
        for run_id, one in list(self._out.items()):
            if one.only is not None and one.only not in workers:
                self._engine.drop(one.task)
                self._lose(self._out.pop(run_id), f"worker {one.only} is gone")
        self._acknowledge()

    def _receive(self, out: _Out) -> None:
        """Take what a task gave; its worker keeps that until it is told to forget it."""
        try:
            parcel = Parcel.from_bytes(self._engine.result(out.task))
        except EngineLost:
            self._out[out.entry.id] = out  # to be given back
            raise
        except TaskLost as lost:
            self._lose(out, str(lost))
        except MsgspecError:
            self._lose(out, "its worker kept it in part only")
            self._filed.append(out.entry.id)  # else it would be handed over again and again
        except Exception as error:  # noqa: BLE001 - whatever a worker raises must not end all
            self._refuse(out, GitexpError(f"a worker failed: {type(error).__name__}: {error}"))
        else:
            for note in parcel.notes:
                self._tell(note)
            if self._is_done_with(out, parcel):
                self._filed.append(out.entry.id)

    def _is_done_with(self, out: _Out, parcel: Parcel) -> bool:
        """Do what a parcel asks for; return whether its worker may forget it."""
        if parcel.died is not None:
            self._lose(out, f"on {parcel.host}, {parcel.died}")
        elif parcel.error is not None:
            self._refuse(out, GitexpError(f"on {parcel.host}: {parcel.error}", parcel.hint))
        elif parcel.stopped:
            self._let_go(out.entry)
        else:
            return self._is_now_filed(out, parcel)
        return True

    def _is_now_filed(self, out: _Out, parcel: Parcel) -> bool:
        """Put a run onto the branch; return whether its worker may forget it."""
        try:
            run = file_run(self._project, out.entry, parcel, self._tell)
        except Unsound as error:
            self._refuse(out, error)
            return True
        except (GitexpError, OSError) as error:
            text = f"'{out.entry.name}', made on {parcel.host}, cannot be recorded: "
            self._refuse(out, GitexpError(text + reason_of(error), "The next call tries again."))
            return False
        record = run.record
        if out.mine is not None and record.status == "done":
            note = note_on_first(self._sweep, out.mine.known, record)
            if note is not None:
                self._tell(note)
        return True

    def _lose(self, out: _Out, why: str) -> None:
        """Give back a run whose worker is gone; after some losses it is not tried again."""
        assert out.entry.claim is not None  # as it was taken
        spot = Spot(out.entry.claim.number, out.entry.claim.repeat)
        self._losses[spot] += 1
        self._let_go(out.entry)
        times = self._losses[spot]
        if times >= MOST_ATTEMPTS:
            self._taker.passed_over.add(spot)
            self._tell(
                f"warning: '{out.entry.name}' was lost {times} times, the last time because {why}: "
                "it is not tried again in this call"
            )
        else:
            self._tell(f"note: '{out.entry.name}' was lost, because {why}: it is made again")

    def _refuse(self, out: _Out, error: GitexpError) -> None:
        """Give back a run that nobody can make; no other is begun."""
        self._let_go(out.entry)
        self._failure = self._failure or error

    def _let_go(self, entry: Entry) -> None:
        with contextlib.suppress(OSError):
            self._journal.scratch(entry.id).rmdir()
        self._journal.remove(entry)

    def _give_back(self) -> None:
        """Free what was under way when the engine was lost."""
        for out in self._out.values():
            self._let_go(out.entry)

    def _acknowledge(self) -> None:
        """Tell workers what has come home, so that they let go of it."""
        if self._filed:
            self._engine.everywhere(there.forget_runs, self._kit.key, self._filed)
            self._filed = []

    def _end(self) -> None:
        """Have workers let go of all that is not to be handed over to another call."""
        with contextlib.suppress(EngineLost):  # all is at home
            settled = self._taker.reader.read().settled
            others = {one.id for one in self._journal.entries() if not one.owner.is_gone}
            for _, point in held_runs(self._engine, self._kit.key, self._sweep.id):
                spot = Spot(point.claim.number, point.claim.repeat)
                if spot in settled and point.run_id not in others:
                    self._filed.append(point.run_id)
            self._acknowledge()
            self._engine.everywhere(there.leave, self._kit.key)
