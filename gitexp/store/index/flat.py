"""Values of records under flat names, for a hundred thousand records most of which look alike."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record import Documents
from gitexp.model.values import Value, flatten

Names = tuple[str, ...]
Flat = tuple[Names, tuple[Value, ...]]
"""Flat names with their values."""
NOTHING: Flat = ((), ())

_Way = tuple[str | bool, ...]
"""The keys of a document as they come; True where a mapping begins, False where it ends."""
_MOST = 1000
_known: dict[_Way, Names | None] = {}
"""The flat names of documents by their keys; None where two ways lead to one name."""


def flat(documents: Documents) -> Flat:
    """Return what `flat_values` does, in two thirds of the time for one like earlier ones."""
    if len(documents) == 1:
        (document,) = documents.values()
        way: list[str | bool] = []
        values: list[Value] = []
        _collect(document, way, values)
        key = tuple(way)
        names = _known[key] if key in _known else _learned(key, document)
        if names is not None:
            return names, tuple(values)
    found = flat_values(documents)
    return tuple(found), tuple(found.values())


def _collect(document: Mapping[str, Value], way: list[str | bool], values: list[Value]) -> None:
    for key, value in document.items():
        way.append(key)
        if value.__class__ is dict and value:
            way.append(True)
            _collect(value, way, values)
            way.append(False)
        else:
            values.append(value)


def _learned(way: _Way, document: Mapping[str, Value]) -> Names | None:
    names = tuple(flatten(document))
    leaves = sum(isinstance(one, str) for one in way) - way.count(True)
    if len(_known) >= _MOST:
        _known.clear()
    return _known.setdefault(way, names if len(names) == leaves else None)
