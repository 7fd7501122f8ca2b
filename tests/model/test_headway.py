"""How far a run has come, by what its params and what it logs say of its end."""

from __future__ import annotations

import pytest

from gitexp.model.headway import Ends, Headway, Moment, ends_in, headway, joined_ends
from gitexp.model.values import Value


@pytest.mark.parametrize(
    ("params", "ends"),
    [
        ({"max_steps": 500}, Ends(500, None, "max_steps")),
        ({"trainer": {"max-epochs": 3, "Max_Steps": -1}}, Ends(None, 3, "", "trainer.max-epochs")),
        ({"epochs": True, "steps": "10", "num_epochs": float("nan")}, Ends()),
        (
            {"a": {"epochs": 3}, "b": {"epochs": 3}, "steps_per_epoch": 7},
            Ends(None, 3, "", "a.epochs"),
        ),
        ({"pretrain": {"epochs": 3}, "finetune": {"epochs": 5}}, Ends()),
    ],
)
def test_params_say_when_a_run_ends_unless_they_disagree(
    params: dict[str, Value], ends: Ends
) -> None:
    assert ends_in([params]) == ends


def test_what_the_run_says_itself_is_no_guess_and_a_guess_names_its_param() -> None:
    guessed = Ends(None, 200, "", "fit.epochs")
    moments = Moment(1, 0.0), Moment(7, 6.0)

    by_param = headway(joined_ends(Ends(), guessed), {}, *moments, 6.0)
    said = headway(joined_ends(Ends(16), guessed), {}, *moments, 6.0)

    assert by_param is not None
    assert (by_param.of, by_param.by) == (200, "fit.epochs")
    assert said is not None
    assert (said.of, said.by) == (16, "")


@pytest.mark.parametrize(
    ("ends", "values", "steps", "found"),
    [
        (Ends(steps=1000), {}, (0, 99), Headway(100, 1000, 900.0)),
        (Ends(steps=1000), {}, (100, 200), Headway(200, 1000, 800.0)),
        (Ends(epochs=10), {"epoch": 2.5}, (0, 249), Headway(2.5, 10, 750.0)),
        (Ends(epochs=10), {}, (1, 5), Headway(5, 10, 5.0)),
        (Ends(steps=1000), {}, (900, 950), Headway(950, 1000, 50.0)),
        (Ends(steps=10), {}, (0, 0), Headway(1, 10, None)),
        (Ends(steps=10), {}, (0, 10), None),
        (Ends(), {"epoch": 1.0}, (0, 10), None),
    ],
)
def test_the_rest_goes_by_the_pace_so_far(
    ends: Ends, values: dict[str, float], steps: tuple[int, int], found: Headway | None
) -> None:
    """A step takes a second; the run may have been resumed at its first one."""
    first, last = (Moment(step, 5000.0 + step) for step in steps)

    assert headway(ends, values, first, last, last.time) == found


def test_what_has_passed_since_the_last_step_is_not_left_any_more() -> None:
    first, last = Moment(0, 100.0), Moment(9, 109.0)

    found = [headway(Ends(20), {}, first, last, now) for now in (113.0, 500.0, 90.0)]

    assert [one.left for one in found if one is not None] == [6.0, 0.0, 10.0]
