"""The whole output of recorded runs, kept until `gc`."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gitexp.project import Project
from gitexp.store.own import own_folder


def keep_log(project: Project, log: Path, run_id: str) -> None:
    """Keep the whole output of a recorded run, until `gc`."""
    place = own_folder(project.repository).log(run_id)
    with contextlib.suppress(OSError):
        place.parent.mkdir(exist_ok=True)
        log.replace(place)


def ends_a_line(project: Project, run_id: str) -> bool:
    """Return whether the output of a recorded run ends where a new line begins.

    The terminal has shown it, so that is where the cursor is.
    """
    log = own_folder(project.repository).log(run_id)
    try:
        with log.open("rb") as file:
            if not file.seek(0, os.SEEK_END):
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) in b"\r\n"
    except OSError:
        return True
