"""What became of a run that was made again: whether the second time gave the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, convert, field, json, to_builtins

from gitexp.model.values import Value

Result = Literal["reproduced", "within tolerance", "differs", "failed", "nothing to compare"]

MetricAnswer = Literal["equal", "within tolerance", "differs", "missing", "new"]
OutputAnswer = Literal["equal", "equal in content", "different", "unknown"]

_SAME = {"equal", "equal in content"}


class Machine(Struct, frozen=True):
    """Where a command ran the second time; None for what is not recorded."""

    host: str | None = None
    platform: str | None = None
    python: str | None = None


class Verification(Struct, frozen=True):
    """One answer, as an event holds it."""

    result: Result
    metrics: Mapping[str, MetricAnswer] = field(default_factory=dict)
    """By flat name."""
    outputs: Mapping[str, OutputAnswer] = field(default_factory=dict)
    """By path in the project; those that hold metrics are left out."""
    reasons: tuple[str, ...] = ()
    """What is known of why it differs, as phrases."""
    on: Machine = Machine()
    by: str | None = None
    """The id of the rerun, if it was recorded."""
    reruns: int = 1

    @property
    def is_reproduced(self) -> bool:
        """Whether the second time gave the same, within what is tolerated."""
        return self.result in ("reproduced", "within tolerance")

    @property
    def words(self) -> str:
        """The answer as a phrase, with the first of what is not equal.

        >>> Verification("differs", {"f1": "differs", "f2": "missing"}).words
        'differs (f1: differs, and 1 more)'
        """
        odd = self.odd
        if self.result == "reproduced" or not odd:
            return self.result
        more = f", and {len(odd) - 1} more" if odd[1:] else ""
        return f"{self.result} ({odd[0]}{more})"

    @property
    def odd(self) -> tuple[str, ...]:
        """The metrics and outputs that are not equal, each with its answer."""
        found = {**self.metrics, **self.outputs}
        return tuple(f"{name}: {word}" for name, word in found.items() if word not in _SAME)


class Verified(Struct, frozen=True):
    """The last verification of a run, and who said so when: a late fact."""

    answer: Verification
    who: str
    """Name and email address, as git writes them."""
    time: str
    """RFC 3339, UTC."""


def verification_value(answer: Verification) -> Value:
    """Return what an event holds of an answer."""
    found: Value = json.decode(json.encode(answer))  # `to_builtins` would leave tuples
    return found


def verification_of(value: Value) -> Verification | None:
    """Return the answer that an event holds; None for what somebody made up by hand."""
    if not isinstance(value, dict):
        return None
    try:
        return convert(value, Verification)
    except (ValueError, TypeError):  # msgspec's own error is one of these
        return None


def verified_data(verified: Verified) -> dict[str, Any]:
    """Return a late fact as the JSON of `show` and `ls` has it."""
    return {**to_builtins(verified.answer), "who": verified.who, "time": verified.time}


def result_of(metrics: Mapping[str, MetricAnswer], outputs: Mapping[str, OutputAnswer]) -> Result:
    """Return the answer to the whole, of a rerun that ended well.

    >>> result_of({"f1": "within tolerance"}, {"m.npz": "equal in content"})
    'within tolerance'
    >>> result_of({}, {})
    'nothing to compare'
    """
    if not metrics and not outputs:
        return "nothing to compare"
    if any(word not in ("equal", "within tolerance") for word in metrics.values()):
        return "differs"
    if any(word not in _SAME for word in outputs.values()):
        return "differs"
    return "within tolerance" if "within tolerance" in metrics.values() else "reproduced"
