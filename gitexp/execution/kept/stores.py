"""The stores that a run offers to trackers: made before its command, kept as long as the run."""

from __future__ import annotations

import contextlib
import gzip
import shutil

from gitexp.execution.capture.offer import DATABASE, place_of
from gitexp.project import Project


def make_stores(project: Project, run_id: str) -> None:
    """Make the folder in which trackers make their stores, if it may be needed."""
    if project.config.capture:
        place_of(project, run_id).mkdir(parents=True, exist_ok=True)


def keep_stores(project: Project, run_id: str) -> None:
    """Keep what was logged into the stores of a recorded run: each step, and texts.

    A database of MLflow's is a megabyte of empty tables, and packed a fiftieth of that.
    """
    place = place_of(project, run_id)
    with contextlib.suppress(OSError):
        if not place.is_dir():
            return
        database = place / DATABASE
        if database.is_file():
            with database.open("rb") as source, gzip.open(f"{database}.gz", "wb", 6) as target:
                shutil.copyfileobj(source, target)
            database.unlink()
        place.rmdir()  # where nothing was logged


def drop_stores(project: Project, run_id: str) -> None:
    """Remove the stores of a run that is not recorded."""
    shutil.rmtree(place_of(project, run_id), ignore_errors=True)
