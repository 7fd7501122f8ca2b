"""The folder of a run under way: values written whole, and read back by their type."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, ValidationError, convert, to_builtins

from gitexp.errors import GitexpError
from gitexp.store.journal import BEGUN

PLAN, STARTED, ENDED = "plan.json", BEGUN, "ended.json"
OUTCOME, ENVIRONMENT = "outcome.json", "environment.json"
NEXT = "next-began"
"""Empty; its time says when another run began in the same work tree."""
_FORMAT = 3
"""Of these files: what another version wrote is not read."""

Kept = TypeVar("Kept", bound=Struct)


def text_of(value: Struct) -> str:
    """Return what is written of a value; names that are not UTF-8 stay what they are."""
    return json.dumps({"format": _FORMAT, **to_builtins(value)})


def write_value(path: Path, value: Struct, *, onto_disk: bool = False) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(text_of(value).encode())
        if onto_disk:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)


def read_value(path: Path, kind: type[Kept]) -> Kept | None:
    """Return what was written down, None if nothing was; raises GitexpError for a damaged file."""
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise GitexpError(f"'{path}' cannot be read: {error}") from error
    if not isinstance(values, dict) or values.pop("format", None) != _FORMAT:
        raise GitexpError(f"'{path}' was written by another version of gitexp")
    try:
        return convert(values, kind)
    except ValidationError as error:
        raise GitexpError(f"'{path}' cannot be read: {error}") from error
