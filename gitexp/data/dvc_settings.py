"""DVC's configuration as far as it says where data goes, read without DVC."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.data.dvc_configs import config_files, read_sections

_VERSIONED = ("version_aware", "worktree")
_TRUE = frozenset({"true", "yes", "1", "on"})


class DvcSettings(Struct, frozen=True):
    """What the configuration files of a DVC project say together."""

    root: Path
    cache: Path
    cache_is_chosen: bool
    """Whether the cache is elsewhere than DVC puts it unasked."""
    remote: str | None
    """The name of the default remote."""
    remotes: frozenset[str]
    analytics: bool
    """Whether DVC sends usage data to its makers."""
    versioned: frozenset[str] = frozenset()
    """The remotes that keep data under its name, with the storage's own versions."""


def read_settings(root: Path) -> DvcSettings:
    """Read system, user, project and private configuration, the last word being the last one's."""
    core: dict[str, str] = {}
    cache: Path | None = None
    remotes: dict[str, dict[str, str]] = {}
    for file in config_files(root):
        sections = read_sections(file)
        core.update(sections.get("core", {}))
        folder = sections.get("cache", {}).get("dir")
        cache = file.parent / Path(folder).expanduser() if folder else cache
        for name, section in sections.items():
            if name.startswith(('remote "', "remote '")):
                remotes.setdefault(name[8:-1], {}).update(section)
    return DvcSettings(
        root=root,
        cache=Path(os.path.normpath(cache or root / ".dvc" / "cache")),
        cache_is_chosen=cache is not None,
        remote=core.get("remote"),
        remotes=frozenset(remotes),
        analytics=_analytics(core),
        versioned=frozenset(
            name
            for name, section in remotes.items()
            if any(section.get(key, "").lower() in _TRUE for key in _VERSIONED)
        ),
    )


def hydra_section(root: Path) -> Mapping[str, str]:
    """Return what the configuration says of Hydra; nothing unless the project itself mentions it.

    Other configurations are read only then: to find them takes 6 ms.
    """
    ours = (root / ".dvc" / "config", root / ".dvc" / "config.local")
    if not any(file.is_file() and b"hydra" in file.read_bytes().lower() for file in ours):
        return {}
    found: dict[str, str] = {}
    for file in config_files(root):
        found.update(read_sections(file).get("hydra", {}))
    return found


def cache_at(root: Path) -> Path | None:
    """Return the cache of a folder, if that is a DVC project."""
    return read_settings(root).cache if (root / ".dvc").is_dir() else None


def sharing(cache: Path) -> str:
    """Return the command after which a linked work tree has the data of a cache."""
    return f"dvc cache dir --local {shlex.quote(str(cache))} && dvc checkout"


def _analytics(core: Mapping[str, str]) -> bool:
    if os.environ.get("DVC_NO_ANALYTICS"):
        return False
    return core.get("analytics", "true").lower() in _TRUE
