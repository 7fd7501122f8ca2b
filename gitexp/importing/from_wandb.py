"""Reads the folders in which W&B keeps runs: `wandb/offline-run-*` and `wandb/run-*`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.importing.foreign import Artifact, ForeignRun, Found, NoStore, Unreadable
from gitexp.importing.store_files import read_file
from gitexp.importing.wandb_files import run_of_files
from gitexp.importing.wandb_records import names_in
from gitexp.importing.wandb_run import read_files
from gitexp.metrics.mlflow_files import folders_in, named_files
from gitexp.metrics.own_files import opened_plain, size_of

_FOLDER = re.compile(r"(?:offline-)?run-(\d{8}_\d{6})-(.+)")
_FILE = re.compile(r"run-(.+)\.wandb")
_HEAD = 65_536
_LARGEST = 1_000_000_000
_REQUIREMENTS = "requirements.txt"
_PACKAGE = re.compile(r"[A-Za-z0-9][\w.-]*(?:==|\s*@\s).+")
_MOST_FILES = 1000
_OF_ALL = frozenset({"config.yaml", "wandb-summary.json", "wandb-metadata.json", _REQUIREMENTS})


def found(place: str | None, here: Path) -> Iterator[Found | Unreadable]:
    """Return the runs of a folder of W&B's, of the folder of a run, or in its file.

    Raises NoStore at once if there is none.
    """
    top = here / (place or "wandb")
    if not top.exists():
        raise NoStore(
            f"there is no '{top}'",
            hint="Name the folder `wandb` of a project, that of one run, or a `.wandb` file.",
        )
    folders = _run_folders(top.resolve())  # somebody named it: it may be a link
    if not folders:
        raise NoStore(
            f"'{top}' has no runs of W&B's in it",
            hint="They are folders `offline-run-…` and `run-…` with a `.wandb` file; runs that "
            "are on W&B's server alone come by `import csv`, from its export of a table.",
        )
    return _found(folders)


def _run_folders(top: Path) -> list[Path]:
    """Return what holds runs, the oldest first: folders, or the one file that was named."""
    if top.is_file():
        return [top] if _FILE.fullmatch(top.name) else []
    if _FOLDER.fullmatch(top.name):
        return [top]
    places = (top, top / "wandb")
    inside = (one for place in places for one in folders_in(place))
    found = ((match[1], one) for one in inside if (match := _FOLDER.fullmatch(one.name)))
    return [one for _, one in sorted(found)]


def _found(folders: list[Path]) -> Iterator[Found | Unreadable]:
    """Yield the runs; a run that was resumed has several folders."""
    runs: dict[str, list[Path]] = {}
    labels: dict[str, str] = {}
    unreadable: list[Unreadable] = []
    for folder in folders:
        try:
            project, run, name = _names(folder)
        except GitexpError as error:
            unreadable.append(Unreadable(folder.name, str(error)))
            continue
        key = f"{project}/{run}"
        runs.setdefault(key, []).append(folder)
        labels[key] = name or run
    yield from unreadable
    for key, some in runs.items():
        yield Found(key, labels[key], partial(_read, some))


def _names(folder: Path) -> tuple[str, str, str]:
    file = _file_of(folder)
    if file is None:
        known = run_of_files(folder / "files")
        match = _FOLDER.fullmatch(folder.name)
        if known is None or match is None:
            raise GitexpError("it has neither a `.wandb` file nor a summary")
        return known.group, match[2], known.name
    for most in (_HEAD, _LARGEST):
        names = names_in(_content(file, most))
        if names is not None:
            return names
    raise GitexpError(f"'{file.name}' does not say which run it is of")


def _file_of(folder: Path) -> Path | None:
    if folder.is_file():
        return folder
    files = (path for name, path in named_files(folder, deep=False) if _FILE.fullmatch(name))
    return next(files, None)


def _content(file: Path, most: int) -> bytes:
    """Return the start of a regular file; raises GitexpError for anything else."""
    try:
        with opened_plain(file) as opened:
            if size_of(opened) > _LARGEST:
                raise GitexpError(f"'{file.name}' is larger than {_LARGEST // 1_000_000:,} MB")
            content = opened.read(most)
    except OSError as error:
        raise GitexpError(f"'{file.name}' cannot be read: {error.strerror}") from error
    if not content.startswith(b":W&B"):
        raise GitexpError(f"'{file.name}' is not a run of W&B's")
    return content


def _read(folders: list[Path]) -> ForeignRun:
    files = [one for folder in folders if (one := _file_of(folder)) is not None]
    last = folders[-1] if folders[-1].is_dir() else folders[-1].parent
    beside = last / "files"
    if files:
        run = read_files(_content(one, _LARGEST) for one in files)
    else:
        run = run_of_files(beside) or ForeignRun()
    kept = {f"{folder.name}/files/{name}": one for folder in folders for name, one in _kept(folder)}
    return replace(
        run,
        packages=() if beside.is_symlink() else _packages(beside / _REQUIREMENTS),
        artifacts=[*run.artifacts, *_artifacts(kept)],
    )


def _kept(folder: Path) -> list[tuple[str, Path]]:
    files = named_files(folder / "files") if folder.is_dir() else []
    return [(name, path) for name, path in files if name not in _OF_ALL]


def _artifacts(files: Mapping[str, Path]) -> Iterator[Artifact]:
    for place, path in [*files.items()][:_MOST_FILES]:
        name = place.partition("/files/")[2]
        yield Artifact(name, place, size=path.lstat().st_size, kind="file")


def _packages(file: Path) -> tuple[str, ...]:
    try:
        lines = read_file(file, _HEAD * 16).decode(errors="replace").splitlines()
    except (OSError, GitexpError):
        return ()
    return tuple(line for line in lines if _PACKAGE.fullmatch(line))
