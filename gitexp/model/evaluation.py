"""What a model came to on data that was held out: a late fact, beside the run's own metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, ValidationError, convert, field, to_builtins

from gitexp.model.values import Value, flatten, is_number

PREFIX = "held_out."
"""What the names of such metrics begin with."""


class Evaluation(Struct, frozen=True):
    """One look of a model at held-out data."""

    metrics: Mapping[str, Any]
    """Nested, as the evaluation wrote them."""
    held_out: Mapping[str, str]
    """The hashes of the data, by path in the project, as DVC writes them."""
    command: tuple[str, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    """The oids of files that were not the run's own, by path."""
    started: str = ""
    """RFC 3339, UTC."""
    ended: str = ""
    who: str = ""
    """Name and email address, as git writes them."""
    time: str = ""
    """When it was said: RFC 3339, UTC."""

    @property
    def numbers(self) -> dict[str, float]:
        """The metrics by flat name, with the prefix."""
        found = flatten(dict(self.metrics))
        return {f"{PREFIX}{name}": value for name, value in found.items() if is_number(value)}


def evaluation_value(evaluation: Evaluation) -> Value:
    """Return what an event holds of an evaluation; who and when are the event's to say."""
    found = to_builtins(evaluation)
    del found["who"], found["time"]
    value: Value = found
    return value


def evaluation_of(value: Value, who: str, time: str) -> Evaluation | None:
    """Return the evaluation that an event holds; None for what somebody made up by hand."""
    if not isinstance(value, dict):
        return None
    try:
        return convert({**value, "who": who, "time": time}, Evaluation)
    except (ValidationError, ValueError):  # such as half a surrogate pair
        return None
