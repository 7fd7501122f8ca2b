"""Code beside a project, as in a monorepo: what its programs import from there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gitexp.survey.sources import Source


def shared_folders(root: Path, top: Path, sources: Iterable[Source]) -> dict[str, tuple[str, str]]:
    """Return the packages above a project that it imports and does not have itself.

    They are paths from the project, each with its name and the source that imports it.
    """
    above = [folder for folder in root.parents if folder.is_relative_to(top)]
    found: dict[str, tuple[str, str]] = {}
    for source in sources if root != top else ():
        for name in sorted(source.imports):
            if (root / name).is_dir() or (root / f"{name}.py").is_file():
                continue
            places = (folder / name for folder in above)
            place = next((one for one in places if _is_package(one, root)), None)
            if place is not None:
                found.setdefault(os.path.relpath(place, root), (name, source.path))
    return found


def _is_package(folder: Path, root: Path) -> bool:
    """Return whether a folder has modules; the one that the project lies in is none of its own."""
    if root.is_relative_to(folder) or folder.is_symlink() or not folder.is_dir():
        return False
    return (folder / "__init__.py").is_file() or any(folder.glob("*.py"))
