"""Options that mean the same in every command."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import click

from gitexp.project import Project

P = ParamSpec("P")
R = TypeVar("R")

FORMATS = ("text", "json", "csv", "md")


def with_project(command: Callable[Concatenate[Project, P], R]) -> Callable[P, R]:
    """Open the project around the directory of `-C` and pass it first."""

    @functools.wraps(command)
    def opened(*args: P.args, **kwargs: P.kwargs) -> R:
        directory = click.get_current_context().find_root().params["directory"]
        with Project.open(directory) as project:
            return command(project, *args, **kwargs)

    return opened


def format_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--format` and its short forms; the command gets `format_name`."""
    for name in FORMATS[:0:-1]:
        command = click.option(
            f"--{name}", "format_name", flag_value=name, help=f"Short for --format {name}."
        )(command)
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How to print the result.",
    )(command)


def terminal_width() -> int | None:
    """Return how many columns a line may have; None where stdout is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wants_colour() -> bool:
    """Return whether text is to be coloured (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
