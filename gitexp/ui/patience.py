"""How long the patterns of a question may be searched for: everybody else waits meanwhile."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gitexp.comparison.query.patience import PATIENCE
from gitexp.errors import GitexpError

_LIBRARY = "regex"


class TakesTooLong(GitexpError):
    """A pattern was searched for as long as it may be."""


class Limited:
    """The seconds that are left for all searches of one question together."""

    def __init__(self, seconds: float) -> None:
        self._given = self._left = seconds

    def check_pattern(self, pattern: str) -> None:
        """Raise GitexpError if it cannot be searched for."""
        try:
            _compiled(pattern)
        except ImportError as error:
            raise GitexpError(
                f"`~` needs '{_LIBRARY}' on a page, which is not installed",
                "Install gitexp with its extra `ui`, or ask with `like`: `name like 'a%b'`.",
            ) from error
        except ValueError as error:
            raise GitexpError(f"not a regular expression: {error}") from error

    def search(self, pattern: str, text: str) -> bool:
        """Return whether a text has the pattern; false once no time is left."""
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


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Search for patterns no longer than so many seconds; raises TakesTooLong in the end."""
    limit = Limited(seconds)
    before = PATIENCE.set(limit)
    try:
        yield
    finally:
        PATIENCE.reset(before)
    limit.check()


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    import regex  # noqa: PLC0415 - 20 ms, where somebody asks with `~`

    try:
        return regex.compile(pattern)
    except regex.error as error:  # a few patterns are ones of `re` alone
        raise ValueError(str(error)) from error
