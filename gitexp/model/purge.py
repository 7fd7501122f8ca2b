"""What was taken out of history for good, as a value, and a record without it."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.facts import Event
from gitexp.model.lean_digests import lean_digest
from gitexp.model.record import RunRecord
from gitexp.model.values import Value, dumps

PURGE = "purge"
"""The operation of the event; such an event does not belong to a run."""

PURGE_TRAILER = "Gitexp-Purge"
"""In the commit of the notes that brings a purge, its id: what its signer has signed for."""

_DEEPEST = 200
"""How many folders a path may go through, each of which takes a call within another."""

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
    roots: frozenset[str] = frozenset()
    """The first commits of the history that it was made for: a signature counts nowhere else."""

    @property
    def key(self) -> str:
        """What it is known by, all that it says among it: an id alone could be used again."""
        said = dumps({"id": self.id, "time": self.time, **self._lists})
        return f"{self.id}:{lean_digest('sha256', said.encode()).hexdigest()}"

    @classmethod
    def of(cls, event: Event) -> Purge | None:
        """Return the purge that an event holds, if it is one."""
        value = event.value
        if event.op != PURGE or not isinstance(value, dict):
            return None
        runs, paths, dead, roots = (
            _texts(value.get(name)) for name in ("runs", "paths", "dead", "roots")
        )
        oids = frozenset(filter(_OID.fullmatch, dead))
        named = frozenset(filter(_may_stand, paths))
        return cls(event.id, event.time, event.by, runs, named, oids, roots)

    @property
    def value(self) -> Value:
        """The purge as the value of its event."""
        return self._lists

    @property
    def _lists(self) -> dict[str, Value]:
        return {
            "runs": [*sorted(self.runs)],
            "paths": [*sorted(self.paths)],
            "dead": [*sorted(self.dead)],
            "roots": [*sorted(self.roots)],
        }


def _may_stand(path: str) -> bool:
    r"""Return whether a tree can have a path; anybody can write the list.

    >>> _may_stand("a/b"), _may_stand(""), _may_stand("\ud800"), _may_stand("a/" * 3000 + "b")
    (True, False, False, False)
    """
    if not path or "\0" in path or path.count("/") > _DEEPEST:
        return False
    try:
        path.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


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
