"""A repository, what may be done to its files, and what it holds by a look at every one of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from hypothesis import strategies as st

from gitexp.execution.work_tree.files import Signature
from gitexp.git.index import PrivateIndex
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE, Entry, object_oid
from gitexp.project import Project
from gitexp.revisions.links import above

from tests.workshop import git

FILES = ("a.txt", "A.txt", "src/b.py", "src/deep/c.py", "other/d", "other/e.sh")
MODULE = "libs/inner"

paths = st.sampled_from(FILES)
edits = st.tuples(
    st.sampled_from(
        "write write-same put-times-back touch chmod delete link folder folder-link swap".split()
    ),
    paths,
    paths,
)
staging = st.tuples(
    st.sampled_from("add assume skip skip-absent intend forget split refresh".split()),
    paths,
    paths,
)
configs = st.sampled_from(
    ["", "core.trustCtime=false", "core.checkStat=minimal", "core.ignoreStat=true"]
)
Step = tuple[str, str, str]


def _other(content: str) -> str:
    """Return other content of the same length."""
    return content.swapcase()


def _write_same(top: Path, path: str, _: str) -> None:
    (top / path).write_text((top / path).read_text())


def _put_times_back(top: Path, path: str, _: str) -> None:
    before = (top / path).stat()
    (top / path).write_text(_other((top / path).read_text()))
    os.utime(top / path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _link(top: Path, path: str, to: str) -> None:
    (top / path).unlink()
    (top / path).symlink_to(Path(os.path.relpath(top / to, (top / path).parent)))


def _folder(top: Path, path: str, _: str) -> None:
    (top / path).unlink()
    (top / path).mkdir()
    (top / path / "inside").write_text("inside\n")


def _folder_link(top: Path, path: str, _: str) -> None:
    """Put a link where the folder of a file was."""
    folder = (top / path).parent
    if folder != top and not folder.is_symlink():
        moved = top / f"moved-{folder.name}"
        shutil.rmtree(moved, ignore_errors=True)
        folder.rename(moved)
        folder.symlink_to(moved.name)


def _swap(top: Path, path: str, to: str) -> None:
    if path != to and (top / to).is_file():
        (top / path).rename(top / "between")
        (top / to).rename(top / path)
        (top / "between").rename(top / to)


EDITS: Mapping[str, Callable[[Path, str, str], object]] = {
    "write": lambda top, path, _: (top / path).write_text(_other((top / path).read_text())),
    "write-same": _write_same,
    "put-times-back": _put_times_back,
    "touch": lambda top, path, _: os.utime(top / path),
    "chmod": lambda top, path, _: (top / path).chmod((top / path).stat().st_mode ^ 0o111),
    "delete": lambda top, path, _: (top / path).unlink(),
    "link": _link,
    "folder": _folder,
    "folder-link": _folder_link,
    "swap": _swap,
    "add": lambda top, path, _: git("add", "--", path, cwd=top),
    "assume": lambda top, path, _: git("update-index", "--assume-unchanged", "--", path, cwd=top),
    "skip": lambda top, path, _: git("update-index", "--skip-worktree", "--", path, cwd=top),
    "forget": lambda top, path, _: git("rm", "-q", "--cached", "--", path, cwd=top),
    "split": lambda top, _, __: git("update-index", "--split-index", cwd=top),
    "refresh": lambda top, _, __: git("status", cwd=top),
}


def do(top: Path, steps: list[Step]) -> None:
    """Do what can be done of some steps."""
    known = git("ls-files", cwd=top).splitlines()
    for what, path, to in steps:
        place = top / path
        if what == "intend":
            (top / f"{path}.intended").write_text("intended\n")
            git("add", "--intent-to-add", f"{path}.intended", cwd=top)
        elif what == "skip-absent" and path in known and place.is_file():
            git("update-index", "--skip-worktree", "--", path, cwd=top)
            place.unlink()
        elif what in EDITS and place.is_file() and not place.is_symlink() and path in known:
            EDITS[what](top, path, to)
            known = git("ls-files", cwd=top).splitlines() if what == "forget" else known


def _is_file(top: Path, path: str) -> bool:
    is_link = (top / path).is_symlink()
    return _is_there(top, path) and (is_link or not (top / path).is_dir())


def _is_there(top: Path, path: str) -> bool:
    parents = [top / one for one in Path(path).parents if one.parts]
    return os.path.lexists(top / path) and not any(one.is_symlink() for one in parents)


def plain_entries(project: Project, scratch: Path) -> Iterator[tuple[str, Entry]]:
    """Yield what a run begins with: all that git tracks, and all else that it does not ignore."""
    top, repository = project.repository.top, project.repository
    index = PrivateIndex.copied(repository, scratch / "plain.index")
    listing = index.listing()
    others = git("ls-files", "-z", "-o", "--exclude-standard", cwd=top).split("\0")[:-1]
    # Git lists nothing below what its index has as a file or link: so it is in a run as well.
    others = [one for one in others if listing.entries.keys().isdisjoint(above(one))]
    for path in (*listing.entries, *others):
        entry = listing.entries.get(path)
        if entry is not None and entry.mode == SUBMODULE_MODE:
            yield path, entry
        elif not _is_file(top, path):
            if path in listing.skipped and not os.path.lexists(top / path):
                yield path, listing.entries[path]
        elif (top / path).is_symlink():
            target = os.fsencode((top / path).readlink())
            yield path, Entry(LINK_MODE, object_oid("blob", target))
        else:
            mode = "100755" if (top / path).stat().st_mode & 0o100 else "100644"
            yield path, Entry(mode, object_oid("blob", (top / path).read_bytes()))


def signatures_of(top: Path, found: Iterable[str]) -> dict[str, Signature | None]:
    return {path: _signature(top, path) for path in found}


def _signature(top: Path, path: str) -> Signature | None:
    if not _is_there(top, path):
        return None
    one = (top / path).lstat()
    return (one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino, one.st_mode)


def make(top: Path, config: str) -> None:
    for path in FILES:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(f"content of {path}\n")
    (top / MODULE).mkdir(parents=True)
    git("init", "-q", top)
    git("add", "--all", cwd=top)
    commit = "1234567890" * 4
    git("update-index", "--add", "--cacheinfo", f"{SUBMODULE_MODE},{commit},{MODULE}", cwd=top)
    git("commit", "-q", "-m", "first", cwd=top)
    if config:
        git("config", *config.split("="), cwd=top)
