"""The folder of a run under way: files written whole, read back, and put onto the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.errors import GitexpError

PLAN, STARTED, ENDED = "plan.json", "started.json", "ended.json"
OUTCOME, ENVIRONMENT = "outcome.json", "environment.json"
FORMAT = 1
"""Of these files: what another version wrote is not read."""


def write_values(path: Path, values: Mapping[str, Any], *, onto_disk: bool = False) -> None:
    """Write a file whole or not at all; names that are not UTF-8 stay what they are."""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="ascii") as file:
        json.dump({"format": FORMAT, **values}, file)
        if onto_disk:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)


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
