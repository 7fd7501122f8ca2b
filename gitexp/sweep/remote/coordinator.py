"""The agent of a sweep whose runs are made elsewhere: it takes them, hands them out, files them.

What it knows is in the journal, on the branch and with the workers. So one that is killed costs
nothing: the next one asks the workers what they have, and goes on from there.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.journal import Journal
from gitexp.store.processes import Place
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.point import spot_of
from gitexp.sweep.remote import worker as there
from gitexp.sweep.remote.crew import Crew
from gitexp.sweep.remote.engine import Engine, EngineLost, TaskLost
from gitexp.sweep.remote.held import entered, held_runs, is_over
from gitexp.sweep.remote.kit import Kit
from gitexp.sweep.remote.receiving import Out, Receiver
from gitexp.sweep.remote.sending import Sender
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.signs import signs_of_life
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Over, Taker, Wait
from gitexp.sweep.told import Told

Tell = Callable[[str], None]

_LOOK_EVERY = 0.2
_STOP_EVERY = 1.0
_TAKE_OVER_EVERY = 60.0
"""Seconds between two looks at whether the coordinators of what workers have are gone."""


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
        chooser = Chooser(sweep, sampler_of(sweep))
        self._taker = Taker(project, sweep, call, chooser, tell)
        self._sender = Sender(sweep, call, kit, engine, self._crew, self._journal, chooser)
        self._out = self._sender.out
        self._receiver = Receiver(project, sweep, self._taker, self._crew, tell)
        self._taken_over = time.monotonic()
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
                for out in self._out.values():
                    self._receiver.let_go(out.entry)
                raise EngineLost(f"{lost}, with {count} under way there", lost.hint) from lost
        if self._receiver.failure is not None:
            raise self._receiver.failure

    @property
    def _is_told(self) -> bool:
        return self._told.is_over or self._receiver.failure is not None

    def _begin(self) -> None:
        """Wait for a worker, have each get ready, and take over what they have."""
        while not self._crew.count(at_once=True):
            if self._told.is_over:
                return
            self._crew.check_any_fits()
            time.sleep(_LOOK_EVERY)
        self._crew.prepare(self._sender.put(), self._told)
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
        """Go on with what workers have of coordinators that are gone; pass over what is known.

        What is under way may have ended on a worker that died and is there again.
        """
        self._taken_over = time.monotonic()
        self._crew.any_new()  # whoever is there is asked now
        for name, one in held_runs(self._engine, self._kit.key, self._sweep.id):
            out = self._out.get(one.point.run_id)
            if out is not None:
                if one.ended and out.only != name:
                    self._engine.drop(out.task)
                    self._sender.send(out.mine, out.entry, out.point, only=name)
                continue
            entry = entered(self._project, self._taker, one.point)
            if entry is None and is_over(self._project, self._taker, one.point):
                self._receiver.filed.append(one.point.run_id)
            elif entry is not None and entry.owner == Place.of(os.getpid()):
                self._sender.send(None, entry, one.point, only=name)
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
            try:
                self._sender.hand_out(taken)
            except Exhausted as exhausted:
                self._taker.end = min(exhausted.size, taken.spot.number)
                self._taker.let_go(taken)

    def _places(self) -> int:
        places, most = self._crew.places, self._call.options.at_once
        return places if most is None else min(places, most)

    def _collect(self) -> None:
        """File what has ended."""
        if self._told.now and self._out and time.monotonic() - self._stopped >= _STOP_EVERY:
            self._stopped = time.monotonic()
            self._engine.everywhere(there.stop, self._kit.key, [*self._out])
        tasks = {id(one.task): run_id for run_id, one in self._out.items()}
        for task in self._engine.ended([one.task for one in self._out.values()], _LOOK_EVERY):
            run_id = tasks[id(task)]
            self._receive(self._out.pop(run_id))
        self._crew.count()
        for run_id, one in list(self._out.items()):
            if one.only is not None and not self._crew.is_there(one.only):
                self._engine.drop(one.task)
                self._receiver.lose(self._out.pop(run_id), f"worker {one.only} is gone")
        self._acknowledge()
        is_due = time.monotonic() - self._taken_over >= _TAKE_OVER_EVERY
        if not self._is_told and (self._crew.any_new() or is_due):
            self._take_over()

    def _receive(self, out: Out) -> None:
        """Take what a task gave; its worker keeps that until it is told to forget it."""
        try:
            content = self._engine.result(out.task)
        except EngineLost:
            self._out[out.entry.id] = out  # to be given back
            raise
        except TaskLost as lost:
            holder = self._holder(out)
            if holder is not None and self._receiver.bears_loss(out):
                self._sender.send(out.mine, out.entry, out.point, only=holder)
            else:
                self._receiver.lose(out, str(lost))
        except Exception as error:  # noqa: BLE001 - whatever a worker raises must not end all
            what = f"a worker failed: {type(error).__name__}: {error}"
            self._receiver.refuse(out, GitexpError(what))
        else:
            self._receiver.take_in(out, content)

    def _holder(self, out: Out) -> str | None:
        """Return the worker that has a run whose task is gone: its process may have died alone."""
        held = held_runs(self._engine, self._kit.key, self._sweep.id)
        return next((name for name, one in held if one.point.run_id == out.entry.id), None)

    def _acknowledge(self) -> None:
        """Tell workers what has come home, so that they let go of it."""
        filed, self._receiver.filed = self._receiver.filed, []
        if filed:
            self._engine.everywhere(there.forget_runs, self._kit.key, filed)

    def _end(self) -> None:
        """Have workers let go of all that is not to be handed over to another call."""
        with contextlib.suppress(EngineLost):  # all is at home
            settled = self._taker.reader.read().settled
            others = {one.id for one in self._taker.reader.claims() if not one.owner.is_gone}
            for _, one in held_runs(self._engine, self._kit.key, self._sweep.id):
                if spot_of(one.point.claim) in settled and one.point.run_id not in others:
                    self._receiver.filed.append(one.point.run_id)
            self._acknowledge()
            self._engine.everywhere(there.leave, self._kit.key)
