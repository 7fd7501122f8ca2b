"""Runs of TensorBoard: what event files in a log directory hold, read by TensorBoard itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from gitexp.errors import GitexpError
from gitexp.importing.event_folders import key_of, runs_below
from gitexp.importing.foreign import End, ForeignRun, Found, NoStore, Unreadable
from gitexp.importing.points import curves_and_last
from gitexp.importing.store_files import as_errors, place_of
from gitexp.metrics.event_folder import EventFolder, read_event_folder, require_tensorboard
from gitexp.metrics.events import Points
from gitexp.model.values import Value

_HINT = "Name the folder that `tensorboard --logdir` is given."


def found(place: str, here: Path) -> Iterator[Found | Unreadable]:
    """Return the runs of a log directory by name; raises NoStore if there is no event file.

    Raises GitexpError where TensorBoard is not installed.
    """
    with as_errors():
        top = place_of(place, here, _HINT)
        runs = runs_below(top)
    if not runs:
        raise NoStore(f"there is no event file of TensorBoard below '{place}'", _HINT)
    require_tensorboard(place)
    return _found(top, runs)


def _found(
    top: Path, runs: dict[PurePosixPath, list[PurePosixPath]]
) -> Iterator[Found | Unreadable]:
    for folder, parts in runs.items():
        label = folder.as_posix() if folder != PurePosixPath() else top.resolve().name
        try:
            with as_errors():
                key, host = key_of(top, parts)
        except GitexpError as error:
            yield Unreadable(label, str(error))
        else:
            yield Found(key, label, partial(_read, top, folder, parts, label, host))


def _read(
    place: Path, folder: PurePosixPath, parts: list[PurePosixPath], label: str, host: str
) -> ForeignRun:
    with as_errors():
        read = {part: read_event_folder(place / part) for part in parts}
    curves, metrics = curves_and_last(_points(folder, read))
    params: dict[str, Value] = {}
    for one in read.values():
        params |= one.params
    ends = [one.end for one in read.values() if one.end is not None]
    return ForeignRun(
        name=label,
        end=_end(ends),
        started=min((one.started for one in read.values() if one.started), default=None),
        ended=max((one.ended for one in read.values() if one.ended), default=None),
        host=host or None,
        params=params,
        metrics=metrics,
        curves=curves,
        problems=tuple(_problems(read)),
    )


def _end(ends: Sequence[End]) -> End:
    return next((one for one in ("failed", "running") if one in ends), "done")


def _points(folder: PurePosixPath, read: dict[PurePosixPath, EventFolder]) -> Points:
    """Return all points by tag, those of a part with its name in front where tags are alike.

    What `add_hparams` was told has no name of its own: its folder is called by the second.
    """
    found: Points = {}
    for part, one in read.items():
        inside = part.relative_to(folder).as_posix()
        for tag, some in one.points.items():
            plain = inside == "." or (one.params and tag not in found)
            found[tag if plain else f"{inside}/{tag}"] = some
    return found


def _problems(read: dict[PurePosixPath, EventFolder]) -> Iterator[str]:
    others: dict[str, None] = {}
    for part, one in read.items():
        if one.is_cut:
            yield f"an event file in '{part}' is damaged or not whole: what stands before has come"
        others |= dict.fromkeys(one.others)
    if others:
        yield f"what is no number stays in TensorBoard: {', '.join(others)}"
