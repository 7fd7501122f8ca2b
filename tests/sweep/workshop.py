"""Runs of a sweep put on the branch, without running anything."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from gitexp.git.commits import write_blobs
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry
from gitexp.model.message import message_text
from gitexp.model.names import new_id
from gitexp.model.policy import Policy
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json
from gitexp.model.sweep_point import SweepPoint
from gitexp.store.pending import append
from gitexp.sweep.sweep import SWEEP_FILE, Sweep
from gitexp.sweep.sweep import to_json as definition_json

_NUMBERS = itertools.count()


def record_point(
    repository: Repository, scratch: Path, sweep: Sweep, point: SweepPoint, **facts: Any
) -> RunRecord:
    """Put a run of a sweep on the branch; unless told otherwise, each ends after those before."""
    at, of = next(_NUMBERS), facts.pop("of", sweep.id)
    values: dict[str, Any] = {
        "id": new_id(),
        "name": f"{point.sweep}-{point.number}-{at}",
        "status": "done",
        "exit": Exit(0),
        "command": sweep.command,
        "baseline": "b" * 40,
        "inputs": Inputs("c" * 40),
        "started": "2026-01-02T03:04:05.000Z",
        "ended": f"2026-01-02T03:{at // 60 % 60:02}:{at % 60:02}.000Z",
        "sweep": of,
        "point": point,
        **facts,
    }
    run = RunRecord(**values)
    oids = write_blobs(repository, [to_json(run), definition_json(sweep)], scratch)
    index = PrivateIndex(repository, scratch / f"index-{at}")
    index.put(
        {
            ".gitexp/run.json": Entry("100644", oids[0]),
            SWEEP_FILE: Entry("100644", oids[1]),
        }
    )
    message = message_text(run, Policy(), {})
    append(repository, "experiments", tree=index.write_tree(), message=message, run_id=run.id)
    return run
