from __future__ import annotations

from gitexp.model.facts import Event
from gitexp.model.purge import PURGE, Purge
from gitexp.model.values import Value


def test_a_purge_names_paths_and_objects_whoever_wrote_it() -> None:
    oid = "a" * 40
    value: Value = {"runs": ["r", 1], "paths": ["notes.txt", ""], "dead": [oid, "HEAD", "--all"]}

    purge = Purge.of(Event("2026-01-02T03:04:05.000Z", "01", "", PURGE, value))

    assert purge is not None
    assert [*purge.runs, *purge.paths, *purge.dead] == ["r", "notes.txt", oid]
