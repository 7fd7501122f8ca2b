"""What goes out to workers: each run that is taken, with what they need to make it."""

from __future__ import annotations

from datetime import datetime, timezone

from msgspec.structs import replace

from gitexp.store.journal import Entry, Journal
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.remote import worker as there
from gitexp.sweep.remote.crew import Crew
from gitexp.sweep.remote.engine import Engine
from gitexp.sweep.remote.kit import Kit
from gitexp.sweep.remote.parcel import RemotePoint
from gitexp.sweep.remote.receiving import Out
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine


class Sender:
    """Hands out the runs of one sweep, and keeps those that are out."""

    def __init__(
        self,
        sweep: Sweep,
        call: Call,
        kit: Kit,
        engine: Engine,
        crew: Crew,
        journal: Journal,
        chooser: Chooser,
    ) -> None:
        self._sweep, self._call, self._kit = sweep, call, kit
        self._engine, self._crew = engine, crew
        self._journal, self._chooser = journal, chooser
        self._put: object | None = None
        self.out: dict[str, Out] = {}
        """The runs that are made elsewhere, by their ids."""

    def put(self) -> object:
        """Hand the kit to the workers anew; return what says where it is."""
        self._put = self._engine.put(self._kit.to_bytes())
        return self._put

    def hand_out(self, mine: Mine) -> None:
        """Choose the point of a run that was taken, and send that; raises Exhausted."""
        known, claim = mine.known, mine.claim
        values = self._chooser.choose(mine.spot.number, known, claim.known).values
        entry = self._journal.note_values(mine.entry, dict(values))
        results: tuple[Result, ...] = ()
        if self._sweep.pruning is not None:
            results = tuple(self._chooser.results(mine.spot.number, known, claim.known))
        self.send(replace(mine, entry=entry), entry, self._point(entry, results))

    def _point(self, entry: Entry, results: tuple[Result, ...]) -> RemotePoint:
        assert entry.claim is not None  # as it was taken
        return RemotePoint(
            run_id=entry.id,
            name=entry.name,
            key=self._kit.key,
            claim=entry.claim,
            call=self._call.to_text(),
            since=datetime.now(timezone.utc).isoformat(),
            engine=self._engine.name,
            wanted=self._sweep.wanted,
            places=self._crew.places_by_host(),
            results=results,
        )

    def send(
        self, mine: Mine | None, entry: Entry, point: RemotePoint, only: str | None = None
    ) -> None:
        """Have a run made, by `only` one worker if that is where it is."""
        put = self._put
        if put is None or not self._engine.is_there(put):
            put = self.put()
        among = [only] if only is not None else self._crew.chosen
        task = self._engine.start(there.make, put, point.to_bytes(), among=among)
        self.out[entry.id] = Out(mine, entry, point, task, only)
