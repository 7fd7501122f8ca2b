"""Pickles, joblib's files and torch's, compared by what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitexp.contents.answer import EQUAL, Answer, differs, unknown
from gitexp.contents.pickle_reader import StandIn, Unreadable, read_pickle
from gitexp.contents.values import same_value

_CLOCKS = frozenset({"lifecycle_events", "total_train_time"})
"""Attributes in which objects keep when, where and how fast they were made: gensim's."""


def compare_pickles(old: Path, new: Path) -> Answer:
    """Compare without unpickling; whether an object is there once or as two copies is no matter."""
    try:
        one, other = read_pickle(old), read_pickle(new)
    except Unreadable as error:
        return unknown(f"it is not unpickled, and {error}")
    return _compare(one, other)


def compare_unpickled(old: Path, new: Path) -> Answer:
    """Unpickle, which runs code that the files name, and compare what that makes."""
    import pickle  # noqa: PLC0415 - where it is asked for alone
    import tempfile  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        places = []
        for number, path in enumerate((old, new)):
            place = Path(scratch, str(number))
            place.write_bytes(pickle.dumps(_unpickled(path), protocol=4))
            places.append(place)
        return compare_pickles(*places)


def _unpickled(path: Path) -> Any:
    import pickle  # noqa: PLC0415 - as above

    try:
        import joblib  # noqa: PLC0415 - it need not be installed
    except ImportError:
        with path.open("rb") as file:
            return pickle.load(file)  # noqa: S301 - this is what was asked for
    return joblib.load(path)


def _compare(old: Any, new: Any) -> Answer:
    """Compare two graphs of objects, each pair of them once."""
    todo: list[tuple[str, Any, Any]] = [("", old, new)]
    seen: dict[tuple[int, int], tuple[Any, Any]] = {}  # kept, lest another takes over an id
    while todo:
        path, one, other = todo.pop()
        if (id(one), id(other)) in seen:
            continue
        if type(one) is not type(other):
            return differs(f"{_at(path)} is of another kind")
        if not isinstance(one, StandIn | dict | list | tuple):
            if not same_value(one, other):
                return differs(f"{_at(path)} holds other values")
            continue
        seen[id(one), id(other)] = (one, other)
        inner = _pairs(path, one, other)
        if inner is None:
            return differs(f"{_at(path)} holds more or less, or other names")
        todo += inner
    return EQUAL


def _pairs(path: str, one: Any, other: Any) -> list[tuple[str, Any, Any]] | None:
    """Return what is inside of both, in pairs; None if they are not of one form."""
    if isinstance(one, StandIn):
        return [
            (path, one.what, other.what),
            (path, one.args, other.args),
            (path, _timeless(one.state), _timeless(other.state)),
            (path, one.items, other.items),
        ]
    if len(one) != len(other):
        return None
    if isinstance(one, dict):
        plain = all(isinstance(key, str | int) for key in (*one, *other))
        if not plain:
            return [(path, list(one.items()), list(other.items()))]
        if one.keys() != other.keys():
            return None
        return [(f"{path}.{key}" if path else str(key), one[key], other[key]) for key in one]
    return [(path, a, b) for a, b in zip(one, other, strict=True)]


def _timeless(state: Any) -> Any:
    if isinstance(state, dict) and _CLOCKS.intersection(state):
        return {key: value for key, value in state.items() if key not in _CLOCKS}
    return state


def _at(path: str) -> str:
    return f"'{path}'" if path else "the object"
