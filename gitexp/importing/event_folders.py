"""Which folders of a log directory of TensorBoard's are one run.

TensorBoard itself calls each folder with event files a run. But Keras writes `train/` and
`validation/`, and PyTorch a folder for each curve of `add_scalars` and for what `add_hparams` was
told: what lies below a folder with event files is a part of it, and so are halves of those names.
"""

from __future__ import annotations

import contextlib
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gitexp.errors import GitexpError
from gitexp.importing.store_files import read_start
from gitexp.metrics.event_folder import event_files
from gitexp.metrics.reading import is_events

_HALVES = frozenset(
    {"train", "training", "valid", "val", "validation", "dev", "test", "eval", "evaluation"}
)
_TOP = PurePosixPath()
_SESSION = b"_hparams_/session_start_info"
_START = 1 << 16
"""Bytes in which `add_hparams` has written what it was told."""
_NAME = re.compile(r"tfevents\.(?P<second>\d{1,15})\.(?P<host>.+?)(\.(?P<pid>\d+)\.\d+)?(\.v2)?$")
_HEAD = 12
"""Bytes of a record before its event: the length, and a checksum of that."""
_OF_MOMENT = 0x09
"""How the field of the moment begins, the first one of an event."""
_MOMENT = struct.Struct("<Bd")


def runs_below(place: Path) -> dict[PurePosixPath, list[PurePosixPath]]:
    """Return the folders with event files, from a place, by the run that they are of.

    Links are not followed. Raises OSError.
    """
    folders = sorted(folders_with_events(place))
    known = set(folders)
    inner = {one for one in folders if not known.isdisjoint(one.parents)}
    sessions = {one for one in inner if _is_session(place / one)}
    owners = _owners(folders, sessions, _of_process(place, inner) if _TOP in known else set())
    found: dict[PurePosixPath, list[PurePosixPath]] = {}
    for folder in folders:
        found.setdefault(owners[folder], []).append(folder)
    return found


def folders_with_events(place: Path) -> Iterator[PurePosixPath]:
    """Yield the folders that have event files, from a place; links are not followed."""
    for folder, _, files in os.walk(place):
        if any(is_events(one) for one in files):
            yield PurePosixPath(Path(folder).relative_to(place).as_posix())


def _owners(
    folders: list[PurePosixPath], sessions: set[PurePosixPath], related: set[PurePosixPath]
) -> dict[PurePosixPath, PurePosixPath]:
    """Return the run of each folder, given those that `add_hparams` made inside others.

    Several of these side by side are trials, each a run. Of the place itself, only what is surely
    a part counts, such as what is `related`: people put folders of runs beside a stray event file.
    """
    inside: dict[PurePosixPath, list[PurePosixPath]] = {}
    for folder in folders:
        inside.setdefault(folder.parent, []).append(folder)
    owners: dict[PurePosixPath, PurePosixPath] = {}
    for folder in folders:  # parents come first
        beside = inside[folder.parent]
        above = next((one for one in folder.parents if one in owners), None)
        is_trial = folder in sessions and len(sessions.intersection(beside)) > 1
        is_part = folder.name.lower() in _HALVES or folder in related or folder in sessions
        owner = folder
        if above is None and all(one.name.lower() in _HALVES for one in beside):
            owner = folder.parent
        elif above is not None and not is_trial:
            owner = owners[above] if above != _TOP or is_part else folder
        owners[folder] = owner
    return owners


def _of_process(place: Path, folders: set[PurePosixPath]) -> set[PurePosixPath]:
    """Return those folders into which a process wrote that wrote into the place itself as well."""
    known = {_process(file.name) for file in event_files(place)} - {None}
    return {
        one for one in folders if known & {_process(file.name) for file in event_files(place / one)}
    }


def _process(name: str) -> tuple[str, str] | None:
    match = _NAME.search(name)
    return (match["host"], match["pid"]) if match and match["pid"] else None


def _is_session(folder: Path) -> bool:
    with contextlib.suppress(GitexpError, OSError):  # which is told where the run is read
        return any(_SESSION in read_start(file, _START) for file in event_files(folder)[:1])
    return False


def key_of(place: Path, folders: list[PurePosixPath]) -> tuple[str, str]:
    """Return what tells a run from all others, and the machine that it was on.

    TensorBoard has no ids. But the name of an event file has second, host and process, and its
    first record the moment; both stay the same wherever the folder is moved.
    Raises OSError, or GitexpError if not even that is there.
    """
    files = [file for folder in folders for file in event_files(place / folder)]
    for file in sorted(files, key=lambda one: (_second(one.name), one.name)):
        start = read_start(file, _HEAD + _MOMENT.size)
        if len(start) == _HEAD + _MOMENT.size and start[_HEAD] == _OF_MOMENT:
            match = _NAME.search(file.name)
            [_, moment] = _MOMENT.unpack(start[_HEAD:])
            return f"{file.name}:{moment!r}", match["host"] if match else ""
    raise GitexpError("no event file in it has a whole record")


def _second(name: str) -> int:
    match = _NAME.search(name)
    return int(match["second"]) if match else 0
