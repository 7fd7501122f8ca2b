"""Runs of Guild AI: a folder for each, with small texts in `.guild/` and event files anywhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gitexp.importing.event_folders import folders_with_events
from gitexp.importing.foreign import End, ForeignRun, Found, NoStore
from gitexp.importing.guild_files import OWN, Attributes, artifacts_of, operation_of
from gitexp.importing.points import curves_and_last
from gitexp.importing.store_files import (
    as_errors,
    folders,
    is_folder,
    mapping,
    plain_value,
    plain_values,
)
from gitexp.metrics.event_folder import read_event_folder, require_tensorboard
from gitexp.metrics.events import Points
from gitexp.model.values import Value

_NO_RUN = ("PENDING", "STAGED", "proto")
"""What tells runs that were not started, and batches, whose trials are the runs."""
_COMMIT = re.compile(r"git:([0-9a-f]{40}|[0-9a-f]{64})\*?")
"""What was checked out, with a star if files had been edited since."""


def found(place: str | None, here: Path) -> Iterator[Found]:
    """Return the runs of a Guild home, or of a folder of runs; raises NoStore if it has none.

    Raises GitexpError where TensorBoard, which reads the scalars, is not installed.
    """
    with as_errors():
        runs = _runs(here / place) if place is not None else _usual_runs(here)
    if not runs:
        where = f"'{place}'" if place else "its usual home"
        raise NoStore(
            f"there is no run of Guild AI in {where}",
            "Name the folder that `guild check` calls `guild_home`, or what `guild export` made.",
        )
    require_tensorboard(place or "runs of Guild AI")
    return _found(runs)


def _usual_runs(here: Path) -> list[Path]:
    """Return the runs of the first home that has some, of those that Guild itself would use."""
    named = (os.environ.get(one) for one in ("GUILD_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"))
    home, *environments = named
    places = [*([home] if home else []), *(f"{one}/{OWN}" for one in environments if one)]
    every = (_runs(here / one) for one in (*places, str(Path.home() / OWN)))
    return next((runs for runs in every if runs), [])


def _runs(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    home = place.joinpath("runs") if is_folder(place, "runs") else place
    return [one for one in folders(home) if is_folder(one, OWN, "attrs")]


def _found(runs: list[Path]) -> Iterator[Found]:
    batches = _batches(runs)
    for folder in runs:
        if not any((folder / OWN / one).exists() for one in _NO_RUN):
            read = partial(_read, folder, batches.get(folder.name, ""))
            yield Found(folder.name, folder.name[:8], read)


def _batches(runs: list[Path]) -> dict[str, str]:
    """Return the batch of each trial: its folder has a link for each, whose name is enough."""
    return {
        trial.name: folder.name
        for folder in runs
        if (folder / OWN / "proto").is_dir()
        for trial in folder.iterdir()
        if trial.is_symlink()
    }


def _read(folder: Path, batch: str) -> ForeignRun:
    problems: list[str] = []
    with as_errors():
        attributes = Attributes(folder)
        points = _points(folder, problems)
        artifacts = tuple(artifacts_of(folder))
        operation = operation_of(folder)
    curves, metrics = curves_and_last(points)
    code = attributes.get("exit_status")
    commit = _COMMIT.fullmatch(attributes.text("vcs_commit"))
    platform = mapping(attributes.get("platform"))
    return ForeignRun(
        name=_name(attributes, operation, folder),
        end=_end(code),
        exit_code=code if isinstance(code, int) and code >= 0 else None,
        started=attributes.moment("started") or attributes.moment("initialized"),
        ended=attributes.moment("stopped"),
        command=attributes.texts("cmd"),
        commit=commit[1] if commit else None,
        message="\n\n".join(_comments(attributes)),
        tags=attributes.texts("tags"),
        user=attributes.text("user") or None,
        host=attributes.text("host") or None,
        python=str(platform.get("python_version") or "").partition(" ")[0] or None,
        platform=str(platform.get("uname") or "").strip() or None,
        packages=attributes.texts("pip_freeze"),
        params=plain_values(attributes.get("flags")),
        metrics=metrics,
        curves=curves,
        group=operation,
        artifacts=artifacts,
        extra=_extra(attributes, batch),
        problems=tuple(problems),
    )


def _end(code: object) -> End:
    """Return how a run ended, as Guild would say it: a status below 0 is a signal's."""
    if not isinstance(code, int):
        return "running"
    return "done" if code == 0 else "failed" if code > 0 else "interrupted"


def _name(attributes: Attributes, operation: str, folder: Path) -> str:
    """Return the label that somebody gave it; Guild's own only lists the flags."""
    given = mapping(attributes.get("run_params")).get("label")
    label = attributes.text("label")
    return label if given and label else f"{operation.replace(':', '-')}-{folder.name[:8]}"


def _comments(attributes: Attributes) -> Iterator[str]:
    comments = attributes.get("comments")
    for one in comments if isinstance(comments, list) else ():
        yield str(mapping(one).get("body") or "")


def _extra(attributes: Attributes, batch: str) -> dict[str, Value]:
    """Return what else Guild knows: its label, the seed, the digest of the sources, the batch."""
    found = {
        "label": attributes.text("label"),
        "seed": plain_value(attributes.get("random_seed")),
        "sourcecode": attributes.text("sourcecode_digest"),
        "batch": batch,
    }
    return {name: one for name, one in found.items() if one not in (None, "")}


def _points(folder: Path, problems: list[str]) -> Points:
    """Return all points by tag, those of Guild's own file as they are called."""
    found: Points = {}
    others: dict[str, None] = {}
    for part in sorted(folders_with_events(folder)):
        read = read_event_folder(folder / part)
        is_plain = part.as_posix() in (".", OWN)
        for tag, some in read.points.items():
            found[tag if is_plain and tag not in found else f"{part}/{tag}"] = some
        others |= dict.fromkeys(read.others)
        if read.is_cut:
            problems.append(
                f"an event file in '{part}' is damaged or not whole: what stands before has come"
            )
    if others:
        problems.append(f"what is no number stays in Guild: {', '.join(others)}")
    return found
