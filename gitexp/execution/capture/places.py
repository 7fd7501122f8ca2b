"""Where the stores of trackers lie that a command may have written, the run's own first."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gitexp.execution.capture.offer import DATABASE, place_of
from gitexp.execution.stages import Outcome, Started
from gitexp.git.links import follow_on_disk
from gitexp.metrics.reading import is_events
from gitexp.store.own_links import own_links

_DATABASES = (".db", ".sqlite", ".sqlite3")
_META = "/meta.yaml"
_META_DEPTH = 3
"""In the folder of a run, in that of an experiment, in the store."""
_EVENT_FOLDERS = ("runs", "logs", "lightning_logs", "tb_logs", "tensorboard")
"""Where event files are looked for even if git ignores the folder."""
_MOST_ENTRIES = 20_000
_DEEPEST = 5


def own_database(started: Started) -> Path:
    """Return the database that was offered to MLflow."""
    return place_of(started.project, started.plan.id) / DATABASE


def mlflow_databases(started: Started, outcome: Outcome) -> Iterator[Path]:
    """Yield the databases that may be MLflow's, beside the run's own."""
    cwd, top = _cwd(started), started.project.repository.top
    said = started.environment.get("MLFLOW_TRACKING_URI", "")
    named = [unquote(said[len("sqlite:///") :])] if said.startswith("sqlite:///") else []
    written = (path for path in _written(outcome) if path.endswith(_DATABASES))
    places = (*(cwd / one for one in named), cwd / DATABASE, *(top / path for path in written))
    found = (one for one in _once(_newer(started, places)) if one != own_database(started))
    yield from _not_led_away(started, outcome, found)


def mlflow_folders(started: Started, outcome: Outcome) -> Iterator[Path]:
    """Yield the folders that may be MLflow's stores."""
    cwd, top = _cwd(started), started.project.repository.top
    said = started.environment.get("MLFLOW_TRACKING_URI", "")
    scheme = urlsplit(said).scheme
    named = [unquote(urlsplit(said).path)] if said and scheme in ("", "file") else []
    written = [path for path in _written(outcome) if path.endswith(_META)]
    roots = {
        top.joinpath(*path.split("/")[: -1 - (_META_DEPTH - 1)])
        for path in written
        if path.count("/") >= _META_DEPTH
    }
    found = _once((*(cwd / one for one in named), cwd / "mlruns", *sorted(roots)))
    yield from _not_led_away(started, outcome, (one for one in found if one.is_dir()))


def wandb_files(started: Started, outcome: Outcome) -> Iterator[Path]:
    """Yield the files of W&B's runs."""
    top = started.project.repository.top
    said = started.environment.get("WANDB_DIR", "")
    own = place_of(started.project, started.plan.id)
    folders = _once(one / "wandb" for one in (own, _cwd(started) / said, _cwd(started)))
    inside = (
        file
        for folder in _not_led_away(started, outcome, folders)
        for one in _entries(folder)
        if one.is_dir(follow_symlinks=False) and "run-" in one.name
        if _is_newer(started, Path(one.path))
        for file in sorted(Path(one.path).glob("run-*.wandb"))
    )
    written = (top / path for path in _written(outcome) if path.endswith(".wandb"))
    yield from _once(one for one in _newer(started, (*inside, *written)) if not one.is_symlink())


def event_files(
    started: Started, outcome: Outcome, held: Iterable[str], until: int | None
) -> Iterator[str]:
    """Yield the event files of TensorBoard that the command wrote, from the top of the repository.

    Those too that git ignores, in folders in which event files usually lie, if nobody has written
    on them since the command ended.
    """
    top, cwd = started.project.repository.top, _cwd(started)
    found = dict.fromkeys(path for path in (*held, *_written(outcome)) if is_events(path))
    for folder in _not_led_away(started, outcome, (cwd / name for name in _EVENT_FOLDERS)):
        files, is_whole = events_below(folder)
        for file in _newer(started, files):
            if until is not None and file.stat().st_mtime_ns > until:
                continue
            found.setdefault(file.relative_to(top).as_posix())
        if not is_whole:
            started.tell(
                f"note: '{folder.name}/' has more than {_MOST_ENTRIES} entries: event files that "
                "git ignores were not looked for in all of it"
            )
    yield from found


def events_below(folder: Path, most: int = _MOST_ENTRIES) -> tuple[list[Path], bool]:
    """Return the event files in a folder, and whether all of it was looked through."""
    found: list[Path] = []
    left, pending = most, [(folder, 0)]
    while pending and left > 0:
        place, depth = pending.pop()
        for one in _entries(place):
            left -= 1
            if one.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                pending.append((Path(one.path), depth + 1))
            elif is_events(one.name) and one.is_file(follow_symlinks=False):
                found.append(Path(one.path))
    return found, not pending


def _written(outcome: Outcome) -> tuple[str, ...]:
    """Return what was written, also what lay behind pointers before."""
    return (*outcome.written, *(one.pointer.path for one in outcome.pointers))


def _cwd(started: Started) -> Path:
    return started.project.repository.top / started.project.directory


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        return sorted(found, key=lambda one: one.name)
    return []


def _newer(started: Started, files: Iterable[Path]) -> Iterator[Path]:
    return (one for one in files if _is_newer(started, one))


def _is_newer(started: Started, file: Path) -> bool:
    """Return whether something was written since the command began."""
    with contextlib.suppress(OSError):
        return file.stat().st_mtime_ns >= started.since
    return False


def _not_led_away(started: Started, outcome: Outcome, places: Iterable[Path]) -> Iterator[Path]:
    """Yield the places to which no link leads that a commit may have brought."""
    project = started.project
    top = project.repository.top
    for place in places:
        if not place.is_relative_to(top):
            yield place
            continue
        lead = follow_on_disk(top, place.relative_to(top).as_posix())
        links = [link for link in lead.links if link not in outcome.relinked]
        if not set(links).difference(own_links(project.repository, project.config.branch, links)):
            yield place


def _once(files: Iterable[Path]) -> Iterator[Path]:
    known: set[Path] = set()
    for file in files:
        place = Path(os.path.realpath(file))
        if place not in known:
            known.add(place)
            yield file
