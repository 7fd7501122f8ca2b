"""Which param repeats differ in, and what it is in each."""

from __future__ import annotations

import pytest

from gitexp.errors import GitexpError
from gitexp.inputs.seeds import SeedKey, seed_key, seeds_from, with_seed
from gitexp.model.change_rules import ChangeRules
from gitexp.model.record import Documents

IS_SEED = ChangeRules().is_seed
TWO: Documents = {"params.yaml": {"seed": 1, "lr": 2}, "split.yaml": {"split": {"seed": 3}}}


def test_the_one_seed_of_the_params_files_is_taken_else_that_of_the_command_line() -> None:
    in_file = seed_key({"p.yaml": {"train": {"seed": 1}}}, ["a.py"], IS_SEED)
    on_line = seed_key({"p.yaml": {"lr": 1}}, ["python", "a.py", "--seed", "3"], IS_SEED)

    assert in_file == SeedKey("train.seed", "p.yaml")
    assert on_line == SeedKey("seed", None)
    assert seed_key({}, ["python", "a.py"], IS_SEED) is None


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        (
            None,
            "several params may be the seed: 'params.yaml:seed', 'split.yaml:split.seed'",
            "`--repeat-key params.yaml:seed`",
        ),
        ("lr", "'lr' is not a seed here, so runs that differ in it are no repeats", '"lr"]}}'),
        ("other.seed", "no param 'other.seed'", "in a params file or on the command line"),
    ],
)
def test_what_cannot_be_the_seed_is_told(asked: str | None, message: str, hint: str) -> None:
    with pytest.raises(GitexpError) as told:
        seed_key(TWO, ["python", "a.py"], IS_SEED, asked)

    assert str(told.value) == message
    assert hint.replace("}}", "}") in (told.value.hint or "")


@pytest.mark.parametrize("asked", ["split.seed", "split.yaml:split.seed"])
def test_one_of_several_is_chosen_by_its_name(asked: str) -> None:
    assert seed_key(TWO, ["python", "a.py"], IS_SEED, asked) == SeedKey("split.seed", "split.yaml")


@pytest.mark.parametrize("text", ["1,2", "1,2,2", "many", "1.5", ""])
def test_seeds_that_are_none_or_not_enough_are_refused(text: str) -> None:
    if not text:
        assert seeds_from(text, 2) == (0, 1)
        return
    with pytest.raises(GitexpError):
        seeds_from(text, 3)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python a.py --seed=3 --lr 3", "python a.py --seed=7 --lr 3"),
        ("python a.py --lr 3 --seed 3", "python a.py --lr 3 --seed 7"),
        ("python a.py lr=3 seed=3", "python a.py lr=3 seed=7"),
    ],
)
def test_the_seed_of_a_command_line_and_nothing_else_is_set(command: str, expected: str) -> None:
    assert with_seed(command.split(), "seed", 7) == tuple(expected.split())


def test_a_line_for_a_shell_is_left_alone() -> None:
    with pytest.raises(GitexpError, match="'seed' cannot be set on this command line"):
        with_seed(["python a.py --seed 3 && echo done"], "seed", 7)
