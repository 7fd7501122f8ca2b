"""Many processes that record at once into one clone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import ProgramFailed, Workshop, run

_WRITERS = 32
_BUDGET = 1.2


def at_once(workshop: Workshop) -> Iterator[Result]:
    """Each in a linked work tree of its own, for one work tree takes one run at a time."""
    crowd, queue = _places(workshop, "at-once"), _places(workshop, "one-by-one")
    rounds = workshop.rounds
    ours, peer = alternate(
        rounds,
        Subject(lambda: _at_once(workshop.gitexp, crowd)),
        Subject(lambda: _one_by_one(workshop.gitexp, queue)),
    )
    expected = _WRITERS * (rounds.count + 1)  # the round that warms up included
    for place in (crowd[0], queue[0]):
        if (found := _recorded(place)) != expected:
            raise ProgramFailed(f"{found} of {expected} runs are on the branch of '{place}'")
    yield Result(
        "at-once",
        f"{_WRITERS} `gitexp run -- true` started at once, each in a work tree of one clone",
        f"{_WRITERS} one after another",
        ours,
        peer,
        _BUDGET,
        notes=(f"all {expected} runs of each side are on its branch", f"{os.cpu_count()} cores"),
    )


def _places(workshop: Workshop, name: str) -> list[Path]:
    """Make a clone with as many linked work trees as there are writers."""
    clone = workshop.repository(name, {"README.md": "# Many\n"})
    places = [clone.with_name(f"{name}-{number}") for number in range(_WRITERS)]
    for place in places:
        run("git", "worktree", "add", "--quiet", "--detach", str(place), cwd=clone)
    return places


def _at_once(gitexp: str, places: list[Path]) -> None:
    started = [
        subprocess.Popen(
            [gitexp, "run", "--", "true"],
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for place in places
    ]
    for process in started:
        _, said = process.communicate()
        if process.returncode != 0:
            raise ProgramFailed(f"a run exited with {process.returncode}: {said[-600:].decode()}")


def _one_by_one(gitexp: str, places: list[Path]) -> None:
    for place in places:
        run(gitexp, "run", "--", "true", cwd=place)


def _recorded(place: Path) -> int:
    """Return how many runs the branch holds, each counted once."""
    form = "--format=%(trailers:key=Gitexp-Run,valueonly)"
    ids = run("git", "log", form, "experiments", "--", cwd=place).decode().split()
    return len(set(ids))
