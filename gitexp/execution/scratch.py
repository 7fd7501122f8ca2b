"""The folder of a run under way: files written whole, read back, and put onto the disk."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.errors import GitexpError
from gitexp.execution.started import Started
from gitexp.project import Project
from gitexp.store.branch import private_path
from gitexp.store.journal import RUNNING

PLAN, STARTED, ENDED = "plan.json", "started.json", "ended.json"
OUTCOME, ENVIRONMENT = "outcome.json", "environment.json"
FORMAT = 1
"""Of these files: what another version wrote is not read."""


def put_onto_disk(started: Started) -> None:
    """Wait until the disk has what a power cut must not take: for while the command runs.

    What is not on the disk before that is lost with a command of a moment, which can be repeated.
    """
    repository, run_id = started.project.repository, started.plan.id
    paths = [started.scratch / PLAN, started.scratch / STARTED]
    paths += [started.scratch / "snapshot.index", repository.common_dir / f"{RUNNING}{run_id}"]
    for path in (*paths, *dict.fromkeys(path.parent for path in paths)):
        with contextlib.suppress(OSError):  # refs may lie elsewhere
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def write_values(path: Path, values: Mapping[str, Any], *, onto_disk: bool = False) -> None:
    """Write a file whole or not at all; names that are not UTF-8 stay what they are."""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="ascii") as file:
        json.dump({"format": FORMAT, **values}, file)
        if onto_disk:
            file.flush()
            os.fsync(file.fileno())
    os.replace(temporary, path)  # noqa: PTH105 - says what it does


def read_values(path: Path) -> dict[str, Any] | None:
    """Return what was written down, None if nothing was; raises GitexpError for a damaged file."""
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise GitexpError(f"'{path}' cannot be read: {error}") from error
    if values.pop("format", None) != FORMAT:
        raise GitexpError(f"'{path}' was written by another version of gitexp")
    return values


def keep_log(log: Path, run_id: str) -> None:
    """Keep the whole output of a recorded run, until `gc`."""
    place = log.parent.parent.parent / "logs" / f"{run_id}.log"
    with contextlib.suppress(OSError):
        place.parent.mkdir(exist_ok=True)
        log.replace(place)


def ends_a_line(project: Project, run_id: str) -> bool:
    """Return whether the output of a recorded run ends where a new line begins."""
    log = private_path(project.repository) / "logs" / f"{run_id}.log"
    try:
        with log.open("rb") as file:
            if not file.seek(0, os.SEEK_END):
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) in b"\r\n"
    except OSError:
        return True
