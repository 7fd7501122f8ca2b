"""What a definition may say of names, messages and paths."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.names import named_after
from gitexp.sweep.checked import checked, usable_name
from gitexp.sweep.space import Axis, Choices, Space
from gitexp.sweep.sweep import Pruning, Sweep

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("rate", Choices((0.1, 0.2))),)),
    inputs="v2:aa",
    project="libs/a",
    directory="libs/a/src",
    pruning=Pruning("loss", "min", file="./logs/progress.jsonl"),
    name="scan",
    message="one line,\nand\tanother: \u00e4",
)


def test_what_a_person_has_said_stays() -> None:
    assert checked(SWEEP) == SWEEP
    plain = replace(SWEEP, project="", directory="", pruning=None, name="")
    assert checked(plain) == plain


@pytest.mark.parametrize("name", ["a b", "latest", "x\ny", "-x", "x" * 99, "", None])
def test_a_name_that_no_run_can_have_becomes_that_of_the_id(name: str | None) -> None:
    assert usable_name(name, SWEEP.id) == named_after(SWEEP.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("project", "../libs"),
        ("project", "/libs"),
        ("project", ".git"),
        ("directory", "libs/b"),
        ("directory", "libs/a/../b"),
        ("directory", "libs/a\0"),
        ("pruning.file", "../progress.jsonl"),
        ("pruning.file", "/tmp/progress.jsonl"),
        ("pruning.file", "logs/.GIT/config"),
    ],
)
def test_a_path_that_leads_out_of_the_project_is_refused(field: str, value: str) -> None:
    changed: dict[str, Any] = {field: value}
    if field == "pruning.file":
        changed = {"pruning": Pruning("loss", "min", file=value)}

    with pytest.raises(GitexpError) as refused:
        checked(replace(SWEEP, **changed))

    assert f"its {field} '{value}' is not in the project" in str(refused.value)
