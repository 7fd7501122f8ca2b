"""A DVC project on disk: its root, its cache, its state database, and how it begins."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec import Struct

from gitexp.data.dvc_configs import check_cache, config_files, strange_site_cache
from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern

LINK_TYPES = ("reflink", "copy")
"""How DVC links a file from its cache into the work tree, unless `cache.type` says otherwise."""

FIRST_FILES = {
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvcignore": (
        "# Add patterns of files dvc should ignore, which could improve\n"
        "# the performance. Learn more at\n"
        "# https://dvc.org/doc/user-guide/dvcignore\n"
    ),
}
"""What `dvc init` leaves, with its telemetry off."""

_MATTERS = lazy_pattern(rb"cache", re.IGNORECASE)
"""In the text of every configuration that has a say here: `[cache]`, `site_cache_dir`."""


class DvcProject(Struct, frozen=True):
    """A folder with `.dvc`, and what its configuration says about its cache."""

    root: Path
    cache: Path
    """Where objects lie: `files/md5` in the cache folder."""
    legacy_cache: Path
    """Where those of DVC 2 lie: the cache folder itself."""
    link_types: tuple[str, ...] = LINK_TYPES
    shared: bool = False
    """Whether the cache is shared by the members of a group."""
    site_cache: str | None = None


def find_root(start: Path, top: Path) -> Path | None:
    """Return the nearest folder with a `.dvc`, from `start` up to `top`, if there is one."""
    folder = start
    while not (folder / ".dvc").is_dir():
        if folder in (top, folder.parent):
            return None
        folder = folder.parent
    return folder


def initialise(root: Path) -> tuple[Path, ...]:
    """Make `root` a DVC project as `dvc init` does, staging nothing; return the files written.

    What exists already stays as it is, so it is safe to repeat.
    """
    written: list[Path] = []
    try:
        _make_temporary_folder(root)
        for name, content in FIRST_FILES.items():
            with contextlib.suppress(FileExistsError), (root / name).open("x") as file:
                file.write(content)
                written.append(root / name)
    except OSError as exc:
        raise GitexpError(
            f"cannot set up DVC in '{root}': {exc.strerror}",
            "Check who owns the folder, and whether a file named `.dvc` is in the way.",
        ) from exc
    return tuple(written)


def open_project(root: Path, *, fetches: bool = False) -> DvcProject:
    """Read what the configuration of the DVC project at `root` says about its cache.

    DVC itself is asked only if one of its configuration files mentions a cache. Of those who
    fetch what others made, a commit may not choose where: see `check_cache`. Whoever runs a
    command has trusted the project with more than that.
    """
    root = Path(os.path.realpath(root))  # what DVC's command line takes for the root
    if not any(_mentions_cache(path) for path in config_files(root)):
        return _project(root, root / ".dvc" / "cache", {}, {})
    config_module = import_dvc("dvc.config")
    try:
        config = config_module.Config(str(root / ".dvc"))
    except config_module.ConfigError as exc:
        raise GitexpError(
            f"DVC cannot read its configuration: {exc}", "See `dvc config --list`."
        ) from exc
    cache = config["cache"]
    folder = cache.get("dir") or root / ".dvc" / "cache"
    if "local" in cache:  # the name of a remote, from before `cache.dir`
        folder = config["remote"].get(cache["local"], {}).get("url") or folder
    if fetches:
        check_cache(root, Path(folder))
    core = {} if strange_site_cache(root) else config["core"]
    return _project(root, Path(folder), cache, core)


def share_cache(project: DvcProject, copy: Path) -> None:
    """Let a copy of a DVC project use the cache, and the private settings, of the original.

    What git does not bring along, because it ignores it there, is copied.
    """
    (copy / ".dvc").mkdir(parents=True, exist_ok=True)
    import shutil  # noqa: PLC0415 - 2 ms, for its archives

    config = project.root / ".dvc" / "config"
    if config.is_file() and not (copy / ".dvc" / "config").exists():
        shutil.copy2(config, copy / ".dvc" / "config")
    from configobj import ConfigObj  # noqa: PLC0415 - 3 ms, what DVC reads these files with

    private = project.root / ".dvc" / "config.local"
    settings = ConfigObj(
        str(private) if private.is_file() else None, list_values=False, encoding="utf-8"
    )
    settings.setdefault("cache", {})["dir"] = str(project.legacy_cache)
    target = copy / ".dvc" / "config.local"
    target.touch(mode=0o600)  # it may hold what gives access to a remote
    target.chmod(0o600)
    settings.filename = str(target)
    settings.write()


def state_folder(project: DvcProject) -> Path | None:
    """Return where DVC keeps the database of hashes it knows, None if it cannot be.

    The same place as `dvc.repo.Repo.site_cache_dir`, so that what one has hashed the other knows.
    """
    import getpass  # noqa: PLC0415 - 15 ms with the one below, on no other path
    import hashlib  # noqa: PLC0415

    try:
        born = _make_temporary_folder(project.root).stat().st_mtime
        repositories = Path(_site_cache(project), "repo")
        if not repositories.is_dir():
            repositories.mkdir(parents=True, exist_ok=True)
            repositories.chmod(0o777)  # every user of the machine has a folder in it
        token = str((str(project.root), None, born, getpass.getuser(), dvc_version(), 0)).encode()
        folder = repositories / hashlib.md5(token, usedforsecurity=False).hexdigest()
        folder.mkdir(exist_ok=True)
    except (OSError, KeyError, ImportError, ValueError):  # KeyError: a user without a name
        return None
    return folder


@functools.cache
def dvc_version() -> int:
    """Return the first number of DVC's version; raises ImportError or ValueError if there is none.

    It is asked for twice a run, and is read from a page of text each time (2 ms).
    """
    import importlib.metadata  # noqa: PLC0415 - 10 ms, where data is

    named = importlib.metadata.version("dvc") or ""  # None if its file cannot be read
    return int(named.partition(".")[0])


def import_dvc(name: str) -> ModuleType:
    """Import a module of DVC, whose start replaces the standard streams by colour filters.

    Not for background threads: what replaced the streams meanwhile would be undone.
    """
    streams = sys.stdout, sys.stderr
    try:
        return importlib.import_module(name)
    finally:
        sys.stdout, sys.stderr = streams


def _project(root: Path, folder: Path, cache: dict[str, Any], core: dict[str, Any]) -> DvcProject:
    return DvcProject(
        root=root,
        cache=folder / "files" / "md5",
        legacy_cache=folder,
        link_types=tuple(cache.get("type") or LINK_TYPES),
        shared=cache.get("shared") == "group",
        site_cache=core.get("site_cache_dir"),
    )


def _make_temporary_folder(root: Path) -> Path:
    """Return `.dvc/tmp/btime`, by which DVC tells a project from an older one in its place.

    A linked work tree was born when git made it. A copy for runs is cleared before each of them,
    and would leave a database behind every time.
    """
    born = root / ".dvc" / "tmp" / "btime"
    born.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        born.open("x").close()
        link = next((one for one in _dot_gits(root) if one.exists()), None)
        if link is not None and link.is_file():
            made = link.stat().st_mtime_ns
            os.utime(born, ns=(made, made))
    return born


def _dot_gits(root: Path) -> Iterator[Path]:
    return (folder / ".git" for folder in (root, *root.parents))


def _mentions_cache(path: Path) -> bool:
    try:
        return _MATTERS.search(path.read_bytes()) is not None
    except OSError:
        return False


def _site_cache(project: DvcProject) -> str:
    configured = os.environ.get("DVC_SITE_CACHE_DIR") or project.site_cache
    return configured or usual_site_cache()


def usual_site_cache() -> str:
    """Return where DVC keeps its databases unasked."""
    if sys.platform == "darwin":
        from platformdirs import site_cache_dir  # noqa: PLC0415 - 6 ms, where it is needed

        return site_cache_dir("dvc", "iterative", opinion=True)
    return "/var/tmp/dvc"  # noqa: S108 - DVC's own choice
