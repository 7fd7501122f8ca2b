"""How much a review in CI fetches of a branch with a hundred thousand runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.many_runs import BRANCH, records, value_files, write_runs
from benchmarks.measure import Samples
from benchmarks.results import Result
from benchmarks.workshop import ProgramFailed, Workshop, run
from gitexp.git.remotes import Remote
from gitexp.git.repository import Repository
from gitexp.sharing.lookup import send_lookup

_RUNS = 100_000
_BACK = {"new": 10, "older": 5000, "old": 90_000}
"""How many runs ago the one was that a change is from."""
_BEHIND = 7000
"""How many runs came since somebody made the table: the next is made at 14,300."""
_FILES = {
    "gitexp.yaml": "params: [params.yaml]\nmetrics: [metrics.json]\npolicy: {loss: {goal: min}}\n",
    "train.py": "print('train')\n" * 200,
}
_COUNTED = '#!/bin/sh\ngit-upload-pack "$@" | tee -a "{place}"\n'


def reviewed(workshop: Workshop) -> Iterator[Result]:
    """A clone of depth 1, as CI makes it, against fetching the branch into one."""
    origin = _origin(workshop)
    started = time.perf_counter()
    whole = _fetched(workshop, origin, "pr-new", "git", "fetch", "--quiet", "origin", _REF)
    took = time.perf_counter() - started
    for name, back in _BACK.items():
        started = time.perf_counter()
        some = _fetched(workshop, origin, f"pr-{name}", workshop.gitexp, "review", "main")
        seconds = time.perf_counter() - started
        yield Result(
            f"review-{name}",
            f"bytes that `gitexp review main` fetches where the run is {back:,} back of {_RUNS:,}",
            "",
            Samples((float(some),)),
            None,
            whole / 20,
            (
                f"the whole branch: {whole:,} bytes, so that this is 1/{whole / some:.1f}",
                f"clone and review took {seconds:.1f} s, clone and fetch {took:.1f} s",
            ),
        )


_REF = "+refs/heads/experiments:refs/remotes/origin/experiments"


def _origin(workshop: Workshop) -> Path:
    place = workshop.repository("reviewed", _FILES)
    run("git", "branch", "-M", "main", cwd=place)
    write_runs(place, _RUNS, files={path: text.encode() for path, text in _FILES.items()})
    wanted = {_RUNS - 1 - back: name for name, back in _BACK.items()}
    left = dict(wanted)
    for number, record in enumerate(records(_RUNS)):
        if any(at <= number for at in left) and record.metrics:
            name = left.pop(min(left))
            run("git", "switch", "--quiet", "-c", f"pr-{name}", "main", cwd=place)
            for path, content in value_files(record).items():
                (place / path).write_bytes(content)
            run("git", "add", "--all", cwd=place)
            run("git", "commit", "--quiet", "-m", name, cwd=place)
    origin = workshop.folder / "reviewed.git"
    run("git", "clone", "--quiet", "--bare", str(place), str(origin), cwd=workshop.folder)
    run("git", "config", "uploadpack.allowFilter", "true", cwd=origin)
    run("git", "remote", "add", "origin", str(origin), cwd=place)
    with Repository.open(place) as repository:
        behind = repository.line("rev-parse", f"{BRANCH}~{_BEHIND}")
        if not send_lookup(Remote(repository, "origin"), behind, print):
            raise ProgramFailed("the table of runs was not sent")
    return origin


def _fetched(workshop: Workshop, origin: Path, branch: str, *command: str) -> int:
    """Clone a branch, do something there, and return how many bytes git sent meanwhile."""
    clone = workshop.folder / f"{branch}-{time.monotonic_ns()}"
    options = ("--quiet", "--depth=1", f"--branch={branch}")
    run("git", "clone", *options, f"file://{origin}", str(clone), cwd=workshop.folder)
    sent = clone.with_suffix(".sent")
    sent.touch()
    counting = clone.with_suffix(".sh")
    counting.write_text(_COUNTED.format(place=sent))
    counting.chmod(0o755)
    run("git", "config", "remote.origin.uploadpack", str(counting), cwd=clone)
    run(*command, cwd=clone)
    return sent.stat().st_size
