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

_Way = tuple[str | bool | None, ...]
"""The keys of a mapping, then False where all its values are leaves; else what stands for each of
them: None for a leaf, True and its own way for a mapping."""
_MOST = 1000
_known: dict[_Way, Names | None] = {}
"""The flat names of documents by their keys; None where two ways lead to one name."""


def flat(documents: Documents) -> Flat:
    """Return what `flat_values` does, in two thirds of the time for one like earlier ones."""
    if len(documents) == 1:
        (document,) = documents.values()
        way: list[str | bool | None] = []
        values: list[Value] = []
        _collect(document, way, values)
        key = tuple(way)
        names = _known[key] if key in _known else _learned(key, document, len(values))
        if names is not None:
            return names, tuple(values)
    found = flat_values(documents)
    return tuple(found), tuple(found.values())


def _collect(
    document: Mapping[str, Value], way: list[str | bool | None], values: list[Value]
) -> None:
    own = document.values()
    way += document
    if dict not in set(map(type, own)):
        way.append(False)
        values += own
        return
    for value in own:
        if value.__class__ is dict and value:
            way.append(True)
            _collect(value, way, values)
        else:
            way.append(None)
            values.append(value)


def _learned(way: _Way, document: Mapping[str, Value], leaves: int) -> Names | None:
    names = tuple(flatten(document))
    if len(_known) >= _MOST:
        _known.clear()
    return _known.setdefault(way, names if len(names) == leaves else None)
