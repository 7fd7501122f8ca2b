"""A first index of very many runs, written down on its way: who is cut off has not lost all."""

from __future__ import annotations

import sqlite3

from gitexp.git.repository import Repository
from gitexp.store.facts import facts_between
from gitexp.store.index.beside import all_rows
from gitexp.store.index.file import Tips, create_tables, see, seen_tips, transaction
from gitexp.store.index.fill import Filling
from gitexp.store.index.source import Source
from gitexp.store.reading import CatchUp

STAGE = 20_000
"""How many runs are read before they are written down: two seconds of work."""


def bring_on(connection: sqlite3.Connection, source: Source) -> None:
    """Bring an index that has no run, or that was cut off, near to the end of a long branch.

    Only where the branch is one line: there the first runs are those of an earlier branch, of
    which an index says the same as of the whole one when it comes to them.
    """
    repository = source.repository
    seen, tips = seen_tips(connection), source.current()
    known = repository.objects.commit
    if tips.runs is None or any(one and known(one) is None for one in (seen.runs, seen.facts)):
        return  # what it was cut off from was purged
    line = _line(repository, seen.runs, tips.runs)
    done = 0
    for end in _ends(len(line)):
        with transaction(connection):
            if seen_tips(connection) != seen or source.current().facts != tips.facts:
                return  # another process has brought it on, or there is more to be said
            told = _told(source.catch_up, done, len(line))
            upto = Tips(line[end - 1], tips.facts)
            seen = _stage(connection, repository, seen, upto, told, end - done)
        done = end


def _ends(count: int) -> list[int]:
    """Return after how many runs they are written down; the last one is left to who ends it.

    >>> _ends(50_000), _ends(0)
    ([20000, 40000, 49999], [])
    """
    return [*range(STAGE, count - 1, STAGE), count - 1] if count else []


def _told(catch_up: CatchUp, done: int, total: int) -> CatchUp:
    return CatchUp(lambda more, _: catch_up.report(done + more, total))


def _line(repository: Repository, seen: str | None, tip: str) -> list[str]:
    """Return the commits after what was seen, oldest first; none if they are no line, or few."""
    ends = [tip] if seen is None else [tip, f"^{seen}"]
    few = repository.line("rev-list", "--count", f"--max-count={STAGE + 1}", *ends, "--")
    if int(few) <= STAGE:
        return []
    found, before = [], seen
    for line in repository.line("rev-list", "--reverse", "--parents", *ends, "--").split("\n"):
        oid, *parents = line.split(" ")
        if parents != ([] if before is None else [before]):
            return []
        found.append(oid)
        before = oid
    return found


def _stage(
    connection: sqlite3.Connection,
    repository: Repository,
    seen: Tips,
    upto: Tips,
    told: CatchUp,
    count: int,
) -> Tips:
    if seen.runs is None:
        create_tables(connection)
        seen = Tips(None)
    filling = Filling(connection)
    if seen.facts != upto.facts:
        filling.set_facts(facts_between(repository, seen.facts, upto.facts, filling.facts_of))
    assert upto.runs is not None  # it is one of the branch
    rows = all_rows(repository, upto.runs, seen.runs)
    filling.add_rows(told.reported(rows, count))
    filling.finish()
    see(connection, upto)
    return upto
