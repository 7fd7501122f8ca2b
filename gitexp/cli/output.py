"""The one door through which results go to stdout, or to a pager in front of it."""

from __future__ import annotations

import sys

import click

from gitexp.cli.options import terminal_width, wants_colour
from gitexp.model.text import harmless_lines
from gitexp.project import Project
from gitexp.rendering.formats import pieces
from gitexp.rendering.table import Document

_OURS = "→\N{EN DASH}…▁▂▃▄▅▆▇█"
_INSTEAD = str.maketrans(_OURS, ">-~_.-=+*%#")
"""What stands for our own characters if the terminal lacks them; as wide, so that
columns stay in line."""


def show(project: Project, document: Document, format_name: str, *, below: str = "") -> None:
    """Print a result, and text below it; what is longer than the terminal goes to a pager."""
    parts = pieces(format_name, document, width=terminal_width(), colour=wants_colour())
    if format_name == "text" and not can_show(_OURS):
        parts = (part.translate(_INSTEAD) for part in parts)
    if not sys.stdout.isatty():
        for part in parts:
            sys.stdout.write(part)
        sys.stdout.write(below)
        return
    text = "".join(parts)
    page(project, (harmless_lines(text) if format_name == "csv" else text) + below)


def page(project: Project, text: str) -> None:
    """Print a text, through the pager if it is longer than the terminal."""
    unwanted = click.get_current_context().find_root().params["no_pager"]
    if not sys.stdout.isatty():
        sys.stdout.write(text)
    elif unwanted or not _paged(project, text):
        click.echo(text, nl=False, color=wants_colour())


def _paged(project: Project, text: str) -> bool:
    from gitexp.cli.pager import chosen_pager, is_long, page  # noqa: PLC0415 - 3 ms, terminals alone

    if not is_long(text):
        return False
    command = chosen_pager(project.repository)
    return command is not None and page(text, command)


def can_show(text: str) -> bool:
    """Return whether stdout has these characters."""
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        return False
    return True


def _encoding() -> str:
    return sys.stdout.encoding or "utf-8"
