"""Purges carried out in this clone, and kept from coming back through a remote."""

from __future__ import annotations

import os
from collections.abc import Callable

from msgspec import Struct

from gitexp.git.unreachable import is_precious
from gitexp.mirroring import mirror
from gitexp.model.numbers import counted
from gitexp.model.purge import Purge
from gitexp.project import Project
from gitexp.sharing.agreed import UNDECIDED, Decision, NotAgreed, agreed
from gitexp.sharing.theirs import Theirs
from gitexp.store.journal import Journal
from gitexp.store.own import NOTES
from gitexp.store.purge_state import read_done
from gitexp.store.purges import (
    adopt_older,
    clean_branch,
    forget_dead,
    holding,
    not_done,
    obeyed_among,
    purges_at,
)
from gitexp.store.reading import runs_between
from gitexp.store.rewriting import Rewritten, rewrite

Tell = Callable[[str], None]

_SHOWN = 3


class Cleaned(Struct, frozen=True):
    """What a remote has, without what was purged."""

    tip: str | None
    purges: tuple[Purge, ...] = ()
    dead: tuple[str, ...] = ()
    """Tips whose history is to be deleted once nothing needs it any more."""

    def forget(self, project: Project, tell: Tell) -> None:
        """Delete what was purged; the refs must have moved on.

        While a run is under way, which may be writing the same, that is left for the next time,
        and so is what something here still needs.
        """
        repository = project.repository
        tries = self.dead or (self.purges and read_done(repository).left)
        if tries and not Journal(repository).entries():
            tell_left(
                project, forget_dead(repository, project.config, self.purges, self.dead), tell
            )


def purge_here(project: Project, purges: tuple[Purge, ...], tell: Tell) -> Rewritten | None:
    """Take what was purged out of the branch here, and out of what DVC sees of it."""
    repository, branch = project.repository, project.config.branch
    found = clean_branch(repository, branch, purges)
    project.runs.look_again()
    if found is not None and found.stripped:
        runs = runs_between(repository, None, found.tip)
        mirror(project, [run for run in runs if run.id in found.stripped], tell)
    return found


def clean(project: Project, theirs: Theirs, tell: Tell, decision: Decision = UNDECIDED) -> Cleaned:
    """Take what was purged out of the branch here, and return what is left of theirs.

    What other people purged is reported, and obeyed if it is agreed to.
    """
    repository, branch = project.repository, project.config.branch
    known = purges_at(repository, repository.objects.commit(NOTES), theirs.notes)
    try:
        purges = agreed(project, theirs, known, tell, decision) if known else ()
    except NotAgreed:  # what somebody else wants does not hold up what is agreed to
        purge_here(project, obeyed_among(repository, known), tell)
        raise
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
        _tell_in_work_tree(project, fresh, tell)
    if mine is not None and mine.unsigned:
        runs = counted(len(mine.unsigned), "run is", "runs are")
        new = "its commit a new id" if len(mine.unsigned) == 1 else "their commits new ids"
        tell(f"note: {runs} no longer signed: the purge has given {new}")
    moved = mine is not None and mine.tip != before
    dead = [before, theirs.before, theirs.tip] if fresh or moved or tip != theirs.tip else []
    mirrors = mine.mirrors if mine is not None else ()
    return Cleaned(tip, purges, (*filter(None, dead), *mirrors))


def _tell_in_work_tree(project: Project, purges: tuple[Purge, ...], tell: Tell) -> None:
    top = project.repository.top
    for path in sorted(frozenset().union(*(purge.paths for purge in purges))):
        if os.path.lexists(top / path):
            tell(f"warning: '{path}' is still in this work tree")


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


def tell_left(project: Project, left: list[str], tell: Tell) -> None:
    """Say what still needs content that was purged."""
    if not left:
        return
    if is_precious(project.repository):
        tell("warning: what was purged is still in this clone: its objects are precious")
        tell(
            "hint: Once nothing else borrows them: "
            "`git config --unset extensions.preciousObjects`, then `gitexp gc`."
        )
        return
    refs = holding(project.repository, left, project.config.branch)
    named = ", ".join(f"'{ref}'" for ref in refs[:_SHOWN]) + (", …" if len(refs) > _SHOWN else "")
    if not named and project.repository.is_partial:
        tell("warning: some of what was purged is still in this partial clone")
        tell("hint: Git keeps what it has once fetched into one: clone again, and delete this one.")
        return
    whose = named or "the index, a stash or a reflog"
    need = "need" if len(refs) > 1 else "needs"
    tell(f"warning: some of what was purged is still in this clone: {whose} {need} it")
    tell("hint: Once that is gone, `gitexp gc` deletes it.")


def forget_left(project: Project, tell: Tell) -> None:
    """Delete purged content that something still needed when somebody last looked."""
    repository = project.repository
    if read_done(repository).left:
        adopt_older(repository)
        known = purges_at(repository, repository.objects.commit(NOTES))
        purges = obeyed_among(repository, known)
        left = forget_dead(repository, project.config, purges, ())
        tell_left(project, left, tell)
        if not left:
            tell("note: what was purged is now gone from this clone")
