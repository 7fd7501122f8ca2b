"""The newest runs of a remote, looked at without taking them in.

They are fetched into a repository of their own that goes afterwards: their commits and trees, and
of the files their records alone. So this clone becomes neither a shallow nor a partial one.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.commits_apart import CommitsApart
from gitexp.git.remotes import EVERYTHING, Remote
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.store.branch import root_oid
from gitexp.store.join import check_theirs
from gitexp.store.own import NOTES
from gitexp.store.runs import RunStore

NEWEST = 1000
"""How many runs are looked at unless more are asked for."""

_RECORDS, _CURVES = ":(top,glob)**/.gitexp/run.json", ":(top,glob)**/.gitexp/series/**"


@contextlib.contextmanager
def runs_at(
    project: Project,
    remote: Remote,
    most: int | None,
    tell: Callable[[str], None],
    *,
    with_curves: bool = False,
) -> Iterator[Project]:
    """Give the project with the runs of a remote in place of its own.

    `most` of them are wanted: None for the newest 1000, 0 for all. Tables of curves are there
    only if asked for.
    """
    branch = project.config.branch_on_remotes
    ends = remote.tips(f"refs/heads/{branch}", NOTES)
    tip, notes = ends.get(f"refs/heads/{branch}"), ends.get(NOTES)
    if tip is None:
        raise GitexpError(
            f"'{remote.name}' has no branch '{branch}'", hint="`gitexp push` sends runs there."
        )
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        bare = Path(folder) / "runs.git"
        apart = CommitsApart(remote, bare)
        depth = EVERYTHING if most == 0 else max(most or 0, NEWEST)
        if notes is not None:  # first: from a filter on, git goes by it
            apart.fetch_apart(notes, depth=1)
        apart.fetch_apart(tip, depth=depth, without="blob:none")
        ours = project.repository
        with Repository(ours.top, bare, bare, ours.object_format) as theirs:
            check_theirs(theirs, branch, remote.name, tip)
            paths = (_RECORDS, _CURVES) if with_curves else (_RECORDS,)
            apart.fetch_objects(_files(theirs, tip, paths))
            if theirs.line("rev-list", "--max-parents=0", tip) != root_oid(ours.object_format):
                tell(f"note: these are the newest runs of '{remote.name}'; `-N 0` lists all")
            config = project.config
            store = RunStore(theirs, branch, project.folder, config.policy, project.catch_up)
            store.look_at_part(tip, notes)
            try:
                yield project.with_runs(store)
            finally:
                store.close()


def _files(repository: Repository, tip: str, paths: Sequence[str]) -> list[str]:
    """Return the files that the commits of a branch have brought, by their oids."""
    options = ("log", "--format=", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM")
    listed = repository.line(*options, tip, "--", *paths)
    oids = (line.split(" ")[3] for line in listed.split("\n") if line.startswith(":"))
    return list(dict.fromkeys(oids))
