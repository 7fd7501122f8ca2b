"""The space that words and files describe together."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.values import dumps
from gitexp.sweep.asked import Asked
from gitexp.sweep.conditions import check_conditions
from gitexp.sweep.grammar import parse_axis
from gitexp.sweep.listed import parse_points
from gitexp.sweep.space import Axis, Choices, Space
from gitexp.sweep.space_file import axes_of, parse_space

_STDIN = "-"
_KEY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_SEVERAL = re.compile(rf"\+{{0,2}}{_KEY.pattern}=.*[^,(],.+", re.DOTALL)


def described_space(asked: Asked, here: Path) -> tuple[Space, list[str]]:
    """Return the space that is asked for, and notes on it; raises GitexpError for none.

    Files are looked for from `here`.
    """
    notes: list[str] = []
    axes: list[Axis] = []
    if asked.space_file is not None:
        axes, said = parse_space(_content(here, asked.space_file, "--space"), asked.space_file)
        notes += said
    if asked.axes:
        axes, said = axes_of(asked.axes, "space")
        notes += said
    for word in asked.words:
        axis, said = parse_axis(word)
        axes.append(axis)
        notes += said
    space = Space(tuple(axes))
    if asked.points_file is not None:
        name = "stdin" if asked.points_file == _STDIN else asked.points_file
        listed, said = parse_points(_content(here, asked.points_file, "--points"), name)
        notes += said
        space = _with_rows(space, listed)
    if not space.axes:
        taken = " ".join(asked.command[:1])
        if len(asked.command) == 1 and _KEY.fullmatch(taken):
            raise GitexpError(
                f"nothing to try: the sweep has no axes, and '{taken}' was taken for its command",
                f"If that is a key, give it values: `{taken}=1,2`.",
            )
        meant = _meant_for_axis(asked)
        if meant is not None:
            raise GitexpError("nothing to try: the sweep has no axes", meant)
        raise GitexpError(
            "nothing to try: the sweep has no axes",
            "Name some, as `gitexp sweep lr=0.1,0.01 depth='range(2,10,2)' -- python train.py`.",
        )
    space = replace(space, such_that=asked.such_that)
    _check_once(space.axes)
    check_conditions(space)
    return space, notes


def _meant_for_axis(asked: Asked) -> str | None:
    """Return what to say of a word that looks like an axis, and stands where none is read."""
    for text in asked.fixed:
        if _SEVERAL.fullmatch(text):
            return f"`-S` sets one value in every point; without it, `{text}` is an axis."
    for word in asked.command[1:]:
        if _SEVERAL.fullmatch(word):
            return (
                f"'{word}' goes to the command; if it is an axis, put it before "
                f"`{asked.command[0]}`."
            )
    return None


def _with_rows(space: Space, listed: Space) -> Space:
    """Return a list of points with what is the same in all of them."""
    for axis in space.axes:
        if axis.size != 1 or axis.when is not None:
            raise GitexpError(
                f"'{axis.name}' has several values, and `--points` lists the points already",
                "Add it to the list as a column, or give it one value.",
            )
    same = {
        axis.name: axis.domain.values[0] for axis in space.axes if isinstance(axis.domain, Choices)
    }
    axes = (*listed.axes, *space.axes)
    return Space(axes, rows=tuple({**row, **same} for row in listed.rows))


def _check_once(axes: Sequence[Axis]) -> None:
    names = [axis.name for axis in axes]
    for at, name in enumerate(names):
        if name in names[:at]:
            values = [
                dumps(value)
                for axis in axes
                if axis.name == name and isinstance(axis.domain, Choices)
                for value in axis.domain.values
            ]
            together = f"Give all its values at once: `{name}={','.join(values)}`."
            raise GitexpError(f"'{name}' has two axes", together if values else None)


def _content(here: Path, place: str, option: str) -> bytes:
    try:
        if place == _STDIN:
            return sys.stdin.buffer.read()
        return (here / place).read_bytes()
    except OSError as error:
        raise GitexpError(
            f"cannot read '{place}' of `{option}`: {error.strerror}",
            f"Name a file that is there, from where you are, or `{option} -` for stdin.",
        ) from error
