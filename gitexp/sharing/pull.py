"""Getting the runs that a remote has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitexp.errors import GitexpError
from gitexp.git.notes import changed_notes
from gitexp.git.remotes import Remote
from gitexp.project import Project
from gitexp.sharing.theirs import fetch_records, fetch_theirs, remote_branch
from gitexp.store.join import NOTES, advance, advance_notes
from gitexp.store.reading import runs_between

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Pulled:
    """What a pull came to."""

    runs: int
    """How many runs came."""
    joined: bool
    """Whether there were runs here that the remote does not have."""
    facts: int
    """On how many runs notes came."""


def pull(project: Project, remote: Remote, tell: Tell) -> Pulled:
    """Put the runs of a remote onto the experiments branch, beside those that are here."""
    repository = project.repository
    theirs = fetch_theirs(project, remote)
    if theirs.tip is None:
        raise GitexpError(
            f"'{remote.name}' has no branch '{remote_branch(project)}', so no runs either",
            hint="Send yours with `gitexp push`.",
        )
    moved = advance(repository, project.config.branch, theirs.tip)
    fetch_records(project, remote, moved.old, moved.new)
    before = repository.objects.commit(NOTES)
    advance_notes(repository, theirs.notes)
    facts = changed_notes(repository, before, repository.objects.commit(NOTES))
    came = list(runs_between(repository, moved.old, theirs.tip))
    project.mirror(came, tell)
    return Pulled(len(came), moved.new != theirs.tip, len(facts))
