"""Which purges of others this clone obeys: those of trusted signers, and those agreed to.

Nothing that comes with a repository decides that: only git's configuration, and the user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.git.nearby import contains
from gitexp.model.numbers import counted
from gitexp.model.purge import Purge
from gitexp.project import Project
from gitexp.sharing.theirs import Theirs
from gitexp.store.own import NOTES
from gitexp.store.purge_state import Done, note_done, read_done
from gitexp.store.purge_trust import signed_purges
from gitexp.store.purges import accept, adopt_older, obeyed_among, refuse
from gitexp.store.rewriting import Rewritten, rewrite

ACCEPTING = "gitexp.acceptpurges"
"""The setting of git's that says: whoever can push is trusted."""

_SHOWN = 3

Answer = Literal["accept", "refuse", "later"]
Tell = Callable[[str], None]


def _later(_: str) -> Answer:
    return "later"


class Decision(Struct, frozen=True):
    """Whether purges that nobody trusted has signed are obeyed."""

    given: Answer | None = None
    """What an option said; to accept goes for what was refused before, too."""
    ask: Callable[[str], Answer] = _later
    """Told who wants to take what, if no option said it; by default there is nobody to ask."""

    def about(self, told: str) -> Answer:
        """Return what is decided about purges."""
        return self.given or self.ask(told)


UNDECIDED = Decision()


class NotAgreed(GitexpError):
    """Runs of this clone would go, and nobody here has agreed to that."""


class _Taken(Struct, frozen=True):
    """What purges would take from the runs here, and from those of the remote."""

    here: Rewritten | None
    there: Rewritten | None

    @property
    def runs(self) -> frozenset[str]:
        found = [one.dropped for one in (self.here, self.there) if one is not None]
        return frozenset().union(*found)

    @property
    def stripped(self) -> frozenset[str]:
        found = [one.stripped for one in (self.here, self.there) if one is not None]
        return frozenset().union(*found)


def agreed(
    project: Project, theirs: Theirs, purges: Sequence[Purge], tell: Tell, decision: Decision
) -> tuple[Purge, ...]:
    """Return the purges that are obeyed here, after a question if need be.

    Raises NotAgreed if one that nobody has agreed to would take something from this clone: to go
    on would send back what others have taken out. One that takes nothing is nobody's concern.
    """
    repository = project.repository
    adopt_older(repository)
    state = read_done(repository)
    settled = state.purges | state.accepted
    settled |= state.refused if decision.given != "accept" else frozenset()
    open_ones = [one for one in purges if one.key not in settled]
    if open_ones and repository.is_set(ACCEPTING):
        accept(repository, open_ones)
        open_ones = []
    if open_ones:
        _settle(project, theirs, open_ones, state, tell, decision)
    return obeyed_among(repository, purges)


def _settle(
    project: Project,
    theirs: Theirs,
    purges: list[Purge],
    state: Done,
    tell: Tell,
    decision: Decision,
) -> None:
    repository = project.repository
    taken = _taken(project, theirs, purges, state)
    doubtful = purges if taken else [one for one in purges if one.key not in state.looked]
    signed = signed_purges(repository, doubtful, (repository.objects.commit(NOTES), theirs.notes))
    if signed:
        accept(repository, signed)
        purges = [one for one in purges if one not in signed]
        taken = _taken(project, theirs, purges, state)
    if taken is not None:
        _ask(project, purges, taken, tell, decision)
    else:
        _note_looked(project, purges)


def _taken(project: Project, theirs: Theirs, purges: Sequence[Purge], state: Done) -> _Taken | None:
    """Return what the purges would take, if they would take anything."""
    repository = project.repository
    mine = repository.objects.commit(f"refs/heads/{project.config.branch}")
    here = there = None
    if mine is not None:
        here = rewrite(
            repository, mine, _looked_until(project, purges, mine, state), purges, write=False
        )
        here = here if here.tip != mine else None
    if theirs.tip is not None:
        there = rewrite(repository, theirs.tip, mine, purges, write=False)
        there = there if there.tip != theirs.tip else None
    return _Taken(here, there) if here is not None or there is not None else None


def _looked_until(project: Project, purges: Sequence[Purge], tip: str, state: Done) -> str | None:
    """Return the commit up to which the purges are known to take nothing."""
    known = state.looked_tip
    if known is None or not state.looked.issuperset(one.key for one in purges):
        return None
    there = project.repository.objects.commit(known) is not None
    return known if there and contains(project.repository, tip, known) else None


def _note_looked(project: Project, purges: Sequence[Purge]) -> None:
    repository = project.repository
    tip = repository.objects.commit(f"refs/heads/{project.config.branch}")
    looked = frozenset(one.key for one in purges)
    note_done(repository, lambda done: replace(done, looked=looked, looked_tip=tip))


def _ask(
    project: Project, purges: Sequence[Purge], taken: _Taken, tell: Tell, decision: Decision
) -> None:
    """Have the user decide; without a decision, raise NotAgreed or go on without the purges."""
    told = _told(project, purges, taken)
    answer = decision.about(told)
    if answer == "accept":
        accept(project.repository, purges)
    elif answer == "refuse":
        refuse(project.repository, purges)
    elif taken.here is not None:
        raise NotAgreed(
            f"{told}: nothing was done",
            hint="`gitexp pull --accept-purges` takes that out here as well, "
            "`--refuse-purges` keeps it for good. Ask whoever it was, if you do not know.",
        )
    else:
        tell(f"warning: {told}: it stays")
        tell("hint: `gitexp pull --accept-purges` has this clone do without, too.")


def _told(project: Project, purges: Sequence[Purge], taken: _Taken) -> str:
    """Say who wants to take what; nobody vouches for the name."""
    who = " and ".join(dict.fromkeys(one.by.partition(" <")[0] or "nobody" for one in purges))
    what = [_names(project, taken.runs)] if taken.runs else []
    paths = sorted(frozenset().union(*(one.paths for one in purges)))
    if taken.stripped or not what:
        shown = ", ".join(f"'{path}'" for path in paths[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more paths" if len(paths) > _SHOWN else ""
        what.append(f"{shown}{more} of {counted(len(taken.stripped), 'run')}")
    whose = "a purge" if len(purges) == 1 else f"{len(purges)} purges"
    takes = "takes" if len(purges) == 1 else "take"
    where = "out of this clone" if taken.here is not None else "out of what the remote has"
    return (
        f"{whose} in the name of {who}, which nobody has signed whom git trusts here, {takes}"
        f" {' and '.join(what)} {where}"
    )


def _names(project: Project, ids: frozenset[str]) -> str:
    """Return runs in words, the first few by name as far as they are here."""
    index = project.runs.index
    shown = [f"'{run.name}'" for one in sorted(ids)[:_SHOWN] for run in index.named(one, None)[:1]]
    named = f" ({', '.join(shown)}{', …' if len(ids) > len(shown) else ''})" if shown else ""
    return f"{counted(len(ids), 'run')}{named}"
