"""Getting the runs that a remote has."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.remotes import Remote
from gitexp.mirroring import mirror
from gitexp.project import Project
from gitexp.sharing.agreed import UNDECIDED, Decision
from gitexp.sharing.purged import Tell, clean
from gitexp.sharing.theirs import fetch_records, fetch_theirs
from gitexp.store.facts import count_changed
from gitexp.store.join import advance, advance_notes
from gitexp.store.own import NOTES
from gitexp.store.reading import runs_between


class Pulled(Struct, frozen=True):
    """What a pull came to."""

    runs: int
    """How many runs came."""
    joined: bool
    """Whether there were runs here that the remote does not have."""
    facts: int
    """On how many runs notes came."""
    refs: Mapping[str, str]
    """What the remote has of its tags, too, with the oids; none of them was fetched."""


def pull(project: Project, remote: Remote, tell: Tell, decision: Decision = UNDECIDED) -> Pulled:
    """Put the runs of a remote onto the experiments branch, beside those that are here.

    What was purged does not come along, and goes here as well, if that is agreed to.
    """
    repository = project.repository
    theirs = fetch_theirs(project, remote, "refs/tags/*")
    if theirs.tip is None:
        branch = project.config.branch_on_remotes
        raise GitexpError(
            f"'{remote.name}' has no branch '{branch}', and so no runs",
            hint="Send yours with `gitexp push`.",
        )
    cleaned = clean(project, theirs, tell, decision)
    tip = cleaned.tip or theirs.tip
    moved = advance(repository, project.config.branch, tip)
    fetch_records(project, remote, moved.old, moved.new)
    before = repository.objects.commit(NOTES)
    advance_notes(repository, theirs.notes)
    facts = count_changed(repository, before, repository.objects.commit(NOTES))
    came = list(runs_between(repository, moved.old, tip))
    mirror(project, came, tell)
    cleaned.forget(project, tell)
    return Pulled(len(came), moved.new != tip, facts, theirs.refs)
