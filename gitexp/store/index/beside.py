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
from collections.abc import Generator, Iterable, Iterator
from itertools import count, islice, starmap
from pathlib import Path
from typing import IO, Any, cast

from msgspec.structs import astuple

from gitexp.git.objects import enlarge
from gitexp.git.repository import Repository
from gitexp.store.index.made import Alike, Group, Made, made_of
from gitexp.store.index.plain_rows import many_rows
from gitexp.store.many_runs import many_between
from gitexp.store.reading import runs_between
from gitexp.store.stored_run import StoredRun

_MANY = 5000
"""From how many runs on it pays: the process starts in 0.1 s."""
_AT_ONCE = 400
"""How many runs are sent at once: mostly so many that a pipe holds them."""
_LEFT = 4
"""Of so many parts, one is left to the process that fills, which would have to wait else."""
_SIZE = 8
_START = (
    "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told.pop();"
    "from gitexp.store.index.beside import send; send(*told)"
)
"""Isolated, so that nothing in the working directory is imported; from where we were imported."""


def all_made(
    repository: Repository, tip: str, since: str | None = None
) -> Generator[Made, None, None]:
    """Yield all runs that `tip` has and `since` does not, oldest first, some at a time.

    Without what late facts say.
    """
    done, are_many = 0, _are_many(repository, tip, since)
    if are_many and _can_start():
        for part in _parts(repository, tip, since):
            if part is None:
                return
            yield part
            done += len(part.runs)
    read = many_between if are_many else runs_between
    left = islice(read(repository, since, tip), done, None)
    while some := list(islice(left, _AT_ONCE)):
        yield _made(some)


def _can_start() -> bool:
    """Return whether another process would be Python, and would have a core."""
    return bool(sys.executable) and not hasattr(sys, "frozen") and (os.cpu_count() or 1) > 1


def _are_many(repository: Repository, tip: str, since: str | None) -> bool:
    ends = [tip] if since is None else [tip, f"^{since}"]
    return int(repository.line("rev-list", "--count", f"--max-count={_MANY}", *ends)) >= _MANY


def _parts(repository: Repository, tip: str, since: str | None) -> Iterator[Made | None]:
    """Yield what the process sends, and None once that was all."""
    places = (repository.top, repository.git_dir, repository.common_dir)
    known = (*map(str, places), repository.object_format, tip, since, _AT_ONCE)
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
        try:
            while head := output.read(_SIZE):
                size = int.from_bytes(head, "big")
                content = output.read(size)
                if len(head) < _SIZE or len(content) < size:  # it died
                    return
                if not size:
                    yield None
                    return
                yield _unpacked(*marshal.loads(content))  # noqa: S302 - from our own process
        finally:
            process.kill()


def send(
    top: str,
    git_dir: str,
    common_dir: str,
    object_format: str,
    tip: str,
    since: str | None,
    at_once: int,
) -> None:
    """Print what `tip` has and `since` does not, in parts; the last one is empty."""
    gc.disable()  # records have no cycles
    output = sys.stdout.buffer
    places = (Path(top), Path(git_dir), Path(common_dir))
    with Repository(*places, object_format) as repository:
        for part in _packed_parts(many_between(repository, since, tip), at_once):
            output.write(len(part).to_bytes(_SIZE, "big"))
            output.write(part)
    output.write(bytes(_SIZE))
    output.flush()


def _packed_parts(runs: Iterable[StoredRun], at_once: int) -> Iterator[bytes]:
    left = iter(runs)
    for number in count(1):
        if not (some := list(islice(left, at_once))):
            return
        own = [(run.oid, run.id, run.recorded_name, run.project, run.content) for run in some]
        rest = () if number % _LEFT == 0 else _packed(_made(some))
        yield marshal.dumps((own, *rest))


def _made(runs: Iterable[StoredRun]) -> Made:
    return made_of(list(map(many_rows(), runs)))


def _packed(made: Made) -> tuple[Any, ...]:
    """Return all but the runs themselves."""
    _, alike, groups, *rest = astuple(made)
    return list(map(astuple, alike)), list(map(astuple, groups)), *rest


def _unpacked(own: list[Any], *packed: Any) -> Made:
    runs = list(starmap(StoredRun, own))
    if not packed:
        return _made(runs)
    alike, groups, *rest = packed
    return Made(runs, list(starmap(Alike, alike)), list(starmap(Group, groups)), *rest)
