"""Files and data of a run, written wherever they are wanted."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import BinaryIO

from msgspec import Struct

from gitexp.data.checkout import DataMissing
from gitexp.data.pointers import Pointer
from gitexp.data.remote import way_to_get
from gitexp.errors import GitexpError
from gitexp.git.apart import check_out_apart
from gitexp.git.trees import LINK_MODE, Entry
from gitexp.handover.get_plan import GetPlan, unknown_path
from gitexp.pointers.source import ProjectData
from gitexp.project import Project


class _DataFile(Struct, frozen=True):
    pointer: Pointer
    md5: str


class _GitFile(Struct, frozen=True):
    path: str
    entry: Entry


_Source = _DataFile | _GitFile


class RunFiles:
    """What a plan names, ready to be written."""

    def __init__(self, project: Project, plan: GetPlan, source: ProjectData) -> None:
        self._project = project
        self._plan = plan
        self._source = source
        source.look_in(plan.commit)
        self._files = dict(self._all_files())

    def is_one_file(self) -> bool:
        """Return whether there is just a file, and no folder around it."""
        return "" in self._files

    def write(self, target: Path, *, force: bool = False) -> None:
        """Write to a path, whole or not at all; what is there gives way with `force` only."""
        if os.path.lexists(target) and not force:
            raise GitexpError(
                f"'{target}' already exists",
                hint="Give another place with `-o`, or overwrite it with `--force`.",
            )
        if not target.parent.is_dir():
            raise GitexpError(f"no folder '{target.parent}'", hint="Make it with `mkdir -p`.")
        temporary = target.with_name(f".gitexp-{token_hex(8)}.tmp")
        apart = temporary.with_suffix(".git")
        try:
            self._check_out(apart)
            for name, one in self._files.items():
                place = temporary / name if name else temporary
                place.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(one, _GitFile):
                    (apart / one.path).rename(place)
                else:
                    self._source.copy(one.pointer, one.md5, place)
            _swap(temporary, target)
        except OSError as error:
            raise GitexpError(f"cannot write '{target}': {error.strerror or error}") from error
        finally:
            _remove(temporary)
            _remove(apart)

    def stream(self, out: BinaryIO) -> None:
        """Write the one file to a stream."""
        if not self.is_one_file():
            raise GitexpError(
                f"'{self._plan.path}' is a folder, which cannot go to a stream",
                hint="Name a folder to write it to with `-o`.",
            )
        one = self._files[""]
        if isinstance(one, _DataFile):
            _copy_to(out, self._source.object_of(one.pointer, one.md5))
        elif one.entry.mode == LINK_MODE:
            out.write(self._project.repository.git("cat-file", "blob", one.entry.oid))
        else:
            with TemporaryDirectory(prefix="gitexp-") as scratch:
                apart = Path(scratch, "files")
                self._check_out(apart)
                _copy_to(out, apart / one.path)
        out.flush()

    def _check_out(self, place: Path) -> None:
        """Write what git holds below a new folder, as a checkout of the run has it."""
        files = {one.path: one.entry for one in self._files.values() if isinstance(one, _GitFile)}
        check_out_apart(self._project.repository, self._plan.tree, files, place)

    def _all_files(self) -> Iterator[tuple[str, _Source]]:
        """Yield every file by its path below the one that was asked for; '' is that one."""
        plan = self._plan
        for path, entry in plan.files.items():
            yield _below(plan.path, path), _GitFile(path, entry)
        pointers = plan.data if plan.around is None else (plan.around,)
        for pointer in pointers:
            self._fetch(pointer)
            start = _below(plan.path, pointer.path) if plan.around is None else ""
            for name, md5 in self._members(pointer).items():
                yield "/".join(part for part in (start, name) if part), _DataFile(pointer, md5)

    def _members(self, pointer: Pointer) -> Mapping[str, str]:
        if not pointer.is_folder:
            return {"": pointer.md5}
        members = self._source.members(pointer)
        if self._plan.around is None:
            return members
        inner = _below(pointer.path, self._plan.path)
        if inner in members:
            return {"": members[inner]}
        start = f"{inner}/"
        found = {
            name.removeprefix(start): md5 for name, md5 in members.items() if name.startswith(start)
        }
        if not found:
            names = [f"{pointer.path}/{name}" for name in members]
            path = self._plan.path
            raise unknown_path(
                f"run '{self._plan.run}' has no file '{inner}' in '{pointer.path}'", path, names
            )
        return found

    def _fetch(self, pointer: Pointer) -> None:
        """Have the data in the cache; of a folder just the files that are asked for."""
        reason = None
        wanted = [pointer]
        if pointer.is_folder:
            with contextlib.suppress(DataMissing):  # reported below
                reason = self._list_folder(pointer)
                found = self._members(pointer)
                wanted = [_file_of(pointer, md5) for md5 in dict.fromkeys(found.values())]
        reason = self._source.fetch_missing(wanted) or reason
        if not all(self._source.is_sound(one) for one in wanted):
            raise GitexpError(
                f"the data of '{pointer.path}' is missing (md5 {pointer.md5})",
                hint=f"It is not in the DVC cache, and {way_to_get(reason)}",
            )

    def _list_folder(self, pointer: Pointer) -> str | None:
        """Have the list of a folder's files in the cache."""
        self._source.is_sound_list(pointer)
        if self._source.object_of(pointer, pointer.md5).exists():
            return None
        return self._source.fetch_missing([pointer], whole=False)


def _copy_to(out: BinaryIO, file: Path) -> None:
    with file.open("rb") as content:
        shutil.copyfileobj(content, out, 1 << 20)


def _file_of(pointer: Pointer, md5: str) -> Pointer:
    return Pointer(pointer.path, md5, hash_name=pointer.hash_name)


def _below(folder: str, path: str) -> str:
    if folder in ("", "."):
        return path
    return path[len(folder) + 1 :] if path != folder else ""


def _swap(new: Path, target: Path) -> None:
    """Put the new file or folder where the old one is."""
    if target.is_dir() and not target.is_symlink():
        old = target.with_name(f".gitexp-{token_hex(8)}.old")
        target.rename(old)
        try:
            new.rename(target)
        except OSError:
            old.rename(target)
            raise
        _remove(old)
    elif new.is_dir() and not new.is_symlink():
        target.unlink(missing_ok=True)
        new.rename(target)
    else:
        new.replace(target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
