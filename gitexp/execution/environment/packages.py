"""The packages that a command could import, read without starting its Python.

Folder names are enough: `importlib.metadata` would have to run inside that Python, and
takes a quarter of a second there.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.execution.environment.installation import Inquiry, describe
from gitexp.execution.environment.interpreter import interpreters

_DIST_INFO = re.compile(r"(\w[\w.]*)-(\d[\w.+!]*)\.dist-info", re.ASCII)
_EGG_INFO = re.compile(r"(\w[\w.]*)-(\d[\w.+!]*?)(?:-py\d[\d.]*)?\.egg-info", re.ASCII)
_HEADER = re.compile(rb"^(Name|Version):[ \t]*(\S+)", re.MULTILINE)


class Environment(Struct, frozen=True):
    """What a Python has installed."""

    packages: tuple[str, ...]
    """Sorted lines `name==version`, the names normalised (PEP 503)."""
    python: str
    """The version of that Python, such as `3.11.7`."""
    source: str
    """Where it was read: the path of that Python."""


def read_environment(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], cache: Path
) -> Environment:
    """Read what the Python of a command has installed; never raise.

    A Python that is gone, unreadable or not one at all is skipped: then the active
    environment counts, and failing that, gitexp's own. `cache` is a file that keeps
    what was learned by starting a Python, so that each is started once.
    """
    inquiry = Inquiry(cwd, env, cache)
    for program in interpreters(argv, cwd=cwd, env=env):
        if found := describe(program, inquiry):
            folders = (*_pythonpath(cwd, env), *_site_path(found.folders))
            return Environment(_packages(folders), found.version, str(found.executable))
    return Environment((), platform.python_version(), sys.executable or "")


def _packages(folders: Sequence[Path]) -> tuple[str, ...]:
    """List the packages of `folders`; the first of a name is the one that is imported."""
    versions: dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        for name, version in _distributions(folder):
            versions.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return tuple(sorted(f"{name}=={version}" for name, version in versions.items()))


def _pythonpath(cwd: Path, env: Mapping[str, str]) -> Iterator[Path]:
    for folder in env.get("PYTHONPATH", "").split(os.pathsep):
        if folder:
            yield cwd / folder


def _site_path(folders: Sequence[Path]) -> Iterator[Path]:
    """Follow each folder with those that its `.pth` files add, as the `site` module does."""
    for folder in folders:
        yield folder
        for name in _names(folder):
            if name.endswith(".pth") and not name.startswith("."):
                yield from _added_by(folder / name)


def _added_by(pth: Path) -> Iterator[Path]:
    for line in _content(pth).decode("utf-8-sig", errors="replace").splitlines():
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            yield pth.parent / line.rstrip()


def _distributions(folder: Path) -> Iterator[tuple[str, str]]:
    names = _names(folder)
    if folder.suffix == ".egg" and "EGG-INFO" in names:
        yield from _described_in(folder / "EGG-INFO")
    for name in names:
        if not name.endswith((".dist-info", ".egg-info")) or name.startswith("~"):
            continue  # `~` is what pip leaves of a package that it could not remove
        plain = _DIST_INFO.fullmatch(name) or _EGG_INFO.fullmatch(name)
        if plain and "_" not in plain[2]:
            yield plain[1], plain[2]
        else:
            yield from _described_in(folder / name)


def _described_in(path: Path) -> Iterator[tuple[str, str]]:
    """Read name and version from metadata, if the folder's name does not say them.

    Such are editable installs of old (`name.egg-info`), and versions with an escaped sign.
    """
    for file in (path / "METADATA", path / "PKG-INFO", path):
        headers = re.split(rb"\r?\n\r?\n", _content(file), maxsplit=1)[0]
        values = {key: value.decode(errors="replace") for key, value in _HEADER.findall(headers)}
        if b"Name" in values and b"Version" in values:
            yield values[b"Name"], values[b"Version"]
            return


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:
        return []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
