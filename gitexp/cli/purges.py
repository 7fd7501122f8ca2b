"""Whether purges of others are obeyed: by an option, or by a yes at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from gitexp.cli.options import CLEAR, tell

if TYPE_CHECKING:
    from gitexp.sharing.agreed import Answer, Decision

P = ParamSpec("P")
R = TypeVar("R")


def purges_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--accept-purges` and `--refuse-purges`; the command gets `purges`."""
    command = click.option(
        "--refuse-purges",
        "purges",
        flag_value="refuse",
        help="Keep, for good, what others purged and nobody trusted has signed.",
    )(command)
    return click.option(
        "--accept-purges",
        "purges",
        flag_value="accept",
        help="Take out here what others purged, signed or not.",
    )(command)


def decided_by(purges: Answer | None) -> Decision:
    """Return what decides: the option, or else the user if there is a terminal."""
    from gitexp.sharing.agreed import Decision  # noqa: PLC0415 - 5 ms, where something is sent or fetched

    return Decision(purges, _asked)


def _asked(told: str) -> Answer:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "later"
    click.echo(CLEAR, nl=False, err=True)
    tell(told)
    return "accept" if click.confirm("Do the same here?", err=True) else "later"
