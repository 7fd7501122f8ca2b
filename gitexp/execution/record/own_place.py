"""What a params file says of the folder that a run made for itself: no param, though it varies."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from gitexp.model.values import Value

_NAMES = frozenset({"name", "run_name", "exp_name", "experiment_name", "run_id", "id"})


def without_own_place(values: Mapping[str, Value], folder: str) -> dict[str, Value]:
    """Leave out the path of the folder in which the file lies, and its name if it has the path.

    A path has two folders at least: a single word may be anything.

    >>> without_own_place({"lr": 1, "name": "train2", "save_dir": "runs/train2"}, "/p/runs/train2")
    {'lr': 1}
    """
    places = {key for key, value in values.items() if _leads_to(value, folder)}
    own_name = posixpath.basename(folder)
    if places:
        places |= {key for key, value in values.items() if key in _NAMES and value == own_name}
    return {key: value for key, value in values.items() if key not in places}


def _leads_to(value: Value, folder: str) -> bool:
    if not isinstance(value, str) or "/" not in value.strip("/"):
        return False
    path = posixpath.normpath(value)
    return path == folder or (not path.startswith("/") and folder.endswith(f"/{path}"))
