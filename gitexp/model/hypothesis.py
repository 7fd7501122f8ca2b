"""What a run was expected to show, written down before it, and whether it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, ValidationError, convert, field

Verdict = Literal["confirmed", "refuted", "within noise", "not measured"]
VERDICTS: tuple[Verdict, ...] = ("confirmed", "refuted", "within noise", "not measured")


class Reference(Struct, frozen=True):
    """What an expectation compares with, as it was before the command started."""

    commit: str
    """The oid of the baseline, or of the run's commit."""
    run: str = ""
    """The id of the run whose numbers they are, if it is known."""
    name: str = ""
    """The name of that run."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The values that are compared with, by `metrics.NAME` or `params.NAME`."""


class Hypothesis(Struct, frozen=True):
    """An expectation in the language of `--expect`, and what became of it."""

    expect: str
    verdict: str | None = None
    """One of VERDICTS, or what a newer gitexp may say; None if nobody could judge."""
    against: Mapping[str, Reference] = field(default_factory=dict)
    """What `baseline`, `best` and the names of runs stood for."""


def one_line(expect: str) -> str:
    """Return an expectation as it is written down."""
    return " ".join(expect.split())


def hypothesis_of(values: object) -> Hypothesis | None:
    """Return what a record says of a hypothesis; raises TypeError if it is none."""
    try:
        return None if values is None else convert(values, Hypothesis)
    except ValidationError as error:
        raise TypeError(f"'hypothesis' is not one: {error}") from error
