"""Options that mean the same in every command that runs something."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from gitexp.cli.completion import complete_override

P = ParamSpec("P")
R = TypeVar("R")


def timeout_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--timeout`; the command gets `timeout` in seconds."""
    return click.option(
        "--timeout",
        metavar="TIME",
        callback=read_duration,
        help="Stop the command after 90s, 15m or 2h.",
    )(command)


def read_duration(_ctx: click.Context, _param: click.Parameter, text: str | None) -> float | None:
    """Return the seconds that an option says."""
    if text is None:
        return None
    from gitexp.model.durations import seconds_of  # noqa: PLC0415 - 1 ms, where it is given

    seconds = seconds_of(text)
    if seconds is None:
        raise click.BadParameter("give a time such as 90, 90s, 15m or 2h")
    return seconds


def copied_option(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return what adds `--copy`; the command gets `copied`."""
    return click.option("-C", "--copy", "copied", multiple=True, metavar="PATH", help=what)


def environment_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--env`; the command gets `in_environment`."""
    return click.option(
        "--env", "in_environment", is_flag=True, help="In the environment that RUN had."
    )(command)


def incomplete_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--incomplete`."""
    return click.option(
        "--incomplete",
        is_flag=True,
        help="Go on without what the run left out, and without data that is gone.",
    )(command)


def set_param_option(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return what adds `-S`; the command gets `overrides`."""
    return click.option(
        "-S",
        "--set-param",
        "overrides",
        multiple=True,
        metavar="[FILE:]KEY=VALUE",
        shell_complete=complete_override,
        help=what,
    )


def secrets_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--allow-secrets`."""
    return click.option(
        "--allow-secrets", is_flag=True, help="Record even what looks like a token or private key."
    )(command)
