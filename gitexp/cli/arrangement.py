"""How `gitexp ls` puts runs together: in groups, by two values, or beside one of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from gitexp.cli.completion import complete_column, complete_run
from gitexp.errors import GitexpError

if TYPE_CHECKING:
    from gitexp.rendering.pivot import Joined

R = TypeVar("R")

_BY = "--group-by"
_GIVEN = ("group", "by", "pivot", "joined", "baseline")


_REFUSED = {
    "--pivot": ("sort_by", "sort_order", "limit", "keep", "drop", "all_columns"),
    _BY: ("all_columns",),
}
"""What does not go with an option, by the names of the parameters."""


class Arrangement(Struct, frozen=True):
    """What was asked for, of which at most one."""

    group: bool = False
    """Runs that repeat one another are a row."""
    by: tuple[str, ...] = ()
    """Runs that share these values are a row."""
    pivot: tuple[str, str, str] | None = None
    """Rows, columns and what stands in the cells."""
    joined: Joined | None = None
    """How several runs of a cell become one."""
    baseline: str | None = None
    """The run that all others are held against."""

    @property
    def asked(self) -> str:
        """The option that was given; '' for none."""
        return next(self._asked(), "")

    @property
    def makes_groups(self) -> bool:
        """Whether several runs become one row or cell."""
        return self.group or bool(self.by) or self.pivot is not None

    def _asked(self) -> Iterator[str]:
        yield from ["--group"] if self.group else []
        yield from [_BY] if self.by else []
        yield from ["--pivot"] if self.pivot is not None else []
        yield from ["--baseline"] if self.baseline is not None else []

    def check(self, given: Mapping[str, object]) -> None:
        """Raise GitexpError if options were given that do not go together."""
        asked = list(self._asked())
        if self.joined is not None and self.pivot is None:
            raise GitexpError("`--agg` is about the cells of `--pivot`", "Give both, or neither.")
        if len(asked) > 1:
            raise _apart(*asked[:2])
        refused = (*_REFUSED.get(self.asked, ()), *(("only_running",) if asked else ()))
        for name in refused:
            if given[name] not in (None, False):
                option = name.removeprefix("only_").replace("_", "-")
                raise _apart(self.asked, f"--{option}")


def _apart(one: str, other: str) -> GitexpError:
    return GitexpError(f"`{one}` does not go with `{other}`", "Leave out one of them.")


class ListCommand(click.Command):
    """A command whose `--group-by` takes all words up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each of the words an option of its own."""
        return super().parse_args(ctx, list(_spelled_out(args)))


def _spelled_out(args: list[str]) -> Iterator[str]:
    """Repeat `--group-by` before each word that follows it.

    >>> list(_spelled_out(["--group-by", "lr", "depth", "-N", "3"]))
    ['--group-by', 'lr', '--group-by', 'depth', '-N', '3']
    """
    is_by, words = False, 0
    for arg in args:
        if is_by and words and not arg.startswith("-"):
            yield _BY
        if arg.startswith("-") and not (is_by and not words):
            is_by, words = arg == _BY, 0
        else:
            words += 1
        yield arg


def _names(texts: Iterable[str]) -> Iterator[str]:
    """Yield names that were given one by one, or with commas between them.

    >>> list(_names(["lr,depth", "`a,b`"]))
    ['lr', 'depth', '`a,b`']
    """
    for text in texts:
        yield from [text] if "`" in text else filter(None, text.split(","))


def arrangement_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add the options; the command gets `arrangement`."""

    @functools.wraps(command)
    def arranged(*args: Any, **given: Any) -> R:
        group, by, pivot, joined, baseline = (given.pop(name) for name in _GIVEN)
        found = Arrangement(group, tuple(dict.fromkeys(_names(by))), pivot, joined, baseline)
        return command(*args, arrangement=found, **given)

    for option in reversed(_OPTIONS):
        arranged = option(arranged)
    return arranged


_OPTIONS = (
    click.option(
        "--group",
        is_flag=True,
        help="A row for runs that repeat one another: mean ± standard deviation, min, max and n.",
    ),
    click.option(
        _BY,
        "by",
        metavar="PARAM...",
        multiple=True,
        shell_complete=complete_column,
        help="A row for runs that share the values of these, likewise.",
    ),
    click.option(
        "--pivot",
        nargs=3,
        metavar="ROWS COLUMNS VALUE",
        shell_complete=complete_column,
        help="A row and a column for each value of two params, and a metric in the cells.",
    ),
    click.option(
        "--agg",
        "joined",
        type=click.Choice(["mean", "best", "min", "max", "n"]),
        help="What several runs of a cell come to; the mean by default.",
    ),
    click.option(
        "--baseline",
        metavar="RUN",
        shell_complete=complete_run,
        help="Pin a run on top, and show by how much the metrics of the others differ.",
    ),
)
