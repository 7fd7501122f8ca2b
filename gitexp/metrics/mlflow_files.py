"""The runs in a folder of MLflow's, `mlruns/`: a file for each param, metric and tag.

Links in it are not followed: they may lead to files that are nobody's param.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.metrics.logged import Logged, LoggedModel, value_of, with_step
from gitexp.metrics.mlflow_database import MOST_RUNS, PARENT, Between, models_before_3, own_tags
from gitexp.metrics.old_yaml import parse_old_yaml
from gitexp.metrics.own_files import opened_plain, size_of
from gitexp.model.values import Value

_META = "meta.yaml"
_LARGEST = 100_000
_TAIL = 4096
"""Bytes at the end of a metric's file that are read: its last line is what counts."""
MOST_FILES = 10_000
"""Of one folder, with those in it; what is beyond them is not looked into."""
_DELETED = "deleted"


def read_files(root: Path, began: Between) -> list[Logged]:
    """Return the runs that began then, the newest first.

    Those that another one of them has inside are left out. The first alone comes with its values.
    What is half written is left out.
    """
    found = [run for folder in folders_in(root.resolve()) for run in _runs(folder, began)]
    known = {run.run for run, _, _ in found}
    outer = [(run, folder) for run, folder, parent in found if parent not in known]
    outer.sort(key=lambda one: one[0].started, reverse=True)
    runs = [run for run, _ in outer[:MOST_RUNS]]
    if runs:
        runs[0] = _whole(*outer[0])
    return runs


def _runs(experiment: Path, began: Between) -> Iterator[tuple[Logged, Path, str]]:
    """Yield the runs of an experiment, each with its folder and the id of the one around it."""
    known = meta_of(experiment)
    if known is None:
        return
    since, until = began
    for folder in folders_in(experiment):
        if folder.stat().st_mtime_ns < since * 1_000_000:  # what began later was made later
            continue
        meta = meta_of(folder)
        started = meta.get("start_time") if meta is not None else None
        if meta is None or not isinstance(started, int) or started < since:
            continue
        if until is not None and started > until:
            continue
        if meta.get("lifecycle_stage") == _DELETED:
            continue
        tags = texts_in(folder / "tags")
        name = meta.get("run_name") or tags.get("mlflow.runName", "")
        group = str(known.get("name", ""))
        yield Logged(folder.name, str(name), group, started), folder, tags.get(PARENT, "")


def _whole(run: Logged, folder: Path) -> Logged:
    tags = texts_in(folder / "tags")
    metrics: dict[str, Value] = {}
    steps: list[int] = []
    for name, file in named_files(folder / "metrics"):
        line = _last_line(file)
        if line is not None:
            metrics[name], step = line
            steps.append(step)
    models = [*_models(folder.parent / "models", run.run)]
    models = models or [*models_before_3(tags, str(folder / "artifacts"))]
    return Logged(
        *(run.run, run.name, run.group, run.started),
        params={name: value_of(one) for name, one in texts_in(folder / "params").items()},
        metrics=with_step(metrics, steps),
        tags=own_tags(tags),
        models=tuple(models),
    )


def _models(folder: Path, run: str) -> Iterator[LoggedModel]:
    """Yield what MLflow from 3 on logs beside the runs."""
    for one in folders_in(folder):
        meta = meta_of(one)
        if meta is not None and meta.get("source_run_id") == run:
            name, place = str(meta.get("name", "")), str(meta.get("artifact_location", ""))
            yield LoggedModel(name, place, id=one.name)


def _last_line(file: Path) -> tuple[float, int] | None:
    """Return the last value that is whole, with its step: a line is `TIME VALUE STEP`."""
    content = read_end(file, _TAIL)
    lines = content.decode(errors="replace").split("\n")[:-1] if content else []
    for line in reversed(lines):
        words = line.split(" ")
        with contextlib.suppress(ValueError):
            if len(words) >= 2:  # noqa: PLR2004 - the oldest have no step
                return _number(words[1]), int(words[2]) if words[2:] else 0
    return None


def _number(text: str) -> float:
    return math.nan if text.lower() == "nan" else float(text)


def texts_in(folder: Path) -> dict[str, str]:
    """Return what the files in a folder hold, by name."""
    found = ((name, read_end(file, _LARGEST)) for name, file in named_files(folder))
    return {name: one.decode(errors="replace") for name, one in found if one is not None}


def meta_of(folder: Path) -> dict[str, Value] | None:
    """Return what MLflow says of an experiment, a run or a model; None where it says nothing."""
    content = read_end(folder / _META, _LARGEST)
    with contextlib.suppress(GitexpError):
        found = parse_old_yaml(content, _META) if content else None
        return found if isinstance(found, dict) else None
    return None


def read_end(file: Path, most: int) -> bytes | None:
    """Return the end of a regular file; None of what is none, or cannot be read."""
    with contextlib.suppress(OSError, GitexpError), opened_plain(file) as opened:
        opened.seek(max(0, size_of(opened) - most))
        return opened.read(most)
    return None


def folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder; none if it is a link, or cannot be read."""
    if folder.is_symlink():
        return []
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        return sorted(Path(one.path) for one in found if one.is_dir(follow_symlinks=False))
    return []


def named_files(folder: Path, *, deep: bool = True) -> list[tuple[str, Path]]:
    """Return the files in a folder by the names of what they hold, which may have a `/`.

    More than MOST_FILES show that there may be others. None if it is a link.
    """
    found: list[tuple[str, Path]] = []
    pending = [] if folder.is_symlink() else [("", folder)]
    while pending and len(found) <= MOST_FILES:
        before, place = pending.pop()
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for one in entries:
                if one.is_dir(follow_symlinks=False):
                    if deep:
                        pending.append((f"{before}{one.name}/", Path(one.path)))
                elif one.is_file(follow_symlinks=False):
                    found.append((f"{before}{one.name}", Path(one.path)))
    return sorted(found)
