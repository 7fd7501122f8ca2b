"""Lock files in a run's tree: environments made by the tools that wrote them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from gitexp.execution.rebuild.installing import make_venv
from gitexp.execution.rebuild.tools import find_tool, run_tool


class Site(Struct, frozen=True):
    """Where an environment is to be made, and from what."""

    sources: Path
    """The folder of the lock file, in a copy of the run's tree."""
    folder: Path
    python: Path
    """The interpreter that a virtual environment is made of."""


class LockFile(Struct, frozen=True):
    """A kind of lock file, and what makes an environment of one."""

    name: str
    tools: tuple[str, ...]
    """Any of which will do."""
    make: Callable[[Site, str], Path]
    """Given the tool that is there, makes the environment and returns its Python."""
    of_conda: bool = False


def _by_uv(site: Site, tool: str) -> Path:
    own = ("--no-install-project", "--no-install-workspace")
    words = (tool, "sync", "--frozen", *own, "--python", str(site.python))
    run_tool(words, cwd=site.sources, env={"UV_PROJECT_ENVIRONMENT": str(site.folder)})
    return site.folder / "bin" / "python"


def _by_poetry(site: Site, tool: str) -> Path:
    python = make_venv(site.python, site.folder)
    words = [tool, "install", "--no-root", "--no-interaction"]
    run_tool(words, cwd=site.sources, env=_activated(site.folder))
    return python


def _by_pipenv(site: Site, tool: str) -> Path:
    python = make_venv(site.python, site.folder)
    run_tool([tool, "sync"], cwd=site.sources, env=_activated(site.folder))
    return python


def _by_pixi(site: Site, tool: str) -> Path:
    """Make it where pixi wants it: in the folder of the manifest, which may not be moved."""
    manifests = ("pixi.toml", "pyproject.toml", "pixi.lock")
    site.folder.mkdir(parents=True, exist_ok=True)
    for name in manifests:
        if (site.sources / name).is_file():
            shutil.copy2(site.sources / name, site.folder / name)
    run_tool([tool, "install", "--frozen"], cwd=site.folder)
    return site.folder / ".pixi" / "envs" / "default" / "bin" / "python"


def _by_conda_lock(site: Site, tool: str) -> Path:
    run_tool([tool, "install", "--prefix", site.folder, "conda-lock.yml"], cwd=site.sources)
    return site.folder / "bin" / "python"


def _by_conda(site: Site, tool: str) -> Path:
    words = ["create", "--yes"] if tool == "micromamba" else ["env", "create"]
    words = [*words, "--prefix", str(site.folder), "--file", "environment.yml"]
    run_tool([tool, *words], cwd=site.sources)
    return site.folder / "bin" / "python"


def _activated(folder: Path) -> dict[str, str]:
    return {"VIRTUAL_ENV": str(folder), "PIPENV_VERBOSITY": "-1"}


CONDAS = ("micromamba", "mamba", "conda")

LOCK_FILES = (
    LockFile("uv.lock", ("uv",), _by_uv),
    LockFile("poetry.lock", ("poetry",), _by_poetry),
    LockFile("Pipfile.lock", ("pipenv",), _by_pipenv),
    LockFile("pixi.lock", ("pixi",), _by_pixi, of_conda=True),
    LockFile("conda-lock.yml", ("conda-lock",), _by_conda_lock, of_conda=True),
    LockFile("environment.yml", CONDAS, _by_conda, of_conda=True),
)


def locks_in(paths: Iterable[str], folder: str) -> Iterator[tuple[LockFile, str]]:
    """Yield the lock files that a project's folder has, else those of the folders above it."""
    there = set(paths)
    place = PurePosixPath(folder)
    for parent in (place, *place.parents):
        found = [
            (kind, path)
            for kind in LOCK_FILES
            if (path := str(parent / kind.name).removeprefix("./")) in there
        ]
        if found:
            yield from found
            return


def make_of_conda(packages: Iterable[str], folder: Path) -> Path | None:
    """Make an environment of conda's own list; return None if no tool of its family is here."""
    tool = find_tool(*CONDAS)
    if tool is None:
        return None
    run_tool([tool, "create", "--yes", "--prefix", folder, *packages])
    return folder / "bin" / "python"
