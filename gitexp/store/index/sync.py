"""Bringing the search index up to date: what is new since it looked last, or everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from gitexp.git.nearby import contains
from gitexp.git.repository import Repository
from gitexp.store.facts import facts_between
from gitexp.store.index.file import (
    Tips,
    create_indexes,
    create_tables,
    is_whole,
    see,
    seen_tips,
    share,
    transaction,
)
from gitexp.store.index.fill import Filling
from gitexp.store.index.made import how_many
from gitexp.store.index.source import Source
from gitexp.store.reading import RunCommit, commits_between, count_commits, read_runs


def bring_up_to_date(connection: sqlite3.Connection, source: Source) -> None:
    """Read what the index lacks; raises sqlite3.Error if it is damaged or cannot be written.

    The index stays as it is if more runs would have to be read than `source.catch_up` allows.
    A first index of very many is written down several times on its way, so that the next
    command goes on where one was cut off.
    """
    is_first = seen_tips(connection).runs is None or not is_whole(connection)
    if is_first and source.catch_up.most_new is None:
        from gitexp.store.index.stages import bring_on  # noqa: PLC0415 - 2 ms, for a first index

        bring_on(connection, source)
    _bring_up(connection, source)


def _bring_up(connection: sqlite3.Connection, source: Source) -> None:
    """Read it in one transaction.

    Other writers are locked out while the tips are looked up. So the index never goes
    back to what the branch was when some slower process looked at it.
    """
    repository, most = source.repository, source.catch_up.most_new
    with transaction(connection):
        seen, tips = seen_tips(connection), source.current()
        if seen == tips:
            return
        commits = _new_commits(repository, seen, tips)
        anew = commits is None or _may_count_otherwise(
            repository, Filling(connection), seen, tips, commits
        )
        if most is not None and (anew or commits is None or len(commits) > most):
            return
        if anew:
            create_tables(connection)
            seen = Tips(None)
        filling = Filling(connection)
        if seen.facts != tips.facts:
            changed = facts_between(repository, seen.facts, tips.facts, filling.facts_of)
            filling.set_facts(changed)
        _add(filling, source, None if anew else commits, tips)
        filling.finish()
        was_whole = is_whole(connection)
        if not was_whole:
            create_indexes(connection)
        see(connection, tips)
    if not was_whole:
        share(connection)


def _add(filling: Filling, source: Source, commits: Sequence[RunCommit] | None, tips: Tips) -> None:
    """Add the runs that commits are, or all."""
    repository = source.repository
    if commits:
        runs = read_runs(repository, commits)
        filling.add_all(runs, len(commits), source.catch_up.report)
    elif commits is None and tips.runs is not None:
        from gitexp.store.index.beside import all_made  # noqa: PLC0415 - 2 ms, for a first index

        counted = partial(count_commits, repository, None, tips.runs)
        parts = source.catch_up.counted(all_made(repository, tips.runs), counted, how_many)
        filling.add_made(parts)


def _new_commits(repository: Repository, seen: Tips, tips: Tips) -> list[RunCommit] | None:
    """Return what came onto the branch since it was seen; None if what was seen is not there."""
    if not _follows(repository, seen, tips) or tips.runs is None:
        return None
    return commits_between(repository, seen.runs, tips.runs) if seen.runs != tips.runs else []


def _may_count_otherwise(
    repository: Repository, filling: Filling, seen: Tips, tips: Tips, commits: Sequence[RunCommit]
) -> bool:
    """Return whether another one of a run's commits may count by now.

    That is the first on the whole branch, as a join puts it together: of clones that have
    imported the same experiments, say.
    """
    ids = {commit.id for commit in commits}
    if len(ids) < len(commits) or filling.knows_any(ids):
        return True
    if not (commits and filling.has_several_of_one()):
        return False
    return bool(
        repository.line("rev-list", "--merges", "--max-count=1", f"^{seen.runs}", f"{tips.runs}")
    )


def _follows(repository: Repository, seen: Tips, tips: Tips) -> bool:
    """Return whether what was seen is still there, so that what is new can be added to it."""
    if seen.runs is None or tips.runs is None:
        return False
    if seen.facts is not None and repository.objects.commit(seen.facts) is None:
        return False
    return contains(repository, tips.runs, seen.runs)
