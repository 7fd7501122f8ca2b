"""Runs of Sacred, as its `FileStorageObserver` leaves them: a folder of small texts for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.importing.foreign import Artifact, End, ForeignRun, Found, NoStore, Unreadable
from gitexp.importing.jsonpickle_values import restored
from gitexp.importing.points import Point, curves_and_last
from gitexp.importing.store_files import (
    as_errors,
    folders,
    mapping,
    place_of,
    plain_values,
    read_json,
    seconds_of,
    size_inside,
)
from gitexp.model.values import Value, is_number

_OWN = ("_resources", "_sources")
_ENDS: Mapping[str, End] = {"COMPLETED": "done", "FAILED": "failed", "RUNNING": "running"}
"""What is none of them was stopped: INTERRUPTED, TIMED_OUT, or whatever a script calls it."""


_HINT = "Name the folder that `FileStorageObserver` was given: each run is a folder in it."


def found(place: str, here: Path) -> Iterator[Found | Unreadable]:
    """Return the runs of a folder in the order of their numbers; raises NoStore if it has none."""
    with as_errors():
        every = list(folders(place_of(place, here, _HINT)))
    runs = [one for one in every if one.name not in _OWN and (one / "run.json").is_file()]
    if not runs:
        raise NoStore(f"there is no run of Sacred in '{place}'", _HINT)
    return _found(sorted(runs, key=_number))


def _found(runs: list[Path]) -> Iterator[Found | Unreadable]:
    for folder in runs:
        try:
            run = mapping(read_json(folder / "run.json"))
        except (GitexpError, OSError) as error:
            yield Unreadable(folder.name, str(error))
            continue
        if seconds_of(run.get("start_time")) is not None:
            yield Found(_key(run), _name(folder, run), partial(_read, folder, run))
        elif run.get("status") != "QUEUED":
            yield Unreadable(folder.name, "'run.json' does not say when it started")


def _number(folder: Path) -> tuple[int, str]:
    number = folder.name
    return (int(number), "") if number.isdecimal() and len(number) < 20 else (1 << 70, number)  # noqa: PLR2004 - digits of a number


def _key(run: Mapping[str, object]) -> str:
    """Return what tells a run from all others; its number does not, each folder begins at 1."""
    host = mapping(run.get("host")).get("hostname")
    return f"{run.get('start_time')}:{host}:{mapping(run.get('experiment')).get('name')}"


def _name(folder: Path, run: Mapping[str, object]) -> str:
    return f"{mapping(run.get('experiment')).get('name') or 'run'}-{folder.name}"


def _read(folder: Path, run: Mapping[str, object]) -> ForeignRun:
    experiment, host = mapping(run.get("experiment")), mapping(run.get("host"))
    end = _ENDS.get(str(run.get("status")), "interrupted")
    ended = seconds_of(run.get("stop_time")) or seconds_of(run.get("heartbeat"))
    problems: list[str] = []
    with as_errors():
        curves, metrics = curves_and_last(_points(folder, problems))
        told = _told("result", run.get("result"), problems), _plain(folder, "info", problems)
        config = _plain(folder, "config", problems)
    for name, value in zip(("result", "info"), told, strict=True):
        if value not in (None, {}, []):
            metrics.setdefault(name, value)
    system, packages = host.get("os"), experiment.get("dependencies")
    return ForeignRun(
        name=_name(folder, run),
        end=end,
        started=seconds_of(run.get("start_time")),
        ended=ended,
        commit=_commit(experiment),
        message=_text(mapping(run.get("meta")), "comment"),
        host=_text(host, "hostname") or None,
        python=_text(host, "python_version") or None,
        platform=str(system[-1]) if isinstance(system, list) and system else None,
        packages=tuple(map(str, packages)) if isinstance(packages, list) else (),
        params=plain_values(config),
        metrics=metrics,
        curves=curves,
        group=_text(experiment, "name"),
        artifacts=tuple(_artifacts(folder, run)),
        extra={
            "number": folder.name,
            "command": _text(run, "command"),
            "main": _text(experiment, "mainfile"),
            "status": _text(run, "status"),
        },
        problems=tuple(problems),
    )


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _plain(folder: Path, name: str, problems: list[str]) -> Value:
    """Return what is in a file of a run; not every run has all of them."""
    try:
        value = read_json(folder / f"{name}.json")
    except FileNotFoundError:
        return None
    return _told(name, value, problems)


def _told(name: str, value: object, problems: list[str]) -> Value:
    plain, lost = restored(value)
    if lost:
        problems.append(f"{name} has values that are not plain: {', '.join(lost)}")
    return plain


def _points(folder: Path, problems: list[str]) -> dict[str, list[Point]]:
    try:
        metrics = mapping(read_json(folder / "metrics.json"))
    except FileNotFoundError:
        return {}
    made: dict[str, list[Point]] = {}
    for name, one in metrics.items():
        columns = (mapping(one).get(column) for column in ("steps", "values", "timestamps"))
        steps, values, times = (column if isinstance(column, list) else [] for column in columns)
        if all(map(is_number, (*steps, *values))) and len(steps) == len(values):
            made[name] = list(zip(steps, values, _moments(times, len(steps)), strict=True))
        else:
            problems.append(f"'{name}' is no curve of numbers, and stays in Sacred")
    return made


def _moments(times: list[object], count: int) -> list[float | None]:
    moments = [seconds_of(one) for one in times]
    return moments if len(moments) == count else [None] * count


def _commit(experiment: Mapping[str, object]) -> str | None:
    """Return the commit of the one repository that the sources are from."""
    repositories = experiment.get("repositories")
    if isinstance(repositories, list) and len(repositories) == 1:
        return _text(mapping(repositories[0]), "commit") or None
    return None


def _artifacts(folder: Path, run: Mapping[str, object]) -> Iterator[Artifact]:
    listed = run.get("artifacts")
    for name in map(str, listed if isinstance(listed, list) else ()):
        yield Artifact(name, f"{folder.name}/{name}", size_inside(folder, name))
    resources = run.get("resources")
    for one in resources if isinstance(resources, list) else ():
        if isinstance(one, list) and one:
            yield Artifact(Path(str(one[0])).name, str(one[0]), kind="resource")
