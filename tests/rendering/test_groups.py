"""Groups of repeats as tables and for programs."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from msgspec.structs import replace

from gitexp.model.policy import Policy
from gitexp.rendering.formats import pieces
from gitexp.rendering.groups import group_line, groups_document
from gitexp.rendering.ls import Shown
from gitexp.review.group import Group, group_of, noise_between

from tests.model import workshop

RECORD = replace(
    workshop.RUN,
    id="a" * 10,
    name="a",
    started="2026-01-01T00:00:00.000Z",
    ended="2026-01-01T00:00:04.000Z",
)
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def group(name: str, losses: list[float], **params: float) -> Group:
    """Return a group whose last run failed if it has no finite loss."""
    runs = [
        replace(
            RECORD,
            id=f"{name}{at}",
            name=f"{name}-r{at}" if at else name,
            status="failed" if loss < 0 else "done",
            params={"params.yaml": {**params, "seed": at}},
            metrics={"metrics.json": {"val_loss": loss}},
        )
        for at, loss in enumerate(losses)
    ]
    return group_of(((run.id, run) for run in runs), lambda key: key == "seed")


GROUPS = [
    group("low", [0.10, 0.12, 0.11], rate=1),
    group("like", [0.11, 0.13, 0.12, -1], rate=2),
    group("one", [0.5], rate=3),
]


def test_a_table_has_means_numbers_and_what_noise_hides() -> None:
    found = noise_between([one.metrics["val_loss"] for one in GROUPS])
    names = ["", *(one.name for one in GROUPS)]
    document = groups_document(
        lambda: GROUPS,
        policy=Policy(),
        now=NOON,
        shown=Shown(first="val_loss"),
        noise=[
            None if one is None else (name, one) for name, one in zip(names, found, strict=False)
        ],
    )

    text = "".join(pieces("text", document, width=100, colour=False)).splitlines()
    assert [line.split() for line in text] == [
        ["name", "val_loss", "n", "not", "counted", "started", "duration", "rate"],
        "low 0.110 ± 0.010 3 12 h ago 4 s 1".split(),
        "like 0.120 ± 0.010 (within noise of low) 3 1 failed 12 h ago 4 s 2".split(),
        "one 0.5 1 12 h ago 4 s 3".split(),
    ]
    markdown = "".join(pieces("md", document, width=None, colour=False))
    assert markdown.startswith("| name | `val_loss` |")
    assert "| 0.110 ± 0.010 |" in markdown


def test_a_param_that_is_1_here_and_1_0_there_tells_two_rows_apart() -> None:
    found = [group("whole", [0.5], rate=1), group("real", [0.5], rate=1.0)]
    document = groups_document(lambda: found, policy=Policy(), now=NOON, shown=Shown(), noise=[])

    text = "".join(pieces("text", document, width=100, colour=False)).splitlines()
    assert [line.split()[-1] for line in text] == ["rate", "1", "1.0"]


def test_what_is_kept_alone_has_no_param_that_is_called_like_a_key() -> None:
    document = groups_document(
        lambda: [group("a", [0.1], n=7), group("b", [0.2, -1], n=8)],
        policy=Policy(),
        now=NOON,
        shown=Shown(keep=re.compile("loss"), alone=True),
    )

    [table] = document.tables()
    assert [one.name for one in table.columns][:3] == ["name", "n", "not counted"]
    assert {one.name.split()[0] for one in table.columns[3:]} == {"val_loss"}


def test_a_line_says_what_repeats_came_to() -> None:
    assert group_line(GROUPS[0], ["val_loss"]) == "low: val_loss 0.110 ± 0.010 (n = 3)"
    assert group_line(GROUPS[1], ["val_loss"]) == "like: val_loss 0.120 ± 0.010 (n = 3, 1 failed)"
    assert group_line(GROUPS[2], ["val_loss"]) == "one: val_loss 0.5 (n = 1)"
    assert group_line(group("bad", [-1, -1]), []) == "bad: no repeat ended well (2 failed)"
