"""Which sweep some words mean: one that has begun before, or a new one under a free name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.names import named_after
from gitexp.model.sweep_point import SweepPoint
from gitexp.project import Project
from gitexp.sweep.asked import Asked
from gitexp.sweep.identity import identified
from gitexp.sweep.space import Axis, Choices, Space
from gitexp.sweep.sweep import Objective, Sweep

from tests.sweep.workshop import record_point

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("rate", Choices((0.1, 0.2, 0.3))),)),
    inputs="v2:aa",
    sampler="tpe",
    objectives=(Objective("loss", "min"),),
)


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


@pytest.fixture
def begun(project: Project, tmp_path: Path) -> Sweep:
    """The sweep with a run, as it was begun with four jobs."""
    sweep = replace(SWEEP, window=6, name="scan")
    record_point(project.repository, tmp_path, sweep, SweepPoint(0, sweep="scan"), name="scan-0")
    return sweep


def test_a_new_sweep_is_named_after_its_id_or_as_was_asked(project: Project) -> None:
    unnamed, named = (identified(project, SWEEP, Asked(name=name)) for name in (None, "fine"))

    assert (unnamed.sweep.name, unnamed.is_new) == (named_after(SWEEP.id), True)
    assert (named.sweep.name, named.sweep.id) == ("fine", SWEEP.id)


def test_a_sweep_goes_on_with_its_name_and_window_whatever_the_jobs_are_now(
    project: Project, begun: Sweep
) -> None:
    found = identified(project, SWEEP, Asked(name="other"))
    asked = identified(project, replace(SWEEP, window=2), Asked(window=2))

    assert (found.sweep, found.is_new) == (begun, False)
    assert found.notes == ("note: this sweep has begun as 'scan', and keeps that name",)
    assert (asked.is_new, asked.sweep.window) == (True, 2)


def test_a_sweep_to_which_somebody_gave_an_impossible_name_goes_on_under_another(
    project: Project, tmp_path: Path
) -> None:
    point = SweepPoint(0, sweep="x\x1b[31m\nGitexp-Sweep: zz")
    record_point(project.repository, tmp_path, replace(SWEEP, name="x"), point, name="x-0")

    found = identified(project, SWEEP, Asked())

    assert (found.sweep.name, found.is_new) == (named_after(SWEEP.id), False)


def test_other_code_makes_a_new_sweep_which_is_said(project: Project, begun: Sweep) -> None:
    changed = replace(begun, inputs="v2:bb", name="")

    [note] = identified(project, changed, Asked(window=6)).notes
    assert note == (
        "note: code or data have changed since 'scan', so this is a new sweep "
        "(`gitexp sweep --resume scan` goes on with that one)"
    )
    assert identified(project, replace(changed, seed=3), Asked(window=6)).notes == ()


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("scan", "'scan' is another sweep, with another space, command, expectation, code or data"),
        ("a..b", "'a..b' is not a valid name for a run"),
        ("x" * 98, f"'{'x' * 98}-999999-r99' is not a valid name for a run"),
        ("sca", None),
    ],
)
def test_a_name_belongs_to_one_sweep(project: Project, name: str, message: str | None) -> None:
    other = replace(SWEEP, seed=9)
    if message is None:
        assert identified(project, other, Asked(name=name)).sweep.name == name
        return

    with pytest.raises(GitexpError) as refused:
        identified(project, other, Asked(name=name))

    assert str(refused.value) == message
