"""Which files a crate says that it has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from gitexp.exporting.crate import FILES, METADATA


def files_listed(folder: Path) -> set[str]:
    """Return the files of runs that the crate in a folder lists; none if it cannot be read."""
    try:
        return listed_in(json.loads((folder / METADATA).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return set()


def listed_in(description: object) -> set[str]:
    """Return the paths of the files of runs in a description, which may be anybody's."""
    graph = description.get("@graph") if isinstance(description, dict) else None
    entities = [one for one in graph if isinstance(one, dict)] if isinstance(graph, list) else []
    names = [one.get("@id") for one in entities if one.get("@type") == "File"]
    paths = (os.fsdecode(unquote_to_bytes(name)) for name in names if isinstance(name, str))
    return {path for path in paths if path.startswith(f"{FILES}/") and "\0" not in path}
