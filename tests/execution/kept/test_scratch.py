"""What is written down of a run under way is read back by its type."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from msgspec import Struct

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.command.child import Ended
from gitexp.execution.environment.environment import Environment
from gitexp.execution.kept.scratch import read_value, write_value
from gitexp.execution.stages import Outcome, Plan, Reproduced, Request
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.ignored import Ignored
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.model.override import Operation, Override

ODD = "d\udcff/\u00e9.txt"
"""A path that is not UTF-8."""
SIGNATURE = (1 << 62, 2, 3, 4, 0o100644)
POINTER = Pointer(ODD, "0" * 32 + ".dir", 1 << 40, 2, executable=True)
WATCHED = WatchedPointer(f"{ODD}.dvc", b"\0\xff\n", POINTER, None)
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "value",
    [
        Request(("sh", "-c", f"cat {ODD}"), ("lr=0.1",), "name", "why", 1.5, allow_secrets=True),
        Plan(
            "id",
            "name",
            Request(),
            (ODD,),
            ("python", ODD),
            "0" * 40,
            {ODD: b"lr: \xff\n"},
            {"params.yaml": b"\r\n"},
            (
                Override("lr=0.1", None, Operation.CHANGE, ("lr",), 0.1),
                Override("+a.b={c: [1, null]}", ODD, Operation.ADD, ("a", "b"), {"c": [1, None]}),
                Override("++n=1.0", None, Operation.FORCE, ("n",), 1.0),
                Override("~x", None, Operation.DELETE, ("x",), None, has_value=False),
            ),
            others_wait=True,
        ),
        Untracked({ODD: SIGNATURE}, (ODD,), ("new",), (".env",), ("big",), ("pipe",)),
        Ignored({ODD: SIGNATURE}, {}, {"out": SIGNATURE}),
        HeadState(None, "ref: refs/heads/\udcff", "", 0),
        WATCHED,
        Environment(("numpy==2.0",), "3.11.7", f"/{ODD}/python"),
        Ended(None, "SIGTERM", "timeout", MOMENT, MOMENT + timedelta(hours=1), 0.1, 1 << 40),
        Ended(0, None, None, MOMENT.astimezone(timezone(timedelta(hours=2))), MOMENT, None, None),
        Outcome(
            (ODD,),
            frozenset({ODD}),
            ("gone",),
            (WATCHED,),
            ("edited",),
            (),
            ("new",),
            ("model.pt",),
            Reproduced((POINTER,), (POINTER, POINTER), frozenset({"plot"})),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_written_is_read_back_the_same(tmp_path: Path, value: Struct) -> None:
    write_value(tmp_path / "file.json", value)

    found = read_value(tmp_path / "file.json", type(value))

    assert found == value
    assert repr(found) == repr(value)  # 1 is not 1.0, and a list not a tuple


def test_nothing_is_read_where_nothing_was_written(tmp_path: Path) -> None:
    assert read_value(tmp_path / "plan.json", Plan) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"format": 1, "oid": null, "ref": "", "log": "", "size": 0}', "another version"),
        ('{"format": 3, "oid": null, "ref": "", "log": ""}', "cannot be read: .*`size`"),
        ('{"format": 3, "oid": 1, "ref": "", "log": "", "size": 0}', "cannot be read: .*`str"),
        ('{"format": 3', "cannot be read"),
        ("[]", "another version"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "file.json").write_text(text)

    with pytest.raises(GitexpError, match=problem):
        read_value(tmp_path / "file.json", HeadState)
