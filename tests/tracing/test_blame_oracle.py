"""Blame against one that looks at every commit of histories made at random, in memory."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.comparison.changes import ABSENT, MaybeValue
from gitexp.model.policy import Policy, Rule
from gitexp.model.values import Value, flatten
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.settings.config import Config
from gitexp.tracing.blame import blame
from gitexp.tracing.past import Past

from tests.tracing.histories import TOLERANCE, Made, Maker, write

HISTORIES, LENGTH = 16, 40
SETTINGS = Config(
    metrics=("metrics.json", "eval/metrics.json"),
    policy=Policy((("*", Rule(tolerance=TOLERANCE)),)),
)

Answer = tuple[int, str, str, object, object]
"""The commit, the path and name in it, the value that it made, and the one before."""


class Oracle:
    """Says where values are from by the rules of the documentation, whatever it costs."""

    def __init__(self, commits: list[Made], *, follow: bool) -> None:
        self._commits, self._follow = commits, follow

    def answer(self, at: int, path: str, name: str) -> Answer:
        """Go back from a commit as long as the value is there unmoved."""
        made = self._commits[at]
        value = self._value(at, path, name)
        same_file = [
            one for one in made.parents if self._commits[one].files.get(path) == made.files[path]
        ]
        if same_file:
            return self.answer(same_file[0], path, name)
        there = [(one, self._value(one, path, name)) for one in made.parents]
        there = [(one, old) for one, old in there if old is not ABSENT]
        for limit in (0.0, TOLERANCE):
            for one, old in there:
                if _apart(old, value) <= limit:
                    return self.answer(one, path, name)
        if there or not self._follow:
            return at, path, name, value, there[0][1] if there else ABSENT
        for one in made.parents:
            for old_path, old_name in self._gone(one, at, name, value):
                return self.answer(one, old_path, old_name)
        return at, path, name, value, ABSENT

    def _value(self, at: int, path: str, name: str) -> MaybeValue:
        return flatten(self._commits[at].files.get(path, {})).get(name, ABSENT)

    def _gone(self, parent: int, at: int, name: str, value: object) -> Iterator[tuple[str, str]]:
        """Yield where a parent has the value, and the commit no longer anything."""
        last = name.rpartition(".")[2]
        found = []
        for path, values in self._commits[parent].files.items():
            for other, old in flatten(values).items():
                if self._value(at, path, other) is ABSENT:
                    exact, named = old == value, other.rpartition(".")[2] == last
                    if exact or (named and _apart(old, value) <= TOLERANCE):
                        found.append((other != name, not named, path, other))
        yield from (one[2:] for one in sorted(found))


def _apart(old: object, new: object) -> float:
    numbers = isinstance(old, float) and isinstance(new, float)
    return round(abs(new - old), 9) if numbers else math.inf  # type: ignore[operator]


@pytest.fixture(scope="module")
def histories() -> list[list[Made]]:
    return [Maker(seed).made(LENGTH) for seed in range(HISTORIES)]


@pytest.mark.parametrize("follow", [False, True], ids=["by name", "across renames"])
def test_blame_says_what_a_look_at_every_commit_says(
    histories: list[list[Made]], tmp_path: Path, *, follow: bool
) -> None:
    subprocess.run(["git", "init", "--quiet", "--template=", tmp_path / "top"], check=True)
    oids = write(tmp_path / "top", histories)
    renamed = merged = 0
    with Project.open(tmp_path / "top") as project:
        for commits, named in zip(histories, oids, strict=True):
            expected = _expected(commits, follow=follow)
            found = dict(_blamed(project, named, follow=follow))
            assert found == expected, f"history {histories.index(commits)}"
            renamed += sum(place != answer[1:3] for place, answer in expected.items())
            merged += sum(len(commits[answer[0]].parents) > 1 for answer in expected.values())
    assert merged > 2
    assert (renamed > 4) == follow  # both were put to the test


def _expected(commits: list[Made], *, follow: bool) -> dict[tuple[str, str], Answer]:
    oracle = Oracle(commits, follow=follow)
    return {
        (path, name): oracle.answer(len(commits) - 1, path, name)
        for path, values in commits[-1].files.items()
        for name, value in flatten(values).items()
        if not isinstance(value, dict)
    }


def _blamed(
    project: Project, oids: list[str], *, follow: bool
) -> Iterator[tuple[tuple[str, str], tuple[int, str, str, Value, MaybeValue]]]:
    reading = Reading(project, commit_revision(project, oids[-1], "main"), SETTINGS)
    past = Past(project, reading)
    wanted = [
        (source, name)
        for source in past.sources()
        for name, value in past.values(past.start, source.path).items()
        if not isinstance(value, dict)
    ]
    for one in blame(past, wanted, SETTINGS.policy, follow=follow):
        place = oids.index(one.commit), one.there.path, one.there.name
        yield (one.at.path, one.at.name), (*place, one.new, one.old)
    past.close()
