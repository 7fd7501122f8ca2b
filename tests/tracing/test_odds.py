"""The odds of commits: against sums by hand, against git's bisection, and in noise."""

from __future__ import annotations

import math
import random
import subprocess
from pathlib import Path

import pytest

from benchmarks.bisect import worked_out
from gitexp.review.statistics import Sample
from gitexp.tracing.bisect import Bisection, Found, Settings, ends_of
from gitexp.tracing.known import Taken
from gitexp.tracing.odds import Ends, Odds, Readings
from gitexp.tracing.suspects import Suspects

from tests.tracing.histories import Made, Maker, write
from tests.workshop import git

COMMITS = 200
LINE = Suspects(
    "good", [str(at) for at in range(COMMITS)], [(2 << at) - 1 for at in range(COMMITS)], 0
)
LINE = Suspects(LINE.good, LINE.commits, LINE.reach, LINE.reach[-1])


def found_in_noise(seed: int, distance: float, repeats: int) -> tuple[int, Found]:
    """Look for a commit by readings that are spread around two means; return which it is."""
    lots = random.Random(seed)
    planted = lots.randrange(COMMITS)

    def read(at: int) -> float:
        return lots.gauss(-distance if at >= planted else 0.0, 1.0)

    good, bad = ([read(at) for _ in range(repeats)] for at in (-1, COMMITS))
    search = Bisection(LINE, ends_of(good, bad, 0.0), {}, Settings())
    found = search.find(lambda chosen: [Taken(None, read(at)) for at in chosen], lambda _: None)
    return planted, found


def test_in_noise_the_commit_is_found_in_ten_trainings_twenty_times_of_twenty() -> None:
    answers = [worked_out(history)[0] for history in range(20)]

    assert all(one.right for one in answers)
    assert max(one.trainings for one in answers) <= 10


def test_without_noise_it_takes_as_many_trainings_as_halvings() -> None:
    made = {found_in_noise(seed, distance=1e6, repeats=2)[1].made for seed in range(10)}

    assert made <= {7, 8}


def test_the_confidence_is_how_often_it_is_right() -> None:
    answers = [found_in_noise(seed, distance=4, repeats=5) for seed in range(30)]

    right = [planted in found.likely for planted, found in answers]

    assert sum(right) >= 27


def test_chances_are_those_of_bayes_rule() -> None:
    reach = [0b00001, 0b00011, 0b00101, 0b01111, 0b11111]
    ends = Ends(Sample((0.0, 1.0, -1.0)), Sample((5.0, 6.0, 4.0)))
    values = {1: [2.4], 2: [0.3, 4.0]}

    odds = Odds(Readings(reach, 0b11011, values), ends)

    by_hand = [
        math.exp(
            sum(
                ends.evidence(one)
                for at, read in values.items()
                for one in read
                if reach[at] >> c & 1
            )
        )
        if c != 2
        else 0.0
        for c in range(5)
    ]
    assert odds.chances == pytest.approx([one / sum(by_hand) for one in by_hand])
    for at in range(5):
        total = sum(odds.chances[c] for c in range(5) if reach[at] >> c & 1)
        assert odds.is_bad(at) == pytest.approx(total, abs=1e-4)


def test_one_wild_reading_settles_nothing() -> None:
    ends = Ends(Sample((0.9, 0.91, 0.89)), Sample((0.8, 0.81, 0.79)))

    assert abs(ends.evidence(1e9)) < 1
    assert ends.evidence(math.inf) == ends.evidence(math.nan) == 0.0


def test_the_first_choice_is_one_of_gits(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--template=", tmp_path / "top"], check=True)
    histories = [Maker(seed).made(40) for seed in range(5)]
    for commits, oids in zip(histories, write(tmp_path / "top", histories), strict=True):
        reach = _reach(commits)[1:]
        everything = (1 << len(reach)) - 1

        odds = Odds(Readings(reach, everything, {}), ends_of([0.0], [1.0], 0.0))
        [chosen] = odds.next_ones(range(len(reach)), 0.95)

        listed = git(
            "rev-list", "--bisect-all", f"{oids[0]}..{oids[-1]}", cwd=tmp_path / "top"
        ).splitlines()
        distances = {line.split()[0]: int(line.rpartition("dist=")[2][:-1]) for line in listed}
        assert distances[oids[chosen + 1]] == max(distances.values())


def _reach(commits: list[Made]) -> list[int]:
    """Return for each commit but the first the set of those before it, without the first."""
    found: list[int] = []
    for at, one in enumerate(commits):
        here = 1 << at
        for parent in one.parents:
            here |= found[parent]
        found.append(here)
    return [one >> 1 for one in found]
