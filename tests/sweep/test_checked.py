"""What a definition may say of names, messages and paths."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.hypothesis import Hypothesis, Reference
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


def test_an_expectation_is_held_against_commits_and_runs_alone() -> None:
    def expecting(expect: str, **reference: Any) -> Sweep:
        against = {"baseline": Reference(**{"commit": "a" * 40, "run": "7fk2m9q4ab", **reference})}
        return replace(SWEEP, hypothesis=Hypothesis(expect, against=against))

    said = expecting("loss < baseline", values={"metrics.loss": 2})
    assert checked(said) == said
    told = checked(expecting("loss\x1b <\n\nbaseline", name="a\x07"))
    assert told.hypothesis is not None
    assert told.hypothesis.expect == "loss\\x1b < baseline"
    assert told.hypothesis.against["baseline"].name == "a\\x07"
    for reference in ({"commit": "--all"}, {"commit": "HEAD"}, {"run": "../x"}):
        with pytest.raises(GitexpError, match="is not followed"):
            checked(expecting("loss < baseline", **reference))


def test_numbers_are_no_part_of_the_id_but_words_are() -> None:
    expected = replace(SWEEP, hypothesis=Hypothesis("loss < 1"))
    numbers = {"baseline": Reference("a" * 40)}
    assert expected.id != SWEEP.id
    assert replace(SWEEP, hypothesis=Hypothesis("loss < 1", against=numbers)).id == expected.id
    assert replace(SWEEP, hypothesis=Hypothesis("loss < 2")).id != expected.id
