"""What was taken out of history for good, as a value, and a record without it."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.facts import Event
from gitexp.model.record import RunRecord
from gitexp.model.values import Value

PURGE = "purge"
"""The operation of the event; such an event does not belong to a run."""

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Purge(Struct, frozen=True):
    """An order to every clone: these runs, and this content, must not be anywhere."""

    id: str
    time: str
    """RFC 3339, UTC. What stood at one of the paths before counts as purged, whatever it was."""
    by: str = ""
    runs: frozenset[str] = frozenset()
    """The ids of runs that are gone whole."""
    paths: frozenset[str] = frozenset()
    """Files and folders, relative to the repository, that are gone from all runs."""
    dead: frozenset[str] = frozenset()
    """The oids of the commits of those runs, and of what stood at those paths."""

    @classmethod
    def of(cls, event: Event) -> Purge | None:
        """Return the purge that an event holds, if it is one."""
        value = event.value
        if event.op != PURGE or not isinstance(value, dict):
            return None
        runs, paths, dead = (_texts(value.get(name)) for name in ("runs", "paths", "dead"))
        oids = frozenset(filter(_OID.fullmatch, dead))
        return cls(event.id, event.time, event.by, runs, paths - {""}, oids)

    @property
    def value(self) -> Value:
        """The purge as the value of its event."""
        return {
            "runs": [*sorted(self.runs)],
            "paths": [*sorted(self.paths)],
            "dead": [*sorted(self.dead)],
        }


def without_path(record: RunRecord, path: str) -> RunRecord:
    """Return a record that says nothing about a path except that it was left out.

    The path is relative to the repository, as in a purge.
    """
    prefix = f"{record.project}/" if record.project else ""
    if not path.startswith(prefix):
        return record
    name = path.removeprefix(prefix)

    def stays(one: str) -> bool:
        return one != name and not one.startswith(f"{name}/")

    return replace(
        record,
        params={file: values for file, values in record.params.items() if stays(file)},
        metrics={file: values for file, values in record.metrics.items() if stays(file)},
        pointers=tuple(one for one in record.pointers if stays(one.path)),
        outputs=tuple(filter(stays, record.outputs)),
        left_out=tuple(sorted({*record.left_out, name})),
    )


def _texts(value: Value) -> frozenset[str]:
    items = value if isinstance(value, list) else []
    return frozenset(item for item in items if isinstance(item, str))
