"""Untracked files: which belong to a snapshot, and which never enter history unasked."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.work_tree.files import (
    JUNK,
    Signature,
    is_environment,
    is_nested_repository,
    is_npm_folder,
    is_regular,
    signatures,
    walk,
)
from gitexp.execution.work_tree.listed import WITHOUT_JUNK, untracked
from gitexp.execution.work_tree.own_pages import own_pages
from gitexp.execution.work_tree.settled import PassedOver, Settled, escaped
from gitexp.git.index import PrivateIndex
from gitexp.git.index_reading import Others
from gitexp.model.numbers import size_text
from gitexp.model.patterns import Patterns
from gitexp.project import Project
from gitexp.revisions.links import above
from gitexp.revisions.secret_names import is_secret_path
from gitexp.revisions.written_before import earlier_outputs
from gitexp.settings.config import MOST_BYTES, MOST_FILES

_SHOWN = 5
_JUNK = Patterns(JUNK)


class Untracked(Struct, frozen=True):
    """Untracked, not ignored files, sorted by what becomes of them."""

    signatures: dict[str, Signature] = field(default_factory=dict)
    """Every one that was looked at, those left out too."""
    taken: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """The outermost folders in which nothing is tracked."""
    secret: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    """Sockets, pipes and the like."""
    environments: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    """Git repositories inside the repository."""
    ignored: tuple[str, ...] = ()
    """Params files that git ignores; they are taken all the same."""
    unread: tuple[str, ...] = ()
    """What git says that it could not look into."""
    earlier: tuple[str, ...] = ()
    """What earlier runs left; the run has of it only what it reads."""
    settled: tuple[Settled, ...] = ()
    """Folders that earlier runs left as well, and that were not looked into."""
    beside: tuple[str, ...] = ()
    """Files beside those folders that git ignores."""

    def without(self, earlier: Collection[str]) -> Untracked:
        """Return what there is if some files are left where earlier runs have put them."""
        out = frozenset(earlier)
        return replace(
            self,
            taken=tuple(path for path in self.taken if path not in out),
            large=tuple(path for path in self.large if path not in out),
            earlier=tuple(path for path in self.taken if path in out),
        )


def list_untracked(
    index: PrivateIndex,
    below: Iterable[str],
    most_size: int,
    known: Mapping[str, Signature] | None = None,
    passed_before: Iterable[str] = (),
    settled: tuple[Settled, ...] = (),
    tracked: Container[str] = (),
) -> Untracked:
    """Look at what is in the folders `below`, but neither in the index nor ignored.

    A virtual environment or `node_modules` is named, never walked. What was looked at a moment ago
    is `known`, with the folders that were passed over then: its folders are not walked again.
    Those that are `settled` are not looked into at all. Reports and plots of gitexp's own are as
    if git ignored them.
    """
    top, below = index.repository.top, list(below)
    over = PassedOver(top, settled, below, tracked)
    listed = untracked(index, below, over.options)
    listed_folders = [path.rstrip("/") for path in listed.paths if path.endswith("/")]
    beside_folders, beside = over.beside()
    folders = [*listed_folders, *beside_folders]
    passed: set[str] = {path for path in passed_before if (top / path).is_dir()}
    walked = None if known is None else {path.rpartition("/")[0] for path in known}
    inner = _files_in(index, folders, passed, walked, beside)
    beside += [path for folder in beside_folders for path in walk(top, folder)]
    beside = [path for path in beside if path not in tracked and not _JUNK.match(path)]
    paths = [path for path in (*listed.paths, *inner.paths) if not path.endswith("/")]
    nested = tuple(sorted(path for path in passed if is_nested_repository(top / path)))
    pages = own_pages(top, (path for path in paths if path not in (known or ())))
    paths = [path for path in paths if path not in pages and not _is_ours(path)]
    found = _signatures(top, paths, known or {})
    return replace(
        _sorted(found, most_size, known),
        folders=tuple(folder for folder in folders if folder not in passed),
        environments=tuple(sorted(passed - set(nested))),
        nested=nested,
        unread=tuple(dict.fromkeys((*listed.unread, *inner.unread))),
        settled=settled,
        beside=tuple(sorted(set(beside).difference(inner.paths))),
    )


def _signatures(
    top: Path, paths: Iterable[str], known: Mapping[str, Signature]
) -> dict[str, Signature]:
    found = signatures(top, (path for path in paths if path not in known))
    return {
        path: known[path] if path in known else found[path]
        for path in paths
        if path in known or path in found
    }


def _files_in(
    index: PrivateIndex,
    folders: list[str],
    passed: set[str],
    walked: Collection[str] | None,
    files: Iterable[str],
) -> Others:
    """Return the files in untracked folders that git does not ignore, and those of `files`.

    Folders that were `walked` before are not walked; None says that none was.
    """
    top = index.repository.top
    kept = []
    for folder in folders:
        if is_environment(top / folder) or is_nested_repository(top / folder):
            passed.add(folder)
        elif folder not in passed:
            kept.append(folder)
            for _ in walk(top, folder, passed) if walked is None else ():
                pass
    below = [*kept, *files]
    if not below:
        return Others([], ())
    inside = [f"--exclude=/{escaped(path)}/" for path in passed]
    found = index.untracked("--exclude-standard", *WITHOUT_JUNK, *inside, below=below)
    return found if walked is None else _without_others(top, found, walked, passed)


def _without_others(top: Path, found: Others, walked: Collection[str], passed: set[str]) -> Others:
    """Return the files without those of environments and repositories that are new."""
    inner = {path.rpartition("/")[0] for path in found.paths}
    folders = inner.union(*map(above, inner))
    passed.update(path for path in folders.difference(walked) if is_nested_repository(top / path))
    passed.update(path for path in folders if is_npm_folder(path))
    passed.update(path.rpartition("/")[0] for path in found.paths if path.endswith("/pyvenv.cfg"))
    passed.update(path.rstrip("/") for path in found.paths if path.endswith("/"))
    if not passed:
        return found
    return Others([path for path in found.paths if passed.isdisjoint(above(path))], found.unread)


def _is_ours(path: str) -> bool:
    return ".gitexp/" in path and ".gitexp" in path.split("/")[:-1]


def _sorted(
    found: dict[str, Signature], most_size: int, known: Mapping[str, Signature] | None
) -> Untracked:
    fresh = found if known is None else [path for path in found if path not in known]
    secret = tuple(path for path in fresh if is_secret_path(path))
    special = tuple(path for path, one in found.items() if not is_regular(one))
    large = tuple(path for path, one in found.items() if one[2] > most_size)
    out = {*secret, *special, *large}
    taken = tuple(path for path in found if path not in out)
    return Untracked(found, taken, secret=secret, large=large, special=special)


def check_bulk(project: Project, untracked: Untracked) -> None:
    """Raise GitexpError if the untracked files together are too much for git's history.

    What earlier runs wrote is in it already.
    """
    sizes = {path: untracked.signatures[path][2] for path in untracked.taken}
    if _is_little(sizes):
        return
    earlier = earlier_outputs(project, sizes)
    sizes = {path: size for path, size in sizes.items() if path not in earlier}
    if _is_little(sizes):
        return
    total = sum(sizes.values())
    counts: dict[str, tuple[int, int]] = {}
    for path, size in sizes.items():
        first = path.split("/")[0] + ("/" if "/" in path else "")
        files, size_so_far = counts.get(first, (0, 0))
        counts[first] = (files + 1, size_so_far + size)
    biggest = sorted(counts.items(), key=lambda item: item[1][::-1], reverse=True)[:_SHOWN]
    listed = ", ".join(f"{name} ({n} files, {size_text(size)})" for name, (n, size) in biggest)
    raise GitexpError(
        f"{len(sizes)} untracked files of {size_text(total)} would enter git's history: {listed}",
        hint="Ignore what no run needs in .gitignore, or put data behind a pointer with "
        f"`gitexp track {Path(biggest[0][0])}`.",
    )


def _is_little(sizes: Mapping[str, int]) -> bool:
    return len(sizes) <= MOST_FILES and sum(sizes.values()) <= MOST_BYTES
