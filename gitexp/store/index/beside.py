"""The rows of very many runs, made by a process of its own while this one fills the tables.

It reads the commits, and sends what the index keeps of each in order. Whatever it does not send,
because it died or because something could not be sent, is made here.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from gitexp.git.objects import enlarge
from gitexp.git.repository import Repository
from gitexp.model.many_records import many_reader
from gitexp.model.record import RunRecord
from gitexp.store.index.cells import Cell
from gitexp.store.index.flat import Names
from gitexp.store.index.rows import Named, RunRows, encoded, rows_of
from gitexp.store.reading import runs_between
from gitexp.store.stored_run import StoredRun

_MANY = 5000
"""From how many runs on it pays: the process starts in 0.1 s."""
_AT_ONCE = 200
_SIZE = 8
_START = (
    "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told.pop();"
    "from gitexp.store.index.beside import send; send(*told)"
)
"""Isolated, so that nothing in the working directory is imported; from where we were imported."""


def all_rows(
    repository: Repository, tip: str, since: str | None = None
) -> Generator[RunRows, None, None]:
    """Yield the rows of all runs that `tip` has and `since` does not, oldest first.

    Without what late facts say.
    """
    done = 0
    if _can_start() and _are_many(repository, tip, since):
        for part in _parts(repository, tip, since):
            if part is None:
                return
            yield from part
            done += len(part)
    read = many_reader()
    for run in islice(runs_between(repository, since, tip), done, None):
        yield rows_of(run, read)


def _can_start() -> bool:
    """Return whether another process would be Python, and would have a core."""
    return bool(sys.executable) and not hasattr(sys, "frozen") and (os.cpu_count() or 1) > 1


def _are_many(repository: Repository, tip: str, since: str | None) -> bool:
    ends = [tip] if since is None else [tip, f"^{since}"]
    return int(repository.line("rev-list", "--count", f"--max-count={_MANY}", *ends)) >= _MANY


def _parts(repository: Repository, tip: str, since: str | None) -> Iterator[list[RunRows] | None]:
    """Yield what the process sends, and None once that was all."""
    places = (repository.top, repository.git_dir, repository.common_dir)
    known = (*map(str, places), repository.object_format, tip, since)
    told = json.dumps([*known, [*filter(None, sys.path)]])
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _START, told],
        cwd=repository.top,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us; it ends when nobody reads
    ) as process:
        output = cast("IO[bytes]", process.stdout)
        enlarge(output)
        shapes: list[Names] = []
        try:
            while head := output.read(_SIZE):
                size = int.from_bytes(head, "big")
                content = output.read(size)
                if len(head) < _SIZE or len(content) < size:  # it died
                    return
                if not size:
                    yield None
                    return
                fresh, runs = marshal.loads(content)  # noqa: S302 - from our own process
                shapes += fresh
                yield [_unpacked(one, shapes) for one in runs]
        finally:
            process.kill()


def send(
    top: str, git_dir: str, common_dir: str, object_format: str, tip: str, since: str | None
) -> None:
    """Print the rows of what `tip` has and `since` does not, in parts; the last one is empty."""
    gc.disable()  # records have no cycles
    output = sys.stdout.buffer
    places = (Path(top), Path(git_dir), Path(common_dir))
    with Repository(*places, object_format) as repository:
        for part in _packed_parts(runs_between(repository, since, tip)):
            output.write(len(part).to_bytes(_SIZE, "big"))
            output.write(part)
    output.write(bytes(_SIZE))
    output.flush()


def _packed_parts(runs: Iterable[StoredRun]) -> Iterator[bytes]:
    read = many_reader()
    left = iter(runs)
    numbers: dict[Names, int] = {}
    while some := list(islice(left, _AT_ONCE)):
        known = len(numbers)
        packed = [_packed(run, read, numbers) for run in some]
        yield marshal.dumps(([*islice(numbers, known, None)], packed))


def _packed(
    run: StoredRun, read: Callable[[bytes], RunRecord], numbers: dict[Names, int]
) -> tuple[object, ...]:
    rows = rows_of(run, read)
    values: list[object] = []
    for names, own_values in (rows.metrics, rows.params, rows.series):
        values += (numbers.setdefault(names, len(numbers)), own_values)
    late = [(one.kind, one.name, one.cell and tuple(one.cell), one.scalar) for one in rows.late]
    own = (run.oid, run.id, run.recorded_name, run.project, run.content)
    return (
        own,
        rows.attributes,
        *values,
        rows.tags,
        rows.outputs,
        rows.written,
        late,
        rows.readable,
    )


def _unpacked(packed: tuple[Any, ...], shapes: list[Names]) -> RunRows:
    own, attributes, *flat, tags, outputs, written, late, readable = packed
    run = StoredRun(*own)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    metrics, params, series = [(shapes[names], values) for names, values in pairs]
    return RunRows(
        run,
        encoded(run.project),
        attributes,
        metrics,
        params,
        series,
        tags,
        outputs,
        written,
        tuple(Named(kind, name, cell and Cell(*cell), scalar) for kind, name, cell, scalar in late),
        readable,
    )
