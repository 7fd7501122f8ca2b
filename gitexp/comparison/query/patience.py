"""How long patterns may be searched for, where whoever wrote them cannot press Ctrl-C."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from gitexp.errors import GitexpError

_LIBRARY = "regex"
"""Python's own `re` cannot be told to give up."""


class TakesTooLong(GitexpError):
    """A pattern was searched for as long as it may be."""


class Patience:
    """The seconds that are left for all searches of one question together."""

    def __init__(self, seconds: float) -> None:
        self._given = self._left = seconds

    def search(self, pattern: str, text: str) -> bool:
        """Return whether a text has the pattern; false once no time is left.

        Nothing is raised here: SQLite calls this, and would take it for a fault of its own.
        """
        if self._left <= 0:
            return False
        began = time.perf_counter()
        try:
            return _compiled(pattern).search(text, timeout=self._left) is not None
        except TimeoutError:
            self._left = 0.0
            return False
        finally:
            self._left -= time.perf_counter() - began

    def check(self) -> None:
        """Raise TakesTooLong if the time was not enough."""
        if self._left <= 0:
            raise TakesTooLong(
                f"the pattern of `~` takes longer than {self._given:g} seconds",
                "Repeat less in it, or ask with `like`: `name like 'a%b'`.",
            )


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


def patience() -> Patience | None:
    """Return the limit of the question under way; None if there is none."""
    return _patience.get()


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Search for patterns no longer than so many seconds; raises TakesTooLong in the end."""
    limit = Patience(seconds)
    before = _patience.set(limit)
    try:
        yield
    finally:
        _patience.reset(before)
    limit.check()


def check_pattern(pattern: str) -> None:
    """Raise GitexpError if a pattern cannot be searched for under the limit that there is."""
    if patience() is None:
        return
    try:
        _compiled(pattern)
    except ImportError as error:
        raise GitexpError(
            f"`~` needs '{_LIBRARY}' on a page, which is not installed",
            "Install gitexp with its extra `ui`, or ask with `like`: `name like 'a%b'`.",
        ) from error
    except ValueError as error:
        raise GitexpError(f"not a regular expression: {error}") from error


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    import regex  # noqa: PLC0415 - 20 ms, for the page alone; an extra brings it

    try:
        return regex.compile(pattern)
    except regex.error as error:  # a few patterns are ones of `re` alone
        raise ValueError(str(error)) from error
