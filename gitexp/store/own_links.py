"""Links of the work tree: which are this clone's own, and where they may lead.

What a commit or a run has brought is not followed out of the repository: a stranger may have made
it. docs/explanation/links.md has the rule.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.links import Lead, follow_on_disk
from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid
from gitexp.model.paths import TopPath
from gitexp.model.refused_names import is_refused
from gitexp.store.recorded import recorded_blobs

_PRIVATE = frozenset({".dvc", ".gitexp"})
_WRITTEN = frozenset({"tmp", "cache", "files", "md5"})
"""The folders in `.dvc` where something is written; those of the objects aside."""


def own_links(repository: Repository, branch: str, links: Iterable[str]) -> set[str]:
    """Return the links that belong to this clone alone: git ignores them, and no run has them."""
    asked = b"".join(os.fsencode(path) + b"\0" for path in links)
    if not asked:
        return set()
    checked = repository.attempt("check-ignore", "-z", "--stdin", stdin=asked)
    ignored = [os.fsdecode(path) for path in checked.stdout.split(b"\0") if path]
    recorded = recorded_blobs(repository, branch, ignored)
    return {path for path in ignored if _oid(repository, path) not in recorded[path]}


def read_settings(repository: Repository, branch: str, path: TopPath) -> bytes | None:
    """Return a file of settings in the work tree, None if there is none.

    Raises GitexpError for one that a link of somebody else's leads to.
    """
    place = repository.top / path
    if not place.is_file():
        return None
    lead = follow_on_disk(repository.top, path)
    why = _why_away(lead)
    if lead.outside and own_links(repository, branch, lead.links) >= set(lead.links):
        why = None
    if why is not None:
        raise GitexpError(
            f"'{path}' is a link to {why}",
            hint="Have git ignore the link if it is yours, or put a file in its place.",
        )
    return place.read_bytes()


def check_dvc_folder(repository: Repository, branch: str, root: Path) -> None:
    """Raise GitexpError for a link in a folder's `.dvc` that is not of this clone alone.

    DVC and gitexp write there, and would write through it.
    """
    links = [repository.relative(link) for link in _links_of_dvc(root)]
    strange = set(links) - own_links(repository, branch, links)
    if strange:
        raise GitexpError(
            f"'{min(strange)}' is a link that a commit may have brought, and DVC's files would be "
            "written through it",
            hint="Remove it, or have git ignore it if it is yours.",
        )


def is_private(path: str) -> bool:
    """Return whether a place in the repository belongs to git, DVC or gitexp.

    >>> [is_private(path) for path in ("a/.git/hooks", ".DVC/tmp", ".gitexp", "", ".github")]
    [True, True, True, False, False]
    """
    folders = path.casefold().split("/")
    return bool(path) and (is_refused(path) or not _PRIVATE.isdisjoint(folders))


def check_destination(
    repository: Repository, branch: str, place: Path, *, is_replaced: bool = False
) -> None:
    """Raise GitexpError if a file would be written where a link leads that others may have brought.

    A link outside of the repository, and one of this clone alone, is the user's own wish. In the
    repository, a folder may be a link to another one. What takes the place of a link, and so of
    any file, is not written through it.
    """
    path = _from_top(repository.top, place.parent if is_replaced else place)
    lead = None if path is None else follow_on_disk(repository.top, path)
    if lead is None or not lead.links:
        return
    ends_in_link = not is_replaced and place.is_symlink()
    if lead.is_inside and not ends_in_link and not is_private(lead.path):
        return
    strange = sorted(set(lead.links) - own_links(repository, branch, lead.links))
    if strange:
        raise GitexpError(
            f"'{strange[0]}' is a link that a commit may have brought, and '{place.name}' would be "
            "written through it",
            hint="Name another place, or have git ignore the link if it is yours.",
        )


def _from_top(top: Path, place: Path) -> str | None:
    """Return a path from the top, its links not followed; None if it does not lead there."""
    at, parts = Path("/"), place.absolute().parts[1:]
    for number, part in enumerate(parts, 1):
        at = Path(os.path.realpath(at / part))
        if at.is_relative_to(top):
            return posixpath.join(at.relative_to(top).as_posix(), *parts[number:])
    return None


def _links_of_dvc(root: Path) -> Iterator[Path]:
    """Yield the links in which something is written; what lies behind one is not looked at."""
    if (root / ".dvc").is_symlink():
        yield root / ".dvc"
        return
    todo = [f"{root}/.dvc"]
    while todo:
        folder = todo.pop()
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            for entry in found:
                if entry.is_symlink():
                    yield Path(entry.path)
                elif entry.name in _WRITTEN and entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)


def _why_away(lead: Lead) -> str | None:
    if lead.outside:
        return f"'{lead.outside}', outside of the repository, and git does not ignore the link"
    if lead.links and is_private(lead.path):
        return f"'{lead.path}', which belongs to git, DVC or gitexp"
    return None


def _oid(repository: Repository, path: str) -> str:
    target = os.fsencode((repository.top / path).readlink())
    return object_oid("blob", target, repository.object_format)
