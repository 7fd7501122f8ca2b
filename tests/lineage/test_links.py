"""The ways between runs and data, held against a walk over all runs in their order."""

from __future__ import annotations

import random

import pytest

from gitexp.lineage.links import Links, Way
from gitexp.store.index.pointers import ReadPointer, RunPointers

EMPTY = "d41d8cd98f00b204e9800998ecf8427e"


def history(seed: int) -> list[RunPointers]:
    """Return runs that read and write data, some of it again and again."""
    chance = random.Random(seed)
    md5s = [EMPTY, *(f"{at:032x}" for at in range(8))]
    runs = []
    for position in range(1, 25):
        read = chance.sample(md5s, chance.randrange(3))
        wrote = chance.sample(md5s, chance.randrange(3))
        pointers = (
            *(ReadPointer(f"in-{md5[-1]}", md5) for md5 in read),
            *(ReadPointer(f"out-{md5[-1]}", md5, "output") for md5 in wrote),
        )
        runs.append(RunPointers(position, pointers, chance.random() < 0.2))
    return runs


def read(run: RunPointers) -> set[str]:
    return {one.md5 for one in run.pointers if one.role == "input"}


def wrote(run: RunPointers) -> set[str]:
    return {one.md5 for one in run.pointers if one.role == "output"} - read(run)


def affected(runs: list[RunPointers], start: str | int) -> tuple[set[int], set[str]]:
    """Return the runs and data that something led to: all runs are looked at once, in order."""
    since: dict[str, int] = {start: 0} if isinstance(start, str) else {}
    found: set[int] = set()
    for run in runs:
        reads = any(md5 in since and (md5 != EMPTY or md5 == start) for md5 in read(run))
        if reads or run.position == start:
            found.add(run.position)
            for md5 in wrote(run):
                since.setdefault(md5, run.position)
    return found - {start}, {*since} - {start}


def origins(runs: list[RunPointers], position: int) -> tuple[set[int], set[str]]:
    """Return the runs and data that a run came from, by recursion."""
    found: set[int] = set()
    data: set[str] = set()

    def follow(run: RunPointers) -> None:
        for md5 in read(run):
            data.add(md5)
            before = [
                one
                for one in runs
                if one.position < run.position
                and any(it.md5 == md5 and it.role == "output" for it in one.pointers)
            ]
            commands = [one for one in before if not one.is_saved]
            last = (commands or before)[-1:] if md5 != EMPTY else []
            for one in last:
                if one.position not in found:
                    found.add(one.position)
                    follow(one)

    follow(next(one for one in runs if one.position == position))
    return found, data


def ends(way: Way) -> tuple[set[int], set[str]]:
    """Return the runs and data on a way."""
    return {*way.runs}, {md5 for md5, _ in way.read} | {md5 for _, md5 in way.wrote}


@pytest.mark.parametrize("seed", range(40))
def test_what_is_downstream_is_what_a_walk_over_all_runs_finds(seed: int) -> None:
    runs = history(seed)
    links = Links(runs)

    for start in range(1, 25):
        way_runs, way_data = ends(links.downstream([start]))
        found, data = affected(runs, start)
        assert way_runs - {start} == found
        assert way_data == data
    for md5 in {one.md5 for run in runs for one in run.pointers}:
        way_runs, way_data = ends(links.downstream([], [md5]))
        found, data = affected(runs, md5)
        assert way_runs == found
        assert way_data - {md5} == data


@pytest.mark.parametrize("seed", range(40))
def test_what_is_upstream_is_what_recursion_finds(seed: int) -> None:
    runs = history(seed)
    links = Links(runs)

    for start in range(1, 25):
        way_runs, way_data = ends(links.upstream([start]))
        found, data = origins(runs, start)
        assert way_runs - {start} == found
        assert way_data == data


def test_one_step_goes_to_the_next_runs_and_no_further() -> None:
    first = RunPointers(
        1, (ReadPointer("a", "a" * 32), ReadPointer("b", "b" * 32, "output")), False
    )
    second = RunPointers(
        2, (ReadPointer("b", "b" * 32), ReadPointer("c", "c" * 32, "output")), False
    )
    links = Links([first, second])

    assert ends(links.downstream([], ["a" * 32], most_steps=1)) == ({1}, {"a" * 32})
    assert ends(links.downstream([1], most_steps=1)) == ({1}, {"b" * 32})
    assert ends(links.downstream([1])) == ({1, 2}, {"b" * 32, "c" * 32})
