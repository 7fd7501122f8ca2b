"""What a remote has of the runs, fetched and whole."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gitexp.git.notes import changed_notes
from gitexp.git.remotes import EVERYTHING, Remote
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.store.branch import root_oid
from gitexp.store.join import check_theirs
from gitexp.store.own import NOTES, fetched_notes


class Theirs(Struct, frozen=True):
    """The ends of what a remote has, as of a moment ago."""

    tip: str | None
    notes: str | None
    before: str | None = None
    """What this clone took for the tip until now."""
    refs: Mapping[str, str] = {}
    """All that the remote was asked for and has, with its oids."""


def fetch_theirs(project: Project, remote: Remote, *also: str) -> Theirs:
    """Fetch the runs and notes of a remote, and nothing that is already here.

    What the remote has of `also` is told, and not fetched.
    In a shallow clone the experiments branch is made whole, and no other one; in a partial
    clone the notes come all at once. Raises BranchUnusable if the remote's branch
    holds things other than runs.
    """
    repository, branch = project.repository, project.config.branch_on_remotes
    kept = _kept(project, remote)
    there = remote.tips(*kept, *also)
    read = repository.objects.commit
    here = {place: read(place) for place in kept.values()}
    wanted = [
        f"+{ref}:{place}"
        for ref, place in kept.items()
        if ref in there and there[ref] != here.get(place)
    ]
    if wanted:
        remote.fetch(*wanted)
    tip, notes = (read(place) if ref in there else None for ref, place in kept.items())
    if tip is not None:
        _complete(repository, remote, f"+refs/heads/{branch}:{kept[f'refs/heads/{branch}']}", tip)
        check_theirs(repository, branch, remote.name, tip)
    _fetch_notes(repository, remote, here.get(kept[NOTES]), notes)
    return Theirs(tip, notes, here.get(kept[f"refs/heads/{branch}"]), there)


def ask_ahead(project: Project, remote: Remote, *also: str) -> None:
    """Start to ask what the remote has."""
    remote.ask_ahead(*_kept(project, remote), *also)


def _kept(project: Project, remote: Remote) -> dict[str, str]:
    """Return the refs of a remote that matter, with the places where they are kept here."""
    branch = project.config.branch_on_remotes
    return {
        f"refs/heads/{branch}": f"refs/remotes/{remote.name}/{branch}",
        NOTES: fetched_notes(remote.name),
    }


def _fetch_notes(
    repository: Repository, remote: Remote, since: str | None, notes: str | None
) -> None:
    """In a partial clone, fetch what the notes say in one go, as the records."""
    if notes == since or not _is_partial(repository, remote):
        return
    changed = changed_notes(repository, since, notes).values()
    remote.fetch_objects(list(dict.fromkeys(blob for _, new in changed for blob in new)))


def _is_partial(repository: Repository, remote: Remote) -> bool:
    return f"remote.{remote.name}.promisor" in repository.config


def fetch_records(project: Project, remote: Remote, since: str | None, tip: str) -> None:
    """In a partial clone, fetch the records of runs in one go; each by itself takes as long."""
    repository = project.repository
    if not _is_partial(repository, remote):
        return
    options = ("log", "--format=", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM")
    ends = (tip, *([f"^{since}"] if since else []))
    listed = repository.line(*options, *ends, "--", ":(top,glob)**/.gitexp/run.json")
    oids = [line.split(" ")[3] for line in listed.split("\n") if line.startswith(":")]
    remote.fetch_objects(list(dict.fromkeys(oids)))


def _complete(repository: Repository, remote: Remote, refspec: str, tip: str) -> None:
    """Deepen the branch as far as its root, in a clone that ends before."""
    shallow = repository.common_dir / "shallow"
    if not shallow.exists():
        return
    roots = repository.line("rev-list", "--max-parents=0", tip).split()
    cut = set(shallow.read_text().split()).intersection(roots)
    if cut - {root_oid(repository.object_format)}:
        remote.fetch(refspec, depth=EVERYTHING)
