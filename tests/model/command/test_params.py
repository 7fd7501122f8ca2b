from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.model.command.params import command_params, command_without
from gitexp.model.values import Value, same

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "command-params.md"
ROWS = re.findall(r"(?m)^\| `(.+?)` \| (.+?) \| (.*)\|$", PAGE.read_text())

PROGRAMS = (
    "python python3 -m -c -u -X train.py bash sh env nice xargs torchrun uv run papermill make "
    "mpirun srun accelerate launch time timeout conda unknown"
).split()
PIECES = (
    "--lr --no-x --no- -lr -x -vv -n10 -m --multirun -- - -Dx=1 lr=0.1 +a=1 ++a.b=1 ~a g/x=y a@b=c "
    "1 -2 .5 nan x y.csv $A $(a) `b` {} {a,b} * ~ ; && || | & ( ) { } > 2>&1 << if then fi for do "
    "done test ' \" \\ # -p -r -y -f -I -I{} = : \n"
).split(" ")
some_words = st.one_of(
    st.sampled_from(PROGRAMS), st.sampled_from(PIECES), st.text(max_size=6), st.text("-+~=a1.'\" ")
)
commands = st.lists(some_words, max_size=12)


@pytest.mark.parametrize(("typed", "shown", "why"), ROWS, ids=[row[0] for row in ROWS])
def test_the_reference_says_what_becomes_of_a_command_line(
    typed: str, shown: str, why: str
) -> None:
    line = typed.replace("\\|", "|")
    is_line = line.startswith("'") and line.endswith("'")
    expected = {} if shown == "–" else yaml.safe_load(f"{{{shown.strip('`')}}}")

    found = command_params([line[1:-1]] if is_line else shlex.split(line))

    assert same(found.values, expected)
    assert bool(found.left_out) == why.startswith("left out")


def test_the_reference_has_rows() -> None:
    assert len(ROWS) > 80


@settings(max_examples=300, deadline=None)
@given(commands, st.booleans())
def test_no_command_line_is_too_odd_and_no_key_is_invented(words: list[str], line: bool) -> None:
    command = [" ".join(words)] if line else words
    typed = re.sub(r"[\\'\"\n]", "", " ".join(words))

    found = command_params(command)
    command_without(command, lambda _: True)

    keys = (key for key in found.values if not re.fullmatch(r"arg\d+", key))
    assert all(re.sub(r"[\\'\"\n]", "", key) in typed for key in keys)


@settings(max_examples=50, deadline=None)
@given(st.text("$()`{}'\"\\ \n;|&<>#ab-=", max_size=200))
def test_any_text_is_a_line(text: str) -> None:
    command_params([f"train.py {text}"])
    command_params(["sh", "-c", text])


def test_a_long_line_takes_no_long_time() -> None:
    for piece in ('"$(', "$((", "'", "sh -c ", "env ", "a=1 ", "--x 1 ", "(", "a <(", "${"):
        command_params([f"train.py {piece * 2000}"])
        command_params((piece * 2000).split(" "))


@pytest.mark.parametrize(
    ("line", "params"),
    [
        ("train.py --lr=-1 --shift -0.5", {"lr": -1, "shift": -0.5}),
        ("train.py --a 1 --a 2 --a x", {"a": [1, 2, "x"]}),
        ("train.py --fast -v", {"fast": True, "v": True}),
        (
            "train.py -d 4 -x=2 --layers 8 16 data.csv",
            {"d": 4, "x": 2, "layers": [8, 16], "arg1": "data.csv"},
        ),
        ("python -u -W error train.py -n 2", {"n": 2}),
        ("python -m train -n -1", {"n": -1}),
        ("sh -c 'train --lr 1'", {}),
        ("train.py --loss nan", {"loss": math.nan}),
        ("train.py -x 3 plain", {"x": 3, "arg1": "plain"}),
        ("train.py 1=2 -x 3 plain", {"x": 3, "arg1": "1=2", "arg2": "plain"}),
        ("nice", {}),
        ("python", {}),
        ("python -m", {}),
        ("uv run", {}),
        ("timeout 5", {}),
        ("a=1", {}),
        ("", {}),
    ],
)
def test_command_params(line: str, params: dict[str, Value]) -> None:
    assert same(command_params(line.split()).values, params)


def test_a_param_that_is_clear_once_and_once_not_is_left_out() -> None:
    found = command_params(["train.py --lr 0.1 --lr $LR --n 1"])

    assert found.values == {"n": 1}
    assert found.left_out == ["--lr 0.1", "--lr $LR"]


def test_lines_within_lines_are_read_up_to_a_depth() -> None:
    line = "train.py --lr 1"
    for _ in range(3):
        line = f"sh -c {shlex.quote(line)}"
    assert command_params([line]).values == {"lr": 1}

    for _ in range(3):
        line = f"sh -c {shlex.quote(line)}"
    assert command_params([line]).values == {}
    assert command_params([line]).left_out


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["nice a.py --seed 1 --lr 2"], ["nice a.py --seed $S --lr 2"]),
        (["sh", "-c", "a.py --seed 1; b"], ["sh", "-c", "a.py --seed 2; b"]),
        (["papermill", "a", "b", "-p", "seed", "1"], ["papermill", "a", "b", "-p", "seed", "2"]),
    ],
)
def test_commands_that_differ_in_the_seed_are_alike(one: list[str], other: list[str]) -> None:
    left, right = (command_without(each, lambda key: key == "seed") for each in (one, other))

    assert left == right


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a.py --seed 1 | b"], ["a.py --seed 1; b"]),
        (["a.py --seed 1 > x"], ["a.py --seed 1 > y"]),
        (["sh", "-c", "a b"], ["sh", "-c", "a", "b"]),
        (["a.py", "--seed", "1", "x"], ["a.py", "--seed", "1", "y"]),
    ],
)
def test_commands_that_differ_in_more_are_not(one: list[str], other: list[str]) -> None:
    left, right = (command_without(each, lambda key: key == "seed") for each in (one, other))

    assert left != right
