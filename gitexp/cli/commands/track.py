"""`gitexp track`: put data behind DVC pointers."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from gitexp.cli.options import say, with_project
from gitexp.data.pointers import Pointer
from gitexp.model.numbers import size_text
from gitexp.pointers.track import track as track_paths
from gitexp.project import Project


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@with_project
def track(project: Project, paths: tuple[Path, ...]) -> None:
    """Put each PATH, a file or a folder of data, behind a DVC pointer, as `dvc add` does.

    Git then keeps the small pointer, DVC the data: every run records which version of the
    data it read. Repeat it when the data has changed. Nothing is staged or committed.

    \b
    Example:
      gitexp track data/images data/labels.csv
    """
    tracked = track_paths(project, paths)
    if tracked.is_new_project:
        say("note: DVC was set up here (`.dvc/`, `.dvcignore`)", err=True)
    for pointer in tracked.pointers:
        data = _shown(project, pointer.path)
        say(f"{data}.dvc points to {data} ({_extent(pointer)})")
    if tracked.to_add:
        files = shlex.join(_shown(project, path) for path in tracked.to_add)
        say(f"\nNext:\n  git add {files}", err=True)


def _shown(project: Project, path: str) -> str:
    """Return a path as seen from where the command was called."""
    return os.path.relpath(path, project.directory or ".")


def _extent(pointer: Pointer) -> str:
    size = size_text(pointer.size or 0)
    if pointer.nfiles is None:
        return size
    return f"{pointer.nfiles:,} file{'' if pointer.nfiles == 1 else 's'}, {size}"
