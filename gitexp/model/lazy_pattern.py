"""Regular expressions that are compiled when they are used, not when a module is imported.

A command imports modules with some 60 of them (5 ms), and uses seven.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` would, for all that is asked of it; it is no `re.Pattern`, though.

    >>> lazy_pattern("a+").fullmatch("aa")
    <re.Match object; span=(0, 2), match='aa'>
    """
    return cast("re.Pattern[AnyStr]", _Lazy(pattern, flags))


class _Lazy:
    """Stands for a pattern until something of it is asked for."""

    def __init__(self, *asked: Any) -> None:
        self._asked = asked

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what Python asks of any object
            raise AttributeError(name)
        found = getattr(re.compile(*self._asked), name)  # one object for all: `re` keeps it
        self.__dict__[name] = found
        return found
