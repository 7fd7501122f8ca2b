"""Files in a store of another tool, read where they lie; links are not followed.

A store may come from anybody: behind a link could be any file of whoever imports it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from pathlib import Path, PurePosixPath
from typing import cast

from gitexp.errors import GitexpError, reason_of
from gitexp.importing.foreign import NoStore
from gitexp.metrics.own_files import opened_plain, size_of
from gitexp.model.values import DEEPEST, Value

LARGEST = 200_000_000
"""Bytes of one file that are read into memory."""
_MOST_VALUES = 100_000


@contextlib.contextmanager
def as_errors() -> Iterator[None]:
    """Say what the system says of a file that cannot be read; raises GitexpError."""
    try:
        yield
    except OSError as error:
        raise GitexpError(reason_of(error)) from error


def place_of(place: str, here: Path, hint: str) -> Path:
    """Return the folder that was named; raises NoStore if there is none."""
    found = here / place
    if not found.is_dir():
        raise NoStore(f"there is no folder '{place}'", hint)
    return found


def read_file(file: Path, most: int = LARGEST) -> bytes:
    """Return the content of a regular file; raises OSError, or GitexpError for anything else."""
    with opened_plain(file) as opened:
        if size_of(opened) > most:
            raise GitexpError(f"'{file.name}' has more than {most:,} bytes")
        return opened.read(most)


def read_start(file: Path, most: int) -> bytes:
    """Return no more than so many bytes of a regular file; raises likewise."""
    with opened_plain(file) as opened:
        return opened.read(most)


def folders(place: Path) -> Iterator[Path]:
    """Yield the folders in a folder, by name; raises OSError."""
    with os.scandir(place) as found:
        names = sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    yield from (place / name for name in names)


def is_folder(top: Path, *below: str) -> bool:
    """Return whether a folder is there, and no link on the way from `top` to it."""
    places = [top.joinpath(*below[:count]) for count in range(1, len(below) + 1)]
    return all(one.is_dir() and not one.is_symlink() for one in places)


def size_inside(folder: Path, name: str) -> int | None:
    """Return the size of a file in a folder; None of anything else, or if its name leads out."""
    file = folder / name
    if ".." in PurePosixPath(name).parts or not file.is_relative_to(folder):
        return None
    try:
        found = file.lstat()
    except (OSError, ValueError):  # not there, or no name that a file can have
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def read_json(file: Path) -> object:
    """Return what is in a JSON file, NaN and infinities as Python writes them.

    Raises OSError, or GitexpError for what is cut off or is no JSON.
    """
    try:
        return json.loads(read_file(file))
    except (ValueError, RecursionError) as error:
        raise GitexpError(f"'{file.name}' is not whole, or not JSON") from error


def plain_value(value: object) -> Value:
    """Return a value with keys that are text, and moments as RFC 3339.

    Raises GitexpError for what is too deep or too large to be a param.
    """
    return _plain(value, DEEPEST, [_MOST_VALUES])


def plain_values(value: object) -> dict[str, Value]:
    """Return a mapping likewise; an empty one of anything else."""
    return cast("dict[str, Value]", plain_value(value)) if isinstance(value, dict) else {}


def _plain(value: object, depth: int, left: list[int]) -> Value:
    left[0] -= 1
    if depth < 0 or left[0] < 0:
        raise GitexpError("its values are nested too deep, or too many")
    if isinstance(value, dict):
        return {str(key): _plain(one, depth - 1, left) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, depth - 1, left) for one in value]
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def nested(values: dict[str, Value], mark: str = "/") -> dict[str, Value]:
    """Return values with names that have levels as mappings; a name that is one as well stays.

    >>> nested({"model/depth": 3, "model/lr": 0.1, "seed": 7})
    {'model': {'depth': 3, 'lr': 0.1}, 'seed': 7}
    >>> nested({"a": 1, "a/b": 2})
    {'a': 1, 'a/b': 2}
    """
    found: dict[str, Value] = {}
    for name, value in values.items():
        *above, last = name.split(mark)
        place = found
        for depth, part in enumerate(above, 1):
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict) or mark.join(above[:depth]) in values:
                found[name] = value
                break
            place = inner
        else:
            place[last] = value
    return found


def seconds_of(text: object) -> float | None:
    """Return a moment in seconds since 1970; one without a time zone is in UTC.

    >>> seconds_of("2026-01-02T03:04:05.5"), seconds_of("2026-01-02T04:04:05.5+01:00")
    (1767323045.5, 1767323045.5)
    >>> seconds_of("yesterday"), seconds_of(None)
    (None, None)
    """
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp()


def mapping(value: object) -> Mapping[str, object]:
    """Return a mapping as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}
