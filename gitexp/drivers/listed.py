"""Pointer files with what they list by its path, as values and back."""

from __future__ import annotations

from gitexp.model.values import Value, Values

LOCK = "dvc.lock"


def is_pointer_file(name: str) -> bool:
    """Return whether a file of this name holds DVC's pointers.

    >>> is_pointer_file("model.pt.dvc"), is_pointer_file("dvc.lock"), is_pointer_file(".dvc")
    (True, True, False)
    """
    return name == LOCK or (name.endswith(".dvc") and name != ".dvc")


def by_path(values: Values) -> dict[str, Value]:
    """Return a document in which lists of things that have a path are mappings by it.

    >>> by_path({"outs": [{"path": "m.pt", "md5": "ab"}], "frozen": True})
    {'outs': {'m.pt': {'md5': 'ab'}}, 'frozen': True}
    """
    return {key: _by_path(value) for key, value in values.items()}


def _by_path(value: Value) -> Value:
    if isinstance(value, dict):
        return by_path(value)
    if isinstance(value, list) and value:
        found: dict[str, Value] = {}
        for item in value:
            path = item.get("path") if isinstance(item, dict) else None
            if not isinstance(item, dict) or path is None or str(path) in found:
                return value
            found[str(path)] = {key: one for key, one in item.items() if key != "path"}
        return found
    return value
