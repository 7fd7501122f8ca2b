"""Hints of errors, where scripts and notebooks see them: below the traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from gitexp.errors import GitexpError

P = ParamSpec("P")
R = TypeVar("R")


def hinted(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function's errors show their hint when nobody catches them."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except GitexpError as error:
            if error.hint is not None and sys.version_info >= (3, 11):
                error.add_note(f"hint: {error.hint}")
            raise

    return call
