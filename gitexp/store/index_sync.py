"""Bringing the search index up to date: what is new since it looked last, or everything."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from gitexp.git.repository import Repository
from gitexp.store.facts import facts_between
from gitexp.store.index_file import create_indexes, create_tables, share, transaction
from gitexp.store.index_fill import Filling, Report
from gitexp.store.reading import commits_between, read_runs


@dataclass(frozen=True)
class Tips:
    """What the index is to answer for."""

    runs: str | None
    """The end of the branch."""
    facts: str | None = None
    """The end of the notes."""


def bring_up_to_date(
    connection: sqlite3.Connection,
    repository: Repository,
    tips: Tips,
    report: Report | None = None,
) -> None:
    """Read what the index lacks; raises sqlite3.Error where it is damaged or cannot be written."""
    if seen_tips(connection) == tips:
        return
    with transaction(connection):
        seen = seen_tips(connection)  # another process may have been faster
        if seen == tips:
            return
        anew = not _follows(repository, seen, tips)
        if anew:
            create_tables(connection)
            seen = Tips(None)
        filling = Filling(connection)
        if seen.facts != tips.facts:
            changed = facts_between(repository, seen.facts, tips.facts, filling.facts_of)
            filling.set_facts(changed)
        if tips.runs is not None and seen.runs != tips.runs:
            commits = commits_between(repository, seen.runs, tips.runs)
            filling.add_all(read_runs(repository, commits), len(commits), report)
        filling.finish()
        if anew:
            create_indexes(connection)
        see(connection, tips)
    if anew:
        share(connection)


def seen_tips(connection: sqlite3.Connection) -> Tips:
    """Return what the index has seen."""
    found = dict(connection.execute("SELECT what, oid FROM seen").fetchall())
    return Tips(found.get("runs"), found.get("facts"))


def see(connection: sqlite3.Connection, tips: Tips) -> None:
    """Write down what the index has seen."""
    connection.execute("DELETE FROM seen")
    known = [(what, oid) for what, oid in vars(tips).items() if oid is not None]
    connection.executemany("INSERT INTO seen VALUES (?, ?)", known)


def _follows(repository: Repository, seen: Tips, tips: Tips) -> bool:
    """Return whether what was seen is still there, so that what is new can be added to it."""
    if seen.runs is None or tips.runs is None:
        return False
    if seen.facts is not None and repository.objects.commit(seen.facts) is None:
        return False
    if seen.runs == tips.runs:
        return True
    asked = ("merge-base", "--is-ancestor", seen.runs, tips.runs)
    return repository.attempt(*asked).returncode == 0
