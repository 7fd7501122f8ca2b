"""Purges carried out in this clone, and kept from coming back by way of a remote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitexp.model.purge import Purge
from gitexp.project import Project
from gitexp.sharing.theirs import Theirs
from gitexp.store.join import NOTES
from gitexp.store.journal import Journal
from gitexp.store.purges import clean_branch, forget_dead, not_done, purges_at
from gitexp.store.reading import runs_between
from gitexp.store.rewriting import Rewritten, rewrite

Tell = Callable[[str], None]

_SHOWN = 3


@dataclass(frozen=True)
class Cleaned:
    """What a remote has, without what was purged."""

    tip: str | None
    purges: tuple[Purge, ...] = ()
    dead: tuple[str, ...] = ()
    """Tips whose history is to be deleted once nothing needs it any more."""

    def forget(self, project: Project, tell: Tell) -> None:
        """Delete what was purged; the refs must have moved on.

        While a run is under way, which may be writing the same, that is for the next time.
        """
        if self.dead and not Journal(project.repository).entries():
            left = forget_dead(project.repository, project.config, self.purges, self.dead)
            _tell_left(left, tell)


def purge_here(project: Project, purges: tuple[Purge, ...], tell: Tell) -> Rewritten | None:
    """Take what was purged out of the branch here, and out of what DVC sees of it."""
    repository, branch = project.repository, project.config.branch
    found = clean_branch(repository, branch, purges)
    project.forget_runs()
    if found is not None and found.stripped:
        runs = runs_between(repository, None, found.tip)
        project.mirror([run for run in runs if run.id in found.stripped], tell)
    return found


def clean(project: Project, theirs: Theirs, tell: Tell) -> Cleaned:
    """Take what was purged out of the branch here, and return what is left of theirs.

    What other people purged is told.
    """
    repository, branch = project.repository, project.config.branch
    purges = purges_at(repository, repository.objects.commit(NOTES), theirs.notes)
    if not purges:
        return Cleaned(theirs.tip)
    fresh = not_done(repository, purges)
    before = repository.objects.commit(f"refs/heads/{branch}")
    mine = purge_here(project, purges, tell)
    tip = theirs.tip
    if tip is not None:
        tip = rewrite(repository, tip, mine.tip if mine is not None else None, purges).tip
    gone = mine.dropped | mine.stripped if mine is not None else frozenset()
    if gone and fresh:
        tell(f"note: {_who(fresh)} purged {_what(fresh)}; it is gone from this clone as well")
    moved = mine is not None and mine.tip != before
    dead = [before, theirs.before, theirs.tip] if fresh or moved or tip != theirs.tip else []
    mirrors = mine.mirrors if mine is not None else ()
    return Cleaned(tip, purges, (*filter(None, dead), *mirrors))


def _who(purges: tuple[Purge, ...]) -> str:
    names = dict.fromkeys(purge.by.partition(" <")[0] or "somebody" for purge in purges)
    return " and ".join(names)


def _what(purges: tuple[Purge, ...]) -> str:
    runs = len(frozenset().union(*(purge.runs for purge in purges)))
    paths = sorted(frozenset().union(*(purge.paths for purge in purges)))
    parts = [f"{runs} run{'s' if runs > 1 else ''}"] if runs else []
    parts += [f"'{path}'" for path in paths[:_SHOWN]]
    parts += [f"{len(paths) - _SHOWN} more paths"] if len(paths) > _SHOWN else []
    return " and ".join(parts)


def _tell_left(left: list[str], tell: Tell) -> None:
    if left:
        tell(
            "warning: some of what was purged is still here, needed by other refs of this clone: "
            f"see `git log --all --find-object={left[0][:10]}`"
        )
