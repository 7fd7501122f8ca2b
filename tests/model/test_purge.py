from __future__ import annotations

from msgspec.structs import replace

from gitexp.model.facts import Event
from gitexp.model.purge import PURGE, Purge
from gitexp.model.values import Value


def test_a_purge_names_paths_and_objects_whoever_wrote_it() -> None:
    oid = "a" * 40
    no_paths: list[Value] = ["", "\ud800", "a\0b", "a/" * 1000 + "b", 1]
    value: Value = {
        "runs": ["r", 1],
        "paths": ["notes.txt", *no_paths],
        "dead": [oid, "HEAD", "--all"],
    }

    purge = Purge.of(Event("2026-01-02T03:04:05.000Z", "01", "", PURGE, value))

    assert purge is not None
    assert [*purge.runs, *purge.paths, *purge.dead] == ["r", "notes.txt", oid]


def test_a_purge_is_known_by_all_that_it_says_and_not_by_who_says_it() -> None:
    purge = Purge("01", "2026-01-02T03:04:05.000Z", "Ada", frozenset("ab"), frozenset("c"))

    others = [
        replace(purge, id="02"),
        replace(purge, time="2026-01-02T03:04:06.000Z"),
        replace(purge, runs=frozenset("a")),
        replace(purge, paths=frozenset("cd")),
        replace(purge, dead=frozenset("e")),
        replace(purge, roots=frozenset("f")),
    ]

    assert len({purge.key, *(one.key for one in others)}) == 7
    assert replace(purge, by="Eve").key == purge.key
