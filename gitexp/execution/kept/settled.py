"""The settled folders of a work tree, written down in its git directory.

What is written down is believed for as long as every folder has its stat signature, and git's
rules, the settings, and the runs that wrote it are what they were.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

import msgspec
from msgspec import Struct

from gitexp.execution.stages import Started
from gitexp.execution.work_tree.files import Signature, signature, signatures
from gitexp.execution.work_tree.settled import Settled, around
from gitexp.git.repository import Repository
from gitexp.model.values import digest
from gitexp.project import Project
from gitexp.store.own import settled_file
from gitexp.version import __version__

SETTLED = "settled"
"""In the folder of a run under way: what it believed."""


class _Written(Struct, frozen=True):
    key: str
    rules: dict[str, Signature | None]
    settled: tuple[Settled, ...]


def written_down(project: Project) -> tuple[Settled, ...]:
    """Return the folders, if what decides which are settled is as it was."""
    written = _read(_file(project))
    if written is None or written.key != _key(project):
        return ()
    return written.settled if written.rules == _rules(project, written.settled) else ()


def write_down(project: Project, settled: tuple[Settled, ...], before: int, token: str) -> None:
    """Write them down, all at once; `token` is nobody else's.

    Not if what decides was changed since `before` (ns): git may have listed by other rules.
    """
    file, rules = _file(project), _rules(project, settled)
    if any(one is not None and one[1] >= before for one in rules.values()):
        return
    written = _Written(_key(project), rules, settled)
    file.parent.mkdir(exist_ok=True)
    temporary = file.with_suffix(f".{token}")
    temporary.write_bytes(msgspec.msgpack.encode(written))
    temporary.replace(file)


def of_run(scratch: Path, folders: Collection[str]) -> tuple[Settled, ...]:
    """Return what a run that is to be recovered believed."""
    written = _read(scratch / SETTLED)
    known = written.settled if written is not None else ()
    return tuple(one for one in known if one.folder in folders)


def keep_for_run(started: Started) -> None:
    """Keep what a run believes for whoever may have to recover it."""
    if started.snapshot.untracked.settled:
        place = started.scratch / SETTLED
        place.unlink(missing_ok=True)
        try:
            place.hardlink_to(_file(started.project))
        except OSError:  # a file system without links
            place.write_bytes(_file(started.project).read_bytes())


def _file(project: Project) -> Path:
    """Return where a work tree's folders are written down: in its own git directory."""
    name = digest(project.folder)[:16]
    return settled_file(project.repository.git_dir, name)


def _read(file: Path) -> _Written | None:
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(file.read_bytes(), type=_Written)
    return None


def _key(project: Project) -> str:
    """Return what changes with the settings that say what is an output, and of which kind."""
    said = repr((__version__, project.config, project.pipeline, project.recorded_folders()))
    said += str(project.repository.ignores_any_case)
    return digest(said)


def _rules(project: Project, settled: Collection[Settled]) -> dict[str, Signature | None]:
    """Return the state of the files that tell git what to ignore in the folders."""
    repository = project.repository
    names = [f"{folder}/.gitignore".lstrip("/") for folder in sorted(around(settled))]
    found = signatures(repository.top, names)
    rules: dict[str, Signature | None] = {name: found.get(name) for name in names}
    for place in _excludes(repository):
        rules[str(place)] = signature(place)
    return rules


def _excludes(repository: Repository) -> list[Path]:
    chosen = repository.config.get("core.excludesfile")
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    everywhere = Path(chosen).expanduser() if chosen else home / "git" / "ignore"
    return [repository.common_dir / "info" / "exclude", repository.top / everywhere]
