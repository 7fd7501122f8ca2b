"""The packages that a command could import, read without starting its Python.

Folder names are enough: `importlib.metadata` would have to run inside that Python, and
takes a quarter of a second there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gitexp.execution.environment.conda import conda_lines
from gitexp.execution.environment.environment import UNKNOWN, Environment, Ground
from gitexp.execution.environment.installation import Inquiry, describe
from gitexp.execution.environment.interpreter import named_interpreters
from gitexp.model.packages import Package, package_lines

if TYPE_CHECKING:
    from gitexp.execution.environment.sources import Origin

_DIST_INFO = re.compile(r"(\w[\w.]*)-(\d[\w.+!]*)\.dist-info", re.ASCII)
_EGG_INFO = re.compile(r"(\w[\w.]*)-(\d[\w.+!]*?)(?:-py\d[\d.]*)?\.egg-info", re.ASCII)
_HEADER = re.compile(rb"^(Name|Version):[ \t]*(\S+)", re.MULTILINE)
_ADDED = re.compile(r"""addsitedir\((?:__import__\("os"\)\.fsdecode\(b)?["']([^"']+)["']""")
"""What uv writes into the environment of `uv run --with`, to put others below it."""


def read_environment(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    cache: Path,
    ground: Ground | None = None,
) -> Environment:
    """Read what the Python has installed that the words of a command name; never raise.

    If they name none, or another program decides which it is, that is not known. `cache` is a
    file that keeps what was learned by starting a Python, so that each is started once.
    """
    inquiry = Inquiry(cwd, env, cache)
    for program in named_interpreters(argv, cwd=cwd, env=env):
        if found := read_installed(program, inquiry, ground):
            return found
    return UNKNOWN


def read_installed(
    program: Path, inquiry: Inquiry, ground: Ground | None = None
) -> Environment | None:
    """Read what a Python has installed; None if it is not a working one."""
    found = describe(program, inquiry)
    if found is None:
        return None
    folders = (*_pythonpath(inquiry.cwd, inquiry.env), *_site_path(found.folders))
    lines = _packages(folders, ground)
    conda = conda_lines(found.executable.parent.parent)
    return Environment((*lines, *conda), found.version, str(found.executable))


def _packages(folders: Sequence[Path], ground: Ground | None) -> tuple[str, ...]:
    """List the packages of `folders`; the first of a name is the one that is imported.

    Where it came from may stand with a later one: that of an editable install whose folder
    is on PYTHONPATH as well.
    """
    versions: dict[str, str] = {}
    origins: dict[str, Origin] = {}
    for folder in dict.fromkeys(folders):
        for written, version, origin in _distributions(folder, ground):
            name = normal_name(written)
            versions.setdefault(name, version)
            if origin is not None and versions[name] == version:
                origins.setdefault(name, origin)
    names = sorted(versions, key=lambda name: f"{name}==")  # as lines with versions are sorted
    return package_lines(_package(name, versions[name], origins.get(name)) for name in names)


def normal_name(name: str) -> str:
    """Return a package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(name: str, version: str, origin: Origin | None) -> Package:
    if origin is None:
        return Package(name, version)
    return Package(name, version, origin.source, origin.editable, origin.remark)


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
        if line.startswith(("import ", "import\t")):
            for named in _ADDED.findall(line):
                yield from _site_path([Path(named)])
        elif line.strip() and not line.startswith("#"):
            yield pth.parent / line.rstrip()


def _distributions(folder: Path, ground: Ground | None) -> Iterator[tuple[str, str, Origin | None]]:
    """Yield the name, version and origin of what lies in a folder."""
    names = _names(folder)
    if folder.suffix == ".egg" and "EGG-INFO" in names:
        yield from ((*found, None) for found in _described_in(folder / "EGG-INFO"))
    for name in names:
        if name.endswith(".egg-link"):
            yield from _linked(folder / name, ground)
        if not name.endswith((".dist-info", ".egg-info")) or name.startswith("~"):
            continue  # `~` is what pip leaves of a package that it could not remove
        plain = _DIST_INFO.fullmatch(name) or _EGG_INFO.fullmatch(name)
        if plain and "_" not in plain[2]:
            yield plain[1], plain[2], _origin(folder / name, plain[1], ground)
        else:
            for found in _described_in(folder / name):
                yield *found, _origin(folder / name, found[0], ground)


def _origin(info: Path, name: str, ground: Ground | None) -> Origin | None:
    """Return where a package came from; conda's say where they were built, which is nothing."""
    content = _content(info / "direct_url.json")
    if not content or _content(info / "INSTALLER").strip() == b"conda":
        return None
    from gitexp.execution.environment.sources import direct_origin  # noqa: PLC0415 - 4 ms, with URLs, where one is named

    return direct_origin(content, normal_name(name), ground)


def _linked(link: Path, ground: Ground | None) -> Iterator[tuple[str, str, Origin | None]]:
    """Follow what `setup.py develop` has left: the first line names the package's folder."""
    lines = _content(link).decode(errors="replace").splitlines()
    folder = Path(lines[0].strip()) if lines else None
    for info in folder.glob("*.egg-info") if folder is not None else ():
        for name, version in _described_in(info):
            from gitexp.execution.environment.sources import folder_origin  # noqa: PLC0415 - as below

            origin = folder_origin(info.parent, normal_name(name), ground, editable=True)
            yield name, version, origin


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
