"""A first index of very many runs, written down on its way: who is cut off has not lost all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain

from gitexp.git.begun import Begun
from gitexp.git.repository import Repository
from gitexp.store.facts import facts_between
from gitexp.store.index.beside import all_made
from gitexp.store.index.file import Tips, create_tables, see, seen_tips, transaction
from gitexp.store.index.fill import Filling
from gitexp.store.index.made import Made, how_many, made_of
from gitexp.store.index.plain_rows import many_rows
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
    if not _are_many(repository, seen.runs, tips.runs):
        return
    walk = _walk(repository, seen.runs, tips.runs)
    with closing(walk), closing(all_made(repository, tips.runs, seen.runs)) as left:
        first = next(left, None)  # meanwhile git walks
        line = _line(walk, seen.runs)
        done, parts = 0, _Parts(chain([first] if first is not None else [], left), line)
        for end in _ends(len(line)):
            with transaction(connection):
                if seen_tips(connection) != seen or source.current().facts != tips.facts:
                    return  # another process has brought it on, or there is more to be said
                told = _told(source.catch_up, done, len(line))
                upto = Tips(line[end - 1], tips.facts)
                some = told.reported(parts.before(end), end - done, how_many)
                seen = _stage(connection, repository, seen, upto, some)
            done = end


class _Parts:
    """The runs of a line of commits, as one process makes them; taken a stage at a time."""

    def __init__(self, parts: Iterator[Made], line: Sequence[str]) -> None:
        self._parts = parts
        self._places = {oid: place for place, oid in enumerate(line)}
        self._ahead: list[Made] = []

    def before(self, end: int) -> Iterator[Made]:
        """Yield what is left of the commits before a place."""
        ahead, self._ahead = self._ahead, []
        for part in chain(ahead, self._parts):
            count = sum(self._places[run.oid] < end for run in part.runs)
            if count == len(part.runs):
                yield part
                continue
            rows = list(map(many_rows(), part.runs))
            if count:
                yield made_of(rows[:count])
            self._ahead = [made_of(rows[count:])]
            return


def _ends(count: int) -> list[int]:
    """Return after how many runs they are written down; the last one is left to who ends it.

    >>> _ends(50_000), _ends(0)
    ([20000, 40000, 49999], [])
    """
    return [*range(STAGE, count - 1, STAGE), count - 1] if count else []


def _told(catch_up: CatchUp, done: int, total: int) -> CatchUp:
    return CatchUp(lambda more, _: catch_up.report(done + more, total))


def _are_many(repository: Repository, seen: str | None, tip: str) -> bool:
    most = f"--max-count={STAGE + 1}"
    return int(repository.line("rev-list", "--count", most, *_between(seen, tip))) > STAGE


def _between(seen: str | None, tip: str) -> tuple[str, ...]:
    return (tip, "--") if seen is None else (tip, f"^{seen}", "--")


def _walk(repository: Repository, seen: str | None, tip: str) -> Begun:
    return repository.begin("rev-list", "--reverse", "--parents", *_between(seen, tip))


def _line(walk: Begun, seen: str | None) -> list[str]:
    """Return the commits after what was seen, oldest first; none if they are no line."""
    told = walk.ended().stdout.decode()
    oids = [line.partition(" ")[0] for line in told.split("\n")[:-1]]
    before = ["" if seen is None else f" {seen}", *(f" {oid}" for oid in oids[:-1])]
    expected = "".join(map("{}{}\n".format, oids, before))
    return oids if told == expected else []


def _stage(
    connection: sqlite3.Connection,
    repository: Repository,
    seen: Tips,
    upto: Tips,
    parts: Iterator[Made],
) -> Tips:
    if seen.runs is None:
        create_tables(connection)
        seen = Tips(None)
    filling = Filling(connection)
    if seen.facts != upto.facts:
        filling.set_facts(facts_between(repository, seen.facts, upto.facts, filling.facts_of))
    filling.add_made(parts)
    filling.finish()
    see(connection, upto)
    return upto
