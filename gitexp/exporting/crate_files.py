"""The small files of runs that come along in a crate, and where they are written."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.exporting.crate import FILES, METADATA, About, Exported, described, place_of
from gitexp.exporting.crate_listing import files_listed, listed_in
from gitexp.exporting.whole import whole
from gitexp.model.record import NO_FILES
from gitexp.model.refused_names import is_refused
from gitexp.project import Project
from gitexp.store.stored_run import RECORD_NAME, StoredRun

ENVIRONMENT = ".gitexp/environment.txt"
_LARGEST = 1_000_000
"""Bytes of a file that still comes along."""


def exported(project: Project, run: StoredRun) -> Exported:
    """Return a run with its record, params, metrics and packages, as its commit has them.

    Its paths may be those of a stranger: what git would not check out is left out. Raises
    UnreadableRecord.
    """
    record = run.record
    folder = f"{run.project}/" if run.project else ""
    names = [*record.params, *record.metrics, RECORD_NAME, ENVIRONMENT]
    paths = dict.fromkeys(name for name in names if name not in NO_FILES and _may_be(name))
    objects = project.repository.objects
    found = {path: objects.blob(f"{run.oid}:{folder}{path}") for path in paths}
    files = {path: one for path, one in found.items() if one is not None and len(one) <= _LARGEST}
    return Exported(run.oid, record, files)


def _may_be(path: str) -> bool:
    try:
        return b"\0" not in os.fsencode(path) and not is_refused(path)
    except UnicodeEncodeError:
        return False


def write_crate(runs: Iterable[Exported], folder: Path, about: About) -> int:
    """Write runs into a folder that is there: their small files, and the description.

    One run after the other, so that the files of one alone are in memory. Returns how many runs
    there were; raises GitexpError if they cannot be written.
    """
    number, before = itertools.count(), files_listed(folder)
    said = described((run for run, _ in zip(_written(runs, folder), number, strict=False)), about)
    _remove(folder, before - listed_in(said))
    with whole(folder / METADATA) as place, place.open("w") as file:
        json.dump(said, file, indent=2)
        file.write("\n")
    return next(number)


def _remove(folder: Path, paths: Iterable[str]) -> None:
    """Remove files that the crate before had, and folders that are empty now; links are kept.

    Its description may be a stranger's: only what lies below the folder of runs is removed.
    """
    top = folder.resolve() / FILES
    for path in paths:
        target = folder / path
        parent = target.parent.resolve()
        if not parent.is_relative_to(top) or target.is_symlink() or not target.is_file():
            continue
        with contextlib.suppress(OSError):  # what is left over does no harm
            target.unlink()
            while parent != top:
                parent.rmdir()
                parent = parent.parent


def _written(runs: Iterable[Exported], folder: Path) -> Iterator[Exported]:
    """Yield runs whose files are written, and through no link."""
    top = folder.resolve()
    for run in runs:
        for path, content in run.files.items():
            target = folder / place_of(run, path)
            if not target.parent.resolve().is_relative_to(top):
                raise GitexpError(
                    f"'{target.parent}' is a link, or behind one, and is not written through",
                    hint="Name another folder.",
                )
            with contextlib.suppress(OSError):  # writing says what is wrong
                target.parent.mkdir(parents=True, exist_ok=True)
            with whole(target) as place:
                place.write_bytes(content)
        yield run
