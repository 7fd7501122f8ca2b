"""One run of Aim's: its two databases of RocksDB, opened where they lie.

Aim's `Repo` shows a run only when `aim up` has put it into an index, and makes the store one of
its own version when it opens it. These databases hold all of a run, and reading writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.importing import aim_values
from gitexp.importing.aim_values import Kind, Part, key_of, path_of, tree_of, value_of
from gitexp.importing.points import Point
from gitexp.importing.store_files import is_folder, mapping
from gitexp.model.values import Value, is_number

_NUMBERS = ("float", "float64", "int")
_VALUES, _STEPS, _TIMES = "val", "step", "time"
"""The columns of a sequence."""


class Sequence(Struct, frozen=True):
    """What was tracked under one name in one context."""

    name: str
    context: Mapping[str, Value]
    kind: str
    """What Aim calls the type of its values."""
    points: list[Point]
    """None of what is no number."""


class Chunk(Struct, frozen=True):
    """All that Aim keeps of a run in RocksDB."""

    attributes: dict[str, Value]
    lost: list[str]
    """Names of attributes that are not plain values."""
    sequences: list[Sequence]
    ended: float | None


def require_rocks() -> Any:
    """Return Aim's own library for RocksDB; raises GitexpError if it is not installed."""
    try:
        return import_module("aimrocks")
    except ImportError as error:
        raise GitexpError(
            "a store of Aim's is read by the package 'aimrocks', which is not installed",
            "`pip install aimrocks` installs it beside gitexp, on Python 3.12 or older.",
        ) from error


def read_chunk(store: Path, run: str) -> Chunk:
    """Return what is there of a run; raises GitexpError for what is damaged."""
    try:
        meta = _Database(store, "meta", run)
        own = ("meta", "chunks", run)
        attributes, lost = tree_of(meta.below(*own, "attrs"))
        contexts, _ = tree_of(meta.below(*own, "contexts"))
        traces, _ = tree_of(meta.below(*own, "traces"))
        ended = meta.value(*own, "end_time")
        sequences = list(_sequences(store, run, contexts, traces))
    except GitexpError:
        raise
    except Exception as error:  # aimrocks has errors of its own, none of them documented
        raise GitexpError(f"its database is damaged or not whole ({error})") from error
    return Chunk(attributes, lost, sequences, float(ended) if is_number(ended) else None)


class _Database:
    """A database of RocksDB, only read."""

    def __init__(self, store: Path, part: str, run: str) -> None:
        place = store / part / "chunks" / run
        is_plain = is_folder(store, part, "chunks", run)
        if not is_plain or any(one.is_symlink() for one in place.iterdir()):
            raise GitexpError(f"its database '{part}' is not there, or has a link in it")
        rocks = require_rocks()
        options = rocks.Options(create_if_missing=False)
        self._database = rocks.DB(str(place), options, read_only=True)

    def below(self, *above: Part) -> Iterator[tuple[aim_values.Path, Value | Kind]]:
        """Yield the values below a path, by the rest of their paths."""
        start = key_of(*above)
        items = self._database.iteritems()
        items.seek(start)
        for key, content in items:
            if not key.startswith(start):
                break
            if rest := path_of(key[len(start) :]):
                yield rest, value_of(content)

    def value(self, *path: Part) -> Value | Kind:
        """Return the value at a path, None if there is none."""
        content = self._database.get(key_of(*path))
        return None if content is None else value_of(content)


def _sequences(
    store: Path, run: str, contexts: Mapping[str, Value], traces: Mapping[str, Value]
) -> Iterator[Sequence]:
    if not traces:
        return
    values = _Database(store, "seqs", run)
    for number, names in traces.items():
        context = contexts.get(number)
        for name, told in mapping(names).items():
            kind = str(mapping(told).get("dtype", "float"))  # the oldest had no other
            version = mapping(told).get("version", 1)
            above = ("seqs", *(() if version == 1 else (f"v{version}",)), "chunks", run)
            place = (*above, int(number), name)
            points = list(_points(values, *place)) if kind in _NUMBERS else []
            yield Sequence(name, context if isinstance(context, dict) else {}, kind, points)


def _points(values: _Database, *place: Part) -> Iterator[Point]:
    """Yield the points of a sequence: a number for each step, by a hash of it or by itself."""
    steps, times = (
        {path: one for path, one in values.below(*place, column) if is_number(one)}
        for column in (_STEPS, _TIMES)
    )
    for path, value in values.below(*place, _VALUES):
        [at] = path
        step = steps.get(path, at if not steps else None)
        time = times.get(path)
        if is_number(value) and is_number(step):
            yield step, value, time
