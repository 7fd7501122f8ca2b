"""Runs of Aim: what is in a folder `.aim`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct

from gitexp.importing.aim_chunk import Chunk, Sequence, read_chunk, require_rocks
from gitexp.importing.foreign import ForeignRun, Found, NoStore
from gitexp.importing.points import Point, curves_and_last
from gitexp.importing.store_files import as_errors, folders, is_folder, mapping, seconds_of
from gitexp.metrics.databases import TABLES, opened_file
from gitexp.model.values import Value

_HINT = "Name the folder that has `.aim` in it, as `aim init` was given it."
_SYSTEM = "__system_params"
"""What Aim notes by itself: among it all variables of the environment, which are not brought in."""
_LARGEST = 2_000_000_000
_RUNS = (
    "SELECT r.hash, r.name, r.description, r.is_archived, r.created_at, e.name FROM run r"
    " LEFT JOIN experiment e ON e.id = r.experiment_id"
)
_TAGS = (
    "SELECT r.hash, t.name FROM run r JOIN run_tag rt ON rt.run_id = r.id"
    " JOIN tag t ON t.id = rt.tag_id ORDER BY t.name"
)
_ENDED = "SELECT hash, finalized_at FROM run WHERE finalized_at IS NOT NULL"
_NOTES = "SELECT r.hash, n.content FROM note n JOIN run r ON r.id = n.run_id ORDER BY n.id"


class _Told(Struct):
    """What people said of a run, which Aim has in a database of SQLite."""

    name: str = ""
    description: str = ""
    experiment: str = ""
    created: float | None = None
    ended: float | None = None
    """Where an older Aim has it."""
    is_archived: bool = False
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def found(place: str | None, here: Path) -> Iterator[Found]:
    """Return the runs of a store; raises NoStore if there is none.

    Raises GitexpError where the library that reads it is not installed.
    """
    store = _store(here / (place or "."))
    if store is None:
        raise NoStore(f"there is no store of Aim's in '{place or here}'", _HINT)
    require_rocks()
    with as_errors():
        runs = [one.name for one in folders(store / "meta" / "chunks")]
        told, problem = _told(store / "run_metadata.sqlite")
    order = sorted(runs, key=lambda run: (told.get(run, _Told()).created or 0.0, run))
    return _found(store, order, told, problem)


def _store(place: Path) -> Path | None:
    chosen = (place, place / ".aim")
    return next((one for one in chosen if is_folder(one, "meta", "chunks")), None)


def _found(
    store: Path, runs: list[str], told: Mapping[str, _Told], problem: str
) -> Iterator[Found]:
    for run in runs:
        one = told.get(run, _Told())
        yield Found(run, one.name or run[:10], partial(_read, store, run, one, problem))


def _told(file: Path) -> tuple[dict[str, _Told], str]:
    """Return what the database has, by run, and what is wrong with it: the rest comes without."""
    found: dict[str, _Told] = {}
    try:
        if file.is_symlink():
            raise sqlite3.Error("it is a link")  # noqa: TRY301 - it is as good as damaged
        with opened_file(file, _LARGEST) as database:
            tables = {one for (one,) in database.execute(TABLES)}
            _require(tables, "run", "experiment")
            for run, *columns in database.execute(_RUNS):
                found[run] = _as_told(*columns)
            _require(tables, "tag", "run_tag", "note")
            for run, tag in database.execute(_TAGS):
                found.setdefault(run, _Told()).tags += (tag,)  # it may have come meanwhile
            for run, note in database.execute(_NOTES):
                found.setdefault(run, _Told()).notes += (note,)
            for run, ended in database.execute(_ENDED):
                found.setdefault(run, _Told()).ended = seconds_of(ended)
    except (sqlite3.Error, OSError) as error:
        return found, f"'{file.name}', which has names and tags, cannot be read whole: {error}"
    return found, ""


def _require(tables: set[str], *names: str) -> None:
    """Raise sqlite3.Error where what should be a table is none, or a view, which is a program."""
    for name in names:
        if name not in tables:
            raise sqlite3.Error(f"it has no table '{name}'")


def _as_told(
    name: str | None, said: str | None, archived: int | None, created: str | None, of: str | None
) -> _Told:
    is_default = name is None or name.startswith("Run: ")
    return _Told(
        "" if is_default else str(name),
        *(said or "", of or "", seconds_of(created)),
        is_archived=bool(archived),
    )


def _read(store: Path, run: str, told: _Told, problem: str) -> ForeignRun:
    with as_errors():
        chunk = read_chunk(store, run)
    system = mapping(chunk.attributes.get(_SYSTEM))
    params = {name: one for name, one in chunk.attributes.items() if name != _SYSTEM}
    points, others = _points(chunk.sequences)
    curves, metrics = curves_and_last(points)
    commit = mapping(mapping(system.get("git_info")).get("commit")).get("hash")
    return ForeignRun(
        name=told.name or f"{told.experiment or 'run'}-{run[:7]}",
        end="running" if (chunk.ended or told.ended) is None else "done",
        started=told.created or _first(points),
        ended=chunk.ended or told.ended or _last(points),
        command=_command(system),
        commit=commit if isinstance(commit, str) else None,
        message="\n\n".join(filter(None, (told.description, *told.notes))),
        tags=told.tags,
        packages=_packages(system),
        params=params,
        metrics=metrics,
        curves=curves,
        group=told.experiment,
        extra={"archived": True} if told.is_archived else {},
        problems=(*filter(None, (problem,)), *_problems(chunk, others, system)),
    )


def _points(sequences: list[Sequence]) -> tuple[dict[str, list[Point]], list[str]]:
    """Return the points of what is numbers by name, and the names of the rest."""
    found: dict[str, list[Point]] = {}
    others: list[str] = []
    for one in sequences:
        name = _called(one.name, one.context)
        if one.points:
            found[name] = one.points
        else:
            others.append(name)
    return found, others


def _called(name: str, context: Mapping[str, Value]) -> str:
    """Return one name for what Aim tells apart by a context as well.

    >>> _called("loss", {"subset": "train"}), _called("loss", {"subset": "val", "fold": 2})
    ('train/loss', 'val/fold=2/loss')
    """
    parts = (
        f"{one}" if key == "subset" else f"{key}={one}"
        for key, one in sorted(context.items(), key=lambda item: (item[0] != "subset", item[0]))
    )
    return "/".join((*parts, name))


def _first(points: Mapping[str, list[Point]]) -> float | None:
    return min((at for some in points.values() for _, _, at in some if at), default=None)


def _last(points: Mapping[str, list[Point]]) -> float | None:
    return max((at for some in points.values() for _, _, at in some if at), default=None)


def _command(system: Mapping[str, object]) -> tuple[str, ...]:
    program, words = system.get("executable"), system.get("arguments")
    if not isinstance(program, str) or not isinstance(words, list):
        return ()
    return (program, *map(str, words))


def _packages(system: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(f"{name}=={one}" for name, one in mapping(system.get("packages")).items())


def _problems(chunk: Chunk, others: list[str], system: Mapping[str, object]) -> Iterator[str]:
    if others:
        yield f"what is no number stays in Aim: {', '.join(others)}"
    if chunk.lost:
        yield f"attributes that are not plain values stay in Aim: {', '.join(chunk.lost)}"
    if "env_variables" in system:
        yield "the variables of its environment stay in Aim"
