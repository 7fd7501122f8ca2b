"""One param set on the command line, as a value."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from gitexp.errors import GitexpError

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any  # a type that names itself is more than msgspec can read back


class Operation(Enum):
    """What an override asks for, by the sign before its key."""

    CHANGE = ""
    ADD = "+"
    FORCE = "++"
    """Set the value, whether or not the key exists."""
    DELETE = "~"


class Override(Struct, frozen=True):
    """One `-S` of the command line, read but not yet matched with a file."""

    text: str
    file: str | None
    operation: Operation
    key: tuple[str, ...]
    value: Value
    has_value: bool = True
    """Whether a value was given; `~key` has none, and `~key=null` has."""

    @property
    def name(self) -> str:
        """The dotted name of the key."""
        return ".".join(self.key)


class UnknownParam(GitexpError):
    """No params file has the key of an override."""

    def __init__(self, override: Override, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.override = override
