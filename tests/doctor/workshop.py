"""How the tests of the doctor look at what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from gitexp.doctor.finding import Finding
from gitexp.project import Project


class Examine(Protocol):
    """Return mark, subject and text of what one part of the examination finds."""

    def __call__(
        self, part: Callable[[Project], Iterable[Finding]], *, fine: bool = False
    ) -> list[tuple[str, str, str]]: ...
