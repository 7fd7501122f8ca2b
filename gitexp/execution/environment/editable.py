"""Packages installed in editable mode from this repository, which would run the live code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gitexp.execution.environment.installation import Inquiry, describe
from gitexp.execution.environment.interpreter import interpreters

_SOURCE_FOLDERS = ("src", "lib")


def editable_folders(
    argv: Sequence[str], *, top: Path, cwd: Path, env: Mapping[str, str], cache: Path
) -> list[Path]:
    """Return the folders of this repository from which the command's Python would import.

    They are found where installers write them down: in `direct_url.json` (PEP 610), and in
    `.pth` files.
    """
    inquiry = Inquiry(cwd, env, cache)
    for program in interpreters(argv, cwd=cwd, env=env):
        if found := describe(program, inquiry):
            named = (path for folder in found.folders for path in _named_in(folder))
            return list(dict.fromkeys(path for path in named if path.is_relative_to(top)))
    return []


def _named_in(site_packages: Path) -> Iterator[Path]:
    for file in site_packages.glob("*.pth"):
        for line in file.read_text(errors="replace").splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                yield (site_packages / line.strip()).resolve()
    for file in site_packages.glob("*.dist-info/direct_url.json"):
        try:
            told = json.loads(file.read_bytes())
            is_editable = told.get("dir_info", {}).get("editable")
            url = urlsplit(told.get("url", ""))
        except (OSError, ValueError, AttributeError):
            continue
        if is_editable and url.scheme == "file":
            project = Path(unquote(url.path)).resolve()
            inner = [project / name for name in _SOURCE_FOLDERS]
            yield from (*(path for path in inner if path.is_dir()), project)


def python_path(folders: Sequence[Path], *, top: Path, copy: Path, env: Mapping[str, str]) -> str:
    """Return a PYTHONPATH on which the copies of the folders come first."""
    moved = [str(copy / folder.relative_to(top)) for folder in folders]
    return os.pathsep.join([*moved, *filter(None, [env.get("PYTHONPATH", "")])])
