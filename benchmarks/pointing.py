"""What it takes to put large data behind a pointer, and to find it unchanged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import Workshop, initialise_dvc, run
from gitexp.data.cache import DataCache, preload

_MODEL_BYTES = 1 << 30
_CHUNK = 1 << 24
_FILES = 10_000
_FILE_BYTES = 2_000
_BUDGET = 1.2
"""Of many small files, against a copy that may be lost by a power cut."""
_NO_SLOWER = 1.0


@dataclass(frozen=True)
class _Data:
    """What is put behind a pointer."""

    row: str
    name: str
    words: str
    write: Callable[[Path], None]
    by_hand: str
    """What hashes and copies it to COPY, in a shell."""


def model(workshop: Workshop) -> Iterator[Result]:
    """A model that is new each time, in the page cache as one that was written just now."""
    by_hand = "md5sum model.bin && cp model.bin COPY && sync COPY"
    data = _Data("model-1gb", "model.bin", "a 1 GB model", _write_model, by_hand)
    yield from _rows(workshop, data)


def folder(workshop: Workshop) -> Iterator[Result]:
    """A folder of many small files, all of them new each time."""
    by_hand = "find images -type f -exec md5sum {} + && cp -r images COPY"
    words = f"a folder of {_FILES:,} files of {_FILE_BYTES:,} bytes"
    yield from _rows(workshop, _Data("folder-10k", "images", words, _write_folder, by_hand))


def _rows(workshop: Workshop, data: _Data) -> Iterator[Result]:
    dvc = workshop.peer("dvc")
    ours, theirs = (_project(workshop, f"{data.row}-{who}") for who in ("gitexp", "dvc"))
    copy = ours / "COPY"

    def new(place: Path) -> None:
        _remove(copy)
        shutil.rmtree(place / ".dvc" / "cache" / "files", ignore_errors=True)
        _remove(place / data.name)
        data.write(place / data.name)
        os.sync()

    def store() -> None:
        with DataCache(ours) as cache:
            cache.store(data.name)

    def track() -> None:
        run(workshop.gitexp, "track", data.name, cwd=ours)

    def add() -> None:
        run(dvc, "add", "--quiet", data.name, cwd=theirs)

    preload()  # a run does this while its command trains

    def result(ending: str, what: str, against: str, *subjects: Subject) -> Result:
        mine, peer = alternate(workshop.rounds, *subjects)
        budget = _BUDGET if data.row == "folder-10k" and not ending else _NO_SLOWER
        return Result(f"{data.row}{ending}", what, against, mine, peer, budget)

    yield result(
        "",
        f"`DataCache.store` of {data.words}, in process, DVC imported",
        f"`{data.by_hand}`",
        Subject(store, lambda: new(ours)),
        Subject(lambda: run("sh", "-c", data.by_hand, cwd=ours), lambda: new(ours)),
    )
    yield result(
        "-add",
        f"`gitexp track` of {data.words}, all of it new",
        "`dvc add` of the same",
        Subject(track, lambda: new(ours)),
        Subject(add, lambda: new(theirs)),
    )
    yield result(
        "-again",
        f"`gitexp track` of {data.words}, unchanged since the last time",
        "`dvc add` of the same",
        Subject(track),
        Subject(add),
    )
    for place in (ours, theirs):
        shutil.rmtree(place)


def _project(workshop: Workshop, name: str) -> Path:
    place = workshop.repository(name, {"README.md": "# Large\n"})
    initialise_dvc(place, workshop.peer("dvc"))
    return place


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)


def _write_model(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(_MODEL_BYTES // _CHUNK):
            file.write(os.urandom(_CHUNK))


def _write_folder(path: Path) -> None:
    path.mkdir()
    for number in range(_FILES):
        (path / f"{number:05}.png").write_bytes(os.urandom(_FILE_BYTES))
