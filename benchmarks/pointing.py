"""What it takes to put a large model behind a pointer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import Workshop, initialise_dvc, run
from gitexp.data.cache import DataCache

_BYTES = 1 << 30
_CHUNK = 1 << 24
_BUDGET = 1.2


def large(workshop: Workshop) -> Iterator[Result]:
    """A model that is new each time, in the page cache as one that was written just now."""
    place = workshop.repository("large", {"README.md": "# Large\n"})
    initialise_dvc(place, workshop.peer("dvc"))
    model, copy = place / "model.bin", place / "copy.bin"
    cache = place / ".dvc" / "cache" / "files"

    def before() -> None:
        copy.unlink(missing_ok=True)
        shutil.rmtree(cache, ignore_errors=True)
        _write(model)

    def store() -> None:
        with DataCache(place) as data:
            data.store("model.bin")

    def by_hand() -> None:
        run("md5sum", str(model), cwd=place)
        run("cp", str(model), str(copy), cwd=place)

    with DataCache(place) as data:
        data.prepare()  # a run does this while its command trains
    ours, peer = alternate(workshop.rounds, Subject(store, before), Subject(by_hand, before))
    for path in (model, copy):
        path.unlink(missing_ok=True)
    shutil.rmtree(cache, ignore_errors=True)
    what = "`DataCache.store` of a 1 GB model, in process, DVC imported"
    yield Result("large", what, "`md5sum` plus `cp` of the same file", ours, peer, _BUDGET)


def _write(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(_BYTES // _CHUNK):
            file.write(os.urandom(_CHUNK))
    os.sync()
