"""Which points of a sweep need no run, as a file has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.git.repository import Repository
from gitexp.model.values import Value
from gitexp.sweep.covered import CoveredReader, note_covered
from gitexp.sweep.known import Settled
from gitexp.sweep.point import Spot

SWEEP = "5cg9y2cq4x"


@pytest.fixture
def place(repository: Repository) -> Path:
    """The file of a sweep."""
    return repository.common_dir / "gitexp" / "covered" / f"{SWEEP}.jsonl"


def settled(number: int, run: str = "7fk2m9q4ab") -> Settled:
    """Return what settles a point at no cost."""
    ended = "2026-01-02T03:04:05.000Z"
    spot, values = Spot(number), dict[str, Value](rate=number, odd="\udc80")
    return Settled(spot, run, "single", "done", None, ended, values, (0.5, None), covered=True)


def test_only_lines_that_are_new_are_read(repository: Repository, place: Path) -> None:
    reader = CoveredReader(repository, SWEEP)
    assert reader.read() == {}
    note_covered(repository, SWEEP, [settled(0), settled(1)])
    assert reader.read() == {Spot(0): settled(0), Spot(1): settled(1)}

    old = place.read_bytes()
    place.write_bytes(b"x" * len(old.rstrip()) + b"\n")  # nobody looks there again
    note_covered(repository, SWEEP, [settled(1, "other"), settled(2)])

    assert [one.run_id for one in reader.read().values()] == ["7fk2m9q4ab", "other", "7fk2m9q4ab"]
    assert list(CoveredReader(repository, SWEEP).read()) == [Spot(1), Spot(2)]


def test_a_line_that_is_torn_or_in_the_making_costs_no_other(
    repository: Repository, place: Path
) -> None:
    note_covered(repository, SWEEP, [settled(0), settled(1)])
    place.write_bytes(place.read_bytes()[:-5])
    reader = CoveredReader(repository, SWEEP)
    assert list(reader.read()) == [Spot(0)]

    note_covered(repository, SWEEP, [settled(2)])

    assert list(reader.read()) == [Spot(0), Spot(2)]


def test_of_a_sweep_that_began_anew_nothing_old_counts(repository: Repository, place: Path) -> None:
    reader = CoveredReader(repository, SWEEP)
    note_covered(repository, SWEEP, [settled(0), settled(1)])
    reader.read()

    place.write_bytes(b"")
    note_covered(repository, SWEEP, [settled(5)])

    assert list(reader.read()) == [Spot(5)]
