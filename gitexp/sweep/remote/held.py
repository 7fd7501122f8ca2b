"""Runs that workers have of coordinators that are gone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from msgspec import MsgspecError

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.locks import locked
from gitexp.sweep.entering import write_down
from gitexp.sweep.point import spot_of
from gitexp.sweep.remote import worker as there
from gitexp.sweep.remote.engine import Engine
from gitexp.sweep.remote.filing import is_filed
from gitexp.sweep.remote.parcel import Held, RemotePoint, checked
from gitexp.sweep.take import Taker


def held_runs(engine: Engine, key: str, sweep: str) -> Iterator[tuple[str, Held]]:
    """Yield the runs of a sweep that workers have of a kit, each with the worker.

    What cannot be read, or is not to be trusted, is passed over.
    """
    for name, found in engine.everywhere(there.held, key).items():
        for content in found if not isinstance(found, Exception) else ():
            with contextlib.suppress(MsgspecError, GitexpError):
                one = Held.from_bytes(content)
                point = checked(one.point)
                if (point.key, point.claim.sweep) == (key, sweep):
                    yield name, one


def is_over(project: Project, taker: Taker, point: RemotePoint) -> bool:
    """Return whether a run is not wanted any more: it is filed, or its point is settled."""
    if is_filed(project, point.run_id) is not None:
        return True
    return spot_of(point.claim) in taker.reader.read().settled


def entered(project: Project, taker: Taker, point: RemotePoint) -> Entry | None:
    """Write down again that a run is under way; None if it is over, or another has its place.

    One of another coordinator is left to it, unless that has ended, or its host gives no sign.
    """
    claim, repository, journal = point.claim, project.repository, Journal(project.repository)
    if is_filed(project, point.run_id) is not None:
        return None
    with locked(repository):
        before = next((one for one in journal.entries() if one.id == point.run_id), None)
        if before is not None and not (before.owner.is_gone or taker.reader.is_free(before)):
            return before
        known = taker.reader.read()
        taken = known.under_way.get(spot_of(claim))
        if spot_of(claim) in known.settled or (taken is not None and taken.run_id != point.run_id):
            return None
        return write_down(project, point.run_id, point.name, point.since, claim)
