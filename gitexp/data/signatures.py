"""Stat signatures: whether a file was written, without reading it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path


def signature(path: Path | str) -> str | None:
    """Return what changes whenever the file, or a file of the folder, is written; None if absent.

    Made of modification and change time, size, inode and mode. Links are followed to files, not to
    folders, as DVC follows them.
    """
    found = _stat(path)
    if found is None:
        return None
    if not stat.S_ISDIR(found.st_mode):
        return stat_signature(found)
    return folder_signature(_walk(os.fspath(path), ""))


def folder_signature(files: Iterable[tuple[str, str]]) -> str:
    """Return the signature of a folder from the names and signatures of all that is in it."""
    import hashlib  # noqa: PLC0415 - 3 ms, for OpenSSL comes along

    text = "".join([f"{name}\0{of_file}\0" for name, of_file in sorted(files)])
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16)
    return f"folder:{digest.hexdigest()}"


def _stat(path: Path | str) -> os.stat_result | None:
    for _ in range(2):  # what fails once may pass
        try:
            return os.stat(path)  # noqa: PTH116 - one call a file counts, with 10,000 files
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            continue
    return None


def stat_signature(found: os.stat_result) -> str:
    """Return the signature of a file from its stat result."""
    return (
        f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}:{found.st_ctime_ns}:{found.st_mode:o}"
    )


CLOCK_TICK = 0.01
"""Seconds within which two writes can leave one and the same time."""


def is_time_genuine(found: os.stat_result) -> bool:
    """Return whether the modification time is that of the last write, and was not put back since.

    Nobody can put back the time of the last change.
    """
    return abs(found.st_ctime_ns - found.st_mtime_ns) <= CLOCK_TICK * 1e9


def _walk(folder: str, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    found += _walk(entry.path, f"{name}/")
                    if entry.name == ".dvc":  # though empty, it has DVC leave out what is around it
                        found.append((f"{name}/", "folder"))
                else:
                    found.append((name, _entry_signature(entry)))
    except OSError as exc:  # unreadable: the same answer until it is readable
        found.append((prefix, f"errno {exc.errno}"))
    return found


def _entry_signature(entry: os.DirEntry[str]) -> str:
    try:
        return stat_signature(entry.stat())
    except OSError as exc:
        return f"errno {exc.errno}"
