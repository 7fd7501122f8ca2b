"""A pager between a long result and the terminal, chosen and set up as git does."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import click

from gitexp.git.repository import Repository
from gitexp.model.marks import runs_around
from gitexp.model.ranks import rank_above_zero
from gitexp.model.text import text_width

_OURS = "GITEXP_PAGER"
_DEFAULT = "less"
_NONE = frozenset({"", "cat"})
_SETTINGS = {"LESS": "FRX", "LV": "-c"}
"""What git sets if the user has not: quit if it fits, keep colours, leave the screen alone."""
_CANNOT_BE_RUN = frozenset({126, 127})


def is_long(text: str) -> bool:
    """Return whether a text is longer than the screen, the prompt included."""
    columns, lines = shutil.get_terminal_size()
    rows = 1
    for line in text.split("\n"):
        rows += max(1, -(-text_width(click.unstyle(line)) // max(1, columns)))
        if rows > lines + 1:  # what follows the last line feed is not a row, the prompt is one
            return True
    return False


def chosen_pager(repository: Repository) -> str | None:
    """Return the pager's command; None if there is to be none.

    GITEXP_PAGER, then as git has it: GIT_PAGER, core.pager, PAGER, `less`.
    """
    if os.environ.get("TERM", "dumb") == "dumb":  # pagers move the cursor
        return None
    if runs_around(os.environ) or rank_above_zero(os.environ):  # a training must not wait for a key
        return None
    for name in (_OURS, "GIT_PAGER"):
        if name in os.environ:
            return _unless_none(os.environ[name])
    asked = repository.attempt("config", "--get", "core.pager")
    if asked.returncode == 0:
        return _unless_none(os.fsdecode(asked.stdout).rstrip("\n"))
    if "PAGER" in os.environ:
        return _unless_none(os.environ["PAGER"])
    return _DEFAULT if shutil.which(_DEFAULT) else None  # a container may have none


def _unless_none(command: str) -> str | None:
    return None if command.strip() in _NONE else command


def page(text: str, command: str) -> bool:
    """Show a text in a pager until the user leaves it; return False if it cannot be run."""
    sys.stdout.flush()
    content = text.encode(sys.stdout.encoding or "utf-8", errors="backslashreplace")
    with _interrupts_for_the_pager():
        process = subprocess.Popen(  # noqa: S602 - the user's own command line, as git takes it
            command, shell=True, stdin=subprocess.PIPE, env={**_SETTINGS, **os.environ}
        )
        with process:
            process.communicate(content)  # leaving it before the end is not an error
    return process.returncode not in _CANNOT_BE_RUN


@contextlib.contextmanager
def _interrupts_for_the_pager() -> Iterator[None]:
    """Leave Ctrl-C to the pager, which stops searching, or following, and goes on."""
    # no SIG_IGN: the pager would inherit that
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
