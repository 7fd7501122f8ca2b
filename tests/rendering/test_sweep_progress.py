"""What is shown of a sweep."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from msgspec.structs import replace

from gitexp.model.paths import TopPath
from gitexp.rendering.formats.text import render
from gitexp.rendering.sweep_end import final_document
from gitexp.rendering.sweep_progress import headline, screen, settled_line
from gitexp.store.journal import Entry
from gitexp.store.processes import Place
from gitexp.store.running import Running
from gitexp.sweep.importance import Importance
from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.mattered import why_unsaid
from gitexp.sweep.point import Spot
from gitexp.sweep.progress import Progress, ranked
from gitexp.sweep.space import Axis, Choices, Interval, Space
from gitexp.sweep.sweep import Objective, Sweep

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("lr", Interval(1e-4, 0.1, log=True)), Axis("depth", Choices((2, 4, 8))))),
    inputs="0",
    sampler="tpe",
    objectives=(Objective("loss", "min"),),
    window=2,
    name="lr-scan",
)
ENDED = "2026-01-02T03:04:0{}.000Z"
NOW = datetime(2026, 1, 2, 3, 4, 30, tzinfo=timezone.utc)


def done(number: int, *loss: float, seconds: float = 41.0) -> Settled:
    """Return a run that ended well."""
    values = {"lr": 0.001 * (number + 1), "depth": 4}
    name, ended = f"lr-scan-{number}", ENDED.format(number)
    return Settled(
        *(Spot(number), f"id{number}", name, "done", None, ended, values, loss), seconds=seconds
    )


FAILED = replace(done(2), status="failed", code=1, objectives=(None,))
RUNNING = UnderWay(
    *(Spot(4), "id4", 1, "process 7 on host", {"lr": 0.0044, "depth": 8}),
    since="2026-01-02T03:04:08+00:00",
    pid=7,
)
PROGRESS = Progress(
    SWEEP,
    60,
    Known(
        {one.spot: one for one in (done(0, 0.5), done(1, 0.25), FAILED, done(3, 0.75))},
        {RUNNING.spot: RUNNING},
    ),
    agents=2,
    idle=0.06,
    workers=((7, 2),),
)


def test_the_screen_shows_what_runs_what_failed_and_the_best() -> None:
    assert (
        render(screen(PROGRESS, NOW, 24, {}))
        == """\
lr-scan  tpe, minimize loss  3 of 60 done · 1 running · 1 failed · eta 19 min 8 s

point   status        lr   depth   loss   time   worker
    0   done      0.001        4   0.5    41 s
    1   done      0.002        4   0.25   41 s            best
    2   failed    0.003        4          41 s            exit code 1; gitexp show lr-scan-2
    3   done      0.004        4   0.75   41 s
    4   running   0.0044       8          22 s   2
idle 6% of the time, waiting for results in order (--asap uses them as they come)
"""
    )


def test_the_screen_shows_how_far_those_are_that_log(tmp_path: Path) -> None:
    top, here = TopPath(""), Place.of(os.getpid())
    entry = Entry("id4", "lr-scan-4", str(tmp_path), top, top, RUNNING.since, here)
    logged = Running(entry, tmp_path, "running", 22.0, step=3, values={"val.loss": 0.4, "lr": 1})

    assert (
        render(screen(PROGRESS, NOW, 24, {"id4": logged})).splitlines()[-2]
        == "    4   running   0.0044       8   0.4    3      22 s   2"
    )


def test_the_screen_is_no_higher_than_the_terminal() -> None:
    lines = render(screen(PROGRESS, NOW, 9, {}), width=80).splitlines()

    assert [line.split()[0] for line in lines[3:6]] == ["2", "3", "4"]


def test_the_end_names_the_best_the_failures_and_the_next_commands() -> None:
    assert (
        render(final_document(replace(PROGRESS, agents=0)))
        == """\
run         point      lr   depth   loss   time
lr-scan-1       1   0.002       4   0.25   41 s   best
lr-scan-0       0   0.001       4   0.5    41 s
lr-scan-3       3   0.004       4   0.75   41 s
lr-scan: 3 of 60 done · 1 running · 1 failed
1 run failed, the first with exit code 1: `gitexp show lr-scan-2`
to run it again: `gitexp sweep --resume lr-scan --again failed`
next: gitexp sweep --resume lr-scan · gitexp apply lr-scan-1 · gitexp show lr-scan-1
"""
    )


def test_where_an_axis_made_no_difference_nothing_is_said_to_have_mattered() -> None:
    alike = {one.spot: one for one in (done(number, 0.5) for number in range(3))}
    told = replace(
        PROGRESS,
        sweep=replace(SWEEP, space=Space(SWEEP.space.axes[:1])),
        known=Known(alike),
        importance=Importance({"lr": 1.0}, (("lr",),), 20),
    )
    said = render(final_document(told))

    assert "`lr` makes no difference to loss: does the command read it?\n" in said
    assert "what mattered" not in said


def test_why_nothing_is_said_to_have_mattered_stands_in_its_place() -> None:
    why = why_unsaid(SWEEP, PROGRESS.known)
    said = render(final_document(replace(PROGRESS, why_unsaid=why)))

    assert why == "too few results to say: 3, and 2 axes take 20"
    assert f"what mattered: {why}\n" in said
    one_axis = replace(SWEEP, space=Space(SWEEP.space.axes[:1]))
    assert why_unsaid(one_axis, PROGRESS.known) == ""


def test_a_limit_of_time_is_told_as_such() -> None:
    late = replace(FAILED, reason="timeout", code=None)
    said = render(final_document(replace(PROGRESS, known=Known({late.spot: late}))))

    assert "1 run failed, the first timed out: `gitexp show lr-scan-2`\n" in said


def test_a_line_says_what_came_of_a_run() -> None:
    assert settled_line(SWEEP, done(0, 0.5), 1, 60) == (
        "lr-scan-0: loss 0.5 (lr=0.001 depth=4) in 41 s [1/60]"
    )
    assert settled_line(SWEEP, FAILED, 2, 60) == (
        "lr-scan-2: failed, exit code 1 (lr=0.003 depth=4) in 41 s [2/60]"
    )
    covered = replace(done(0, 0.5), name="calm-heron", covered=True)
    assert settled_line(SWEEP, covered, 3, 60) == (
        "point 0 is covered by calm-heron: loss 0.5 (lr=0.001 depth=4) [3/60]"
    )


def test_of_several_metrics_those_that_none_beats_are_the_best() -> None:
    sweep = replace(SWEEP, objectives=(Objective("loss", "min"), Objective("accuracy", "max")))
    runs = [done(0, 0.5, 0.9), done(1, 0.2, 0.5), done(2, 0.6, 0.8), done(3, 0.2, 0.5)]

    assert [one.first.spot.number for one in ranked(sweep, runs)] == [1, 3, 0]


def test_points_are_ranked_by_the_means_of_their_repeats() -> None:
    sweep = replace(SWEEP, seeds=(0, 1, 2), name="lucky")
    known = {
        one.spot: one
        for number, losses in enumerate([(5.0, 5.0, 1.0), (3.0, 3.0, 3.0), (2.0, None, None)])
        for repeat, loss in enumerate(losses, 1)
        for one in [_repeat(number, repeat, loss)]
    }

    told = Progress(sweep, 2, Known({spot: one for spot, one in known.items() if spot.number < 2}))

    assert (
        render(final_document(told))
        == """\
run       point   n      lr   depth        loss   time
lucky-1       1   3   0.002       4     3.0 ± 0   41 s   best
lucky-0       0   3   0.001       4   3.7 ± 2.3   41 s
lucky: 6 of 6 done
next: gitexp apply lucky-1 · gitexp show lucky-1 · gitexp sweep --resume lucky -N 4
"""
    )
    assert (
        render(screen(replace(told, points=3, known=Known(known)), NOW, 24, {})).splitlines()[2:]
        == """point   repeat   n   status      lr   depth        loss   time   worker
    0            3   done     0.001       4   3.7 ± 2.3   41 s
    1            3   done     0.002       4     3.0 ± 0   41 s
    2            1   done     0.003       4         2.0   41 s            best
    2        2       failed   0.003       4               41 s            exit code 1; \
gitexp show lucky-2-r2
    2        3       failed   0.003       4               41 s            exit code 1; \
gitexp show lucky-2-r3
""".splitlines()
    )


def _repeat(number: int, repeat: int, loss: float | None) -> Settled:
    one = done(number) if loss is None else done(number, loss)
    name = f"lucky-{number}" if repeat == 1 else f"lucky-{number}-r{repeat}"
    failed = {"status": "failed", "code": 1, "objectives": (None,)} if loss is None else {}
    return replace(one, spot=Spot(number, repeat), name=name, **failed)


def test_stopping_and_covered_points_are_told() -> None:
    covered = replace(done(5, 0.1), covered=True)
    known = Known({covered.spot: covered})

    told = headline(replace(PROGRESS, known=known, is_stopping=True))

    assert told == "0 of 60 done · 1 covered · stopping"


def test_of_points_that_none_beats_none_is_called_the_best() -> None:
    sweep = replace(SWEEP, objectives=(Objective("loss", "min"), Objective("accuracy", "max")))
    runs = {one.spot: one for one in (done(0, 0.5, 0.9), done(1, 0.2, 0.5))}
    lines = render(final_document(Progress(sweep, 2, Known(runs, {}, {})))).splitlines()
    assert lines[0] == "no point is better in all"
    assert not any(line.endswith("best") for line in lines)
