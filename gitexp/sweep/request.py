"""A run of a sweep, as the request that any other run is made from."""

from __future__ import annotations

from gitexp.execution.stages import Request
from gitexp.model.sweep_point import SweepPoint
from gitexp.store.journal import Entry
from gitexp.sweep.call import Call
from gitexp.sweep.point import Point
from gitexp.sweep.sweep import Sweep


def request_of(sweep: Sweep, definition: str, call: Call, point: Point, entry: Entry) -> Request:
    """Return what is asked for; the entry says who has taken the point, and as what.

    `definition` is the sweep as JSON, made once for all its runs.
    """
    claim, options = entry.claim, call.options
    assert claim is not None  # as it was taken
    return Request(
        command=point.command,
        overrides=point.overrides,
        name=entry.name,
        message=sweep.message,
        timeout=options.timeout,
        allow_secrets=options.allow_secrets,
        sweep=sweep.id,
        point=SweepPoint(
            number=point.number,
            repeat=point.repeat,
            attempt=claim.attempt,
            values=point.values,
            sweep=sweep.name,
            window=sweep.window if sweep.looks_back and claim.known is None else None,
            known=claim.known,
            threads=call.threads,
            slot=call.slot,
            engine=call.engine,
        ),
        definition=definition,
        progress=sweep.pruning.file or "" if sweep.pruning is not None else None,
    )
