"""A script that is not there: a typing error, told before anything starts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from gitexp.execution.command.process import CommandNotFound
from gitexp.model.lazy_pattern import lazy_pattern

_PYTHON = lazy_pattern(r"(?:.*/)?python[0-9.]*t?")
_FLAGS = lazy_pattern(r"-[bBdEiIOPqsSuvx]+")
"""Options of Python that have no value: the script comes behind them."""
_ENDING = ".py"


def check_script(argv: Sequence[str], folder: Path) -> None:
    """Raise CommandNotFound if a Python is to run a script that is not there.

    Only what is certain is refused: options with a value, and names that a sweep fills in, are
    passed over.
    """
    word = _script(argv)
    if word is None or "{" in word or os.path.lexists(folder / word):
        return
    close = _close(folder / word)
    hint = f"Did you mean '{os.path.join(os.path.dirname(word), close)}'?" if close else None  # noqa: PTH118, PTH120 - as it was typed
    raise CommandNotFound(f"no file '{word}'", hint=hint)


def _script(argv: Sequence[str]) -> str | None:
    if not _PYTHON.fullmatch(argv[0]):
        return None
    word = next((one for one in argv[1:] if not _FLAGS.fullmatch(one)), "")
    return word if word.endswith(_ENDING) and not word.startswith("-") else None


def script_like(path: Path) -> str | None:
    """Return the name of the script beside a path that was probably meant."""
    return _close(path) if path.name.endswith(_ENDING) else None


def _close(path: Path) -> str | None:
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    names: list[str] = []
    with contextlib.suppress(OSError):
        names = [one for one in os.listdir(path.parent) if one.endswith(_ENDING)]  # noqa: PTH208 - names alone
    return next(iter(difflib.get_close_matches(path.name, sorted(names), n=1)), None)
