"""The plan of a sweep: what is wanted, held against what is known."""

from __future__ import annotations

from math import nan

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.sweep.asked import Asked
from gitexp.sweep.choosing import chosen_sampler, chosen_window
from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.places import jobs_of, slots_of
from gitexp.sweep.planning import make_plan
from gitexp.sweep.point import Point, Spot, point_of
from gitexp.sweep.results import first_counting, number_of
from gitexp.sweep.space import Axis, Choices, Interval, Space
from gitexp.sweep.sweep import Objective, Sweep

SWEEP = Sweep(
    command=("python", "train.py", "--depth={depth}"),
    space=Space((Axis("lr", Choices((0.1, "a b"))), Axis("depth", Choices((2, 4))))),
    inputs="v2:aa",
    fixed=("x=1",),
)


def settled(number: int, repeat: int = 1, **facts: object) -> Settled:
    spot = Spot(number, repeat)
    one = Settled(spot, f"{number}" * 10, f"scan-{number}", "done", None, "2026", {"lr": 0.1})
    return replace(one, **facts)


def spots(points: tuple[Point, ...]) -> list[Spot]:
    return [point.spot for point in points]


def test_a_point_is_overrides_and_a_command_with_its_values() -> None:
    seeded = replace(SWEEP, repeat_key="params.yaml:seed", seeds=(7, 8))

    point = point_of(seeded, Spot(2, 2), {"lr": "a b", "depth": 2})

    assert point.overrides == ("x=1", "lr='a b'", "params.yaml:seed=8")
    assert point.command == ("python", "train.py", "--depth=2")
    assert point_of(SWEEP, Spot(0), {"depth": 4}).overrides == ("x=1",)


def test_what_is_settled_under_way_given_up_or_covered_is_not_run() -> None:
    known = Known(
        settled={Spot(0): settled(0)},
        under_way={Spot(1): UnderWay(Spot(1), "u" * 10, 1, "process 1 on here")},
        lost={Spot(2): 3, Spot(3): 2},
    )

    plan = make_plan(SWEEP, known, None)
    covered = make_plan(SWEEP, known, None, covered=lambda points: [settled(points[0].number)])

    assert (plan.points, plan.size, plan.runs) == (4, 4, 4)
    assert spots(plan.run) == [Spot(3)]
    assert [one.spot for one in plan.settled] == [Spot(0)]
    assert (plan.under_way, plan.given_up) == ((Spot(1),), (Spot(2),))
    assert (spots(covered.run), [one.spot for one in covered.covered]) == ([], [Spot(3)])


def test_settled_points_are_run_again_if_that_is_asked_for() -> None:
    ended = [
        settled(0, objectives=(nan,)),
        settled(1, status="failed"),
        settled(2, objectives=(None,)),
    ]
    known = Known(settled={one.spot: one for one in ended})

    assert spots(make_plan(SWEEP, known, 3, again="failed").run) == [Spot(1), Spot(2)]
    assert spots(make_plan(SWEEP, known, 3, again="all").run) == [Spot(0), Spot(1), Spot(2)]
    assert spots(make_plan(SWEEP, known, 3).run) == []


def test_every_repeat_of_a_point_is_a_run() -> None:
    seeded = replace(SWEEP, repeat_key="seed", seeds=(0, 1))

    plan = make_plan(seeded, Known(settled={Spot(0, 2): settled(0, 2)}), 2)

    assert (plan.runs, plan.to_do) == (4, 3)
    assert spots(plan.run) == [Spot(0, 1), Spot(1, 1), Spot(1, 2)]


def test_points_that_depend_on_results_are_only_counted_and_go_on_to_where_they_were() -> None:
    aims, endless = (Objective("loss", "min"),), Space((Axis("lr", Interval(0, 1)),))
    learning = replace(SWEEP, space=endless, sampler="tpe", objectives=aims)
    known = Known(settled={Spot(4): settled(4, objectives=(1.0,))})

    assert make_plan(learning, Known(), 9).undecided == 9
    assert (make_plan(learning, known, None).points, make_plan(learning, known, 9).to_do) == (5, 8)
    with pytest.raises(GitexpError, match="nothing says how many points are wanted"):
        make_plan(learning, Known(), None)


def test_a_metric_that_three_runs_do_not_have_is_refused() -> None:
    wanting = replace(SWEEP, objectives=(Objective("f1", "max"),))
    three = {Spot(at): settled(at, objectives=(None,)) for at in range(3)}

    with pytest.raises(GitexpError, match="none of 3 runs has a number 'f1'"):
        make_plan(wanting, Known(settled=three), None)
    assert make_plan(wanting, Known(settled=three), None, again="failed").to_do == 4
    three[Spot(2)] = settled(2, objectives=(0.5,))
    assert make_plan(wanting, Known(settled=three), None).to_do == 1


def test_which_run_of_a_spot_counts_does_not_depend_on_their_order() -> None:
    runs = [
        settled(0, status="failed", attempt=3),
        settled(0, attempt=1, ended="2026-02"),
        settled(0, attempt=2, ended="2026-04", run_id="b"),
        settled(0, attempt=2, ended="2026-04", run_id="a"),
    ]

    assert (
        first_counting(runs)
        == first_counting(reversed(runs))
        == [
            runs[3],
            runs[2],
            runs[1],
            runs[0],
        ]
    )


def test_a_metric_is_found_by_its_end_unless_that_is_several() -> None:
    assert number_of({"val.loss": 1, "loss": 2}, "loss") == 2
    assert number_of({"val.loss": 1}, "loss") == 1
    assert number_of({"a.json:loss": 1, "b.json:loss": 2}, "loss") is None
    assert number_of({"a.json:loss": 1, "b.json:loss": 2}, "a.json:loss") == 1
    assert number_of({"loss": "low"}, "loss") is None
    assert number_of({"loss": True}, "loss") is None


@pytest.mark.parametrize(
    ("domain", "points", "has_metric", "expected"),
    [
        (Choices((1, 2, 3)), None, False, "grid"),
        (Choices((1, 2, 3)), 3, True, "grid"),
        (Choices((1, 2, 3)), 2, True, "tpe"),
        (Choices((1, 2, 3)), 2, False, "random"),
        (Interval(0, 1), 2, True, "tpe"),
        (Interval(0, 9, integer=True), 20, False, "random"),
    ],
)
def test_the_sampler_follows_from_space_points_and_metric(
    domain: Choices | Interval, points: int | None, has_metric: bool, expected: str
) -> None:
    space = Space((Axis("x", domain),))
    objectives = (Objective("loss", "min"),) if has_metric else ()

    assert chosen_sampler(Asked(points=points), space, objectives) == expected


def test_the_window_follows_from_the_jobs_where_points_depend_on_results() -> None:
    assert chosen_window(Asked(jobs=4), "tpe", prunes=False) == 6
    assert chosen_window(Asked(jobs=4, window=1), "tpe", prunes=False) == 1
    assert chosen_window(Asked(jobs=4), "grid", prunes=False) == 0
    assert chosen_window(Asked(jobs=4), "grid", prunes=True) == 6


def test_places_of_agents_are_gpus_or_what_else_is_said() -> None:
    assert slots_of("0,2", ()) == ("CUDA_VISIBLE_DEVICES=0", "CUDA_VISIBLE_DEVICES=2")
    assert slots_of("GPU-8932f937,1", ())[0] == "CUDA_VISIBLE_DEVICES=GPU-8932f937"
    assert slots_of(None, ("A=1 B=2",)) == ("A=1 B=2",)
    assert jobs_of(None, ("A=1", "A=2"), "auto") == 2
    assert jobs_of(None, (), 3) == 3
    assert jobs_of("auto", (), 1) >= 1
    with pytest.raises(GitexpError, match="'0,0' names no GPUs, or one twice"):
        slots_of("0,0", ())
