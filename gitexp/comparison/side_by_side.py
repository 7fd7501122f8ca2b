"""Values that stand under the name of a tracker on one side and in a file on the other, together.

Lists and queries go by the names of metrics and params alone. So does a comparison where a name is
in one place on each side, and one of these is what a tracker kept: `loss` of a run that was
imported is the `loss` in `metrics.json` of a newer one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gitexp.model.record import IMPORTED_FROM, Documents
from gitexp.model.values import Value, flatten

_Flat = Mapping[str, Mapping[str, Value]]


def side_by_side(sides: Sequence[Documents]) -> list[Documents]:
    """Return the documents of each side, with what trackers kept where the others have it.

    >>> old, new = {"mlflow": {"loss": 0.5, "f1": 1}}, {"metrics.json": {"loss": 0.4}}
    >>> side_by_side([old, new])[0]
    {'mlflow': {'f1': 1}, 'metrics.json': {'loss': 0.5}}
    """
    if not any(file in IMPORTED_FROM for side in sides for file in side):
        return [*sides]
    flat = [{file: flatten(values) for file, values in side.items()} for side in sides]
    homes = _homes(flat)
    return [_moved(side, one, homes) for side, one in zip(sides, flat, strict=True)]


def paired(old: Documents, new: Documents) -> tuple[Documents, Documents]:
    """Return the documents of two sides likewise."""
    before, after = side_by_side([old, new])
    return before, after


def _homes(sides: Sequence[_Flat]) -> dict[str, str]:
    """Return where each name belongs that trackers have; none that a side has in two places."""
    places: dict[str, dict[str, None]] = {}
    twice: set[str] = set()
    for side in sides:
        times = Counter(name for values in side.values() for name in values)
        twice.update(name for name, count in times.items() if count > 1)
        for file, values in side.items():
            for name in values:
                places.setdefault(name, {})[file] = None
    homes: dict[str, str] = {}
    for name, files in places.items():
        others = [file for file in files if file not in IMPORTED_FROM]
        if name not in twice and len(files) > 1 and len(others) <= 1:
            homes[name] = next(iter(others or files))
    return homes


def _moved(side: Documents, flat: _Flat, homes: Mapping[str, str]) -> Documents:
    moved: dict[str, dict[str, Value]] = {}
    made: dict[str, dict[str, Value]] = {}
    for file, values in side.items():
        away = {name: homes[name] for name in flat[file] if homes.get(name, file) != file}
        if file not in IMPORTED_FROM or not away:
            made[file] = values
            continue
        for name, home in away.items():
            moved.setdefault(home, {})[name] = flat[file][name]
        if kept := {name: one for name, one in flat[file].items() if name not in away}:
            made[file] = kept
    for file, values in moved.items():
        made[file] = {**made.get(file, {}), **values}
    return made
