"""The files of DVC's configuration: where they lie, what they say, and which come with a commit.

A committed `.dvc/config` may be a stranger's. A folder outside of the repository that it alone
names is not made, and nothing is fetched into it, unless it is a cache already.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern

Sections = Mapping[str, Mapping[str, str]]

_HEX = lazy_pattern("[0-9a-f]{2}")


def config_files(root: Path) -> tuple[Path, ...]:
    """Return the files that make up DVC's configuration; a later one has the last word."""
    from platformdirs import site_config_dir, user_config_dir  # noqa: PLC0415 - 6 ms, where data is behind pointers

    system = os.environ.get("DVC_SYSTEM_CONFIG_DIR") or site_config_dir("dvc", "iterative")
    user = os.environ.get("DVC_GLOBAL_CONFIG_DIR") or user_config_dir("dvc", "iterative")
    folder = root / ".dvc"
    return (
        Path(system, "config"),
        Path(user, "config"),
        folder / "config",
        folder / "config.local",
    )


def read_sections(file: Path) -> Sections:
    """Return what one of the files says, names in lower case; raises GitexpError."""
    from configobj import ConfigObj, ConfigObjError  # noqa: PLC0415 - 3 ms, what DVC reads them with

    if not file.is_file():
        return {}
    try:
        read = ConfigObj(str(file), list_values=False, encoding="utf-8")
    except (ConfigObjError, OSError, UnicodeDecodeError) as error:
        raise GitexpError(
            f"DVC cannot read its configuration '{file}': {error}", "See `dvc config --list`."
        ) from error
    return {
        name.lower(): {key.lower(): str(value) for key, value in section.items()}
        for name, section in read.items()
        if isinstance(section, dict)
    }


def is_committed_alone(root: Path, section: str, key: str) -> bool:
    """Return whether `.dvc/config` has a setting, and no configuration of the user's own has it."""
    *users, ours, private = config_files(root)
    others = (read_sections(file).get(section, {}) for file in (*users, private))
    return key in read_sections(ours).get(section, {}) and not any(key in one for one in others)


def check_cache(root: Path, folder: Path) -> None:
    """Raise GitexpError for a cache that a commit has put outside of the repository.

    Unless one is there: to an existing one nothing is added but objects under their own hashes.
    """
    if _is_inside(root, folder) or _is_cache(folder):
        return
    if is_committed_alone(root, "cache", "dir") or is_committed_alone(root, "cache", "local"):
        raise GitexpError(
            f"'.dvc/config' has data kept in '{folder}', which is outside of the repository and "
            "is not a cache yet",
            hint=f"If you trust whoever wrote that: `dvc cache dir --local '{folder}'`.",
        )


def strange_site_cache(root: Path) -> bool:
    """Return whether a commit alone says where DVC keeps its databases, outside of the repository.

    What it says is passed over: DVC makes that folder writable for everybody.
    """
    named = read_sections(root / ".dvc" / "config").get("core", {}).get("site_cache_dir")
    if not named or _is_inside(root, root / named):
        return False
    return is_committed_alone(root, "core", "site_cache_dir")


def _is_inside(root: Path, folder: Path) -> bool:
    around = (one for one in (root, *root.parents) if os.path.lexists(one / ".git"))
    top = os.path.realpath(next(around, root))
    return Path(os.path.realpath(folder)).is_relative_to(top)


def _is_cache(folder: Path) -> bool:
    """Return whether a folder is a cache of DVC's, of any version."""
    if (folder / "files" / "md5").is_dir():
        return True
    try:
        return any(_HEX.fullmatch(one.name) for one in folder.iterdir())
    except OSError:
        return False
