"""What the programs of this folder share: their options, their folder, their end, their words."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

_MEMORY = Path("/dev/shm")
_APART = 1_000_003
_ended: list[bool] = []

One = TypeVar("One")


def options_of(
    doc: str | None,
    *,
    rounds: int,
    of: tuple[str, Collection[str]] | None = None,
    seeded: bool = True,
) -> argparse.ArgumentParser:
    """Return the options that the programs have in common; `of` names one and its choices."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if of is not None:
        name, choices = of
        parser.add_argument(f"--{name}", choices=choices, action="append", help="this alone")
    parser.add_argument("--rounds", type=int, default=rounds, help="how many of each")
    if seeded:
        parser.add_argument("--seed", type=int, default=0, help="by which they are drawn")
    parser.add_argument("--minutes", type=float, help="of each for so long at most")
    return parser


def seed_of(options: argparse.Namespace, number: int) -> int:
    """Return the seed of one round, another one for each round of each seed."""
    return int(options.seed) * _APART + number


def end_when_asked() -> None:
    """Have SIGTERM end `in_time`, so that what came so far is told."""
    signal.signal(signal.SIGTERM, lambda *_: _ended.append(True))


def in_time(rounds: Iterable[One], minutes: float | None) -> Iterator[One]:
    """Yield the rounds that there is time for, at least one."""
    began = time.monotonic()
    for number, one in enumerate(rounds):
        late = minutes is not None and time.monotonic() - began > 60 * minutes
        if _ended or (late and number):
            return
        yield one


@contextlib.contextmanager
def folder_for(name: str, *, keep: bool = False) -> Iterator[Path]:
    """Give a folder, in memory where there is such a place: disks are what takes the time.

    What a killed process has written is there all the same, as it would be on a disk.
    """
    in_memory = "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK)
    place = _MEMORY if in_memory else None
    folder = Path(tempfile.mkdtemp(prefix=f"gitexp-{name}-", dir=place))
    try:
        yield folder
    finally:
        if keep:
            say(f"kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def counts(named: Iterable[tuple[str, int]]) -> str:
    """Return how many there are of each, in words."""
    return ", ".join(f"{number:,} {how}" for how, number in named)


def indented(lines: Sequence[str]) -> str:
    """Return lines that stand below another."""
    return "".join(f"    | {line}\n" for line in lines)


def say(text: str) -> None:
    """Print what may hold any bytes."""
    print(text.encode(errors="backslashreplace").decode(), flush=True)  # noqa: T201 - a program of its own
