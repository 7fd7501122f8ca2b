"""What was measured, as values and as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.measure import Samples

_MILLISECONDS_BELOW = 10.0
"""Seconds from which on a time is shown in seconds."""
_MICROSECONDS_BELOW = 1e-4
"""Seconds below which a time is shown in microseconds."""


@dataclass(frozen=True)
class Result:
    """One row: gitexp's figures and the peer's; without a peer, the budget is in bytes."""

    row: str
    what: str
    against: str
    ours: Samples
    peer: Samples | None
    budget: float
    notes: tuple[str, ...] = ()
    unit: str = "s"
    """Of the figures: seconds, or MB."""

    @property
    def ratio(self) -> float:
        """The ratio of the medians, or the figure itself where there is no peer."""
        return self.ours.median / (self.peer.median if self.peer else 1)

    @property
    def is_met(self) -> bool:
        """Return whether the budget is kept."""
        return self.ratio <= self.budget


@dataclass(frozen=True)
class Unmeasured:
    """A row without figures."""

    row: str
    why: str
    failed: bool
    """Whether a program failed; otherwise its peer is not installed."""


Outcome = Result | Unmeasured

_HEAD = ("row", "gitexp", "peer", "ratio", "budget", "verdict")


def cells(found: Outcome) -> tuple[str, ...]:
    """Return a row of the table."""
    if isinstance(found, Unmeasured):
        return (found.row, "", "", "", "", "failed" if found.failed else "skipped")
    verdict = "ok" if found.is_met else "falls short"
    if found.peer is None:
        size, limit = f"{found.ours.median:,.0f} bytes", f"≤ {found.budget:,.0f} bytes"
        return (found.row, size, "", "", limit, verdict)
    ratio, budget = _ratio(found.ratio), f"≤ {_ratio(found.budget)}"
    text = _time if found.unit == "s" else _memory
    return (found.row, text(found.ours), text(found.peer), ratio, budget, verdict)


def _ratio(value: float) -> str:
    return f"1/{1 / value:.1f}" if 0 < value < 1 else f"{value:.2f}"


def _time(samples: Samples) -> str:
    large = samples.median >= _MILLISECONDS_BELOW
    unit, scale, places = ("s", 1.0, 2) if large else ("ms", 1000.0, 1)
    if samples.median < _MICROSECONDS_BELOW:
        unit, scale, places = "µs", 1e6, 1
    lower, upper = samples.quartiles
    middle = f"{samples.median * scale:.{places}f} {unit}"
    return f"{middle} ({lower * scale:.{places}f} to {upper * scale:.{places}f})"


def _memory(samples: Samples) -> str:
    lower, upper = samples.quartiles
    return f"{samples.median:.0f} MB ({lower:.0f} to {upper:.0f})"


def text_table(outcomes: Iterable[Outcome]) -> str:
    """Return the rows in columns."""
    lines = [_HEAD, *(cells(found) for found in outcomes)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(_HEAD))]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "".join(f"{line}\n" for line in padded)


def markdown_table(outcomes: Iterable[Outcome]) -> str:
    """Return the rows as a Markdown table."""
    lines = [_HEAD, ("---",) * len(_HEAD), *(cells(found) for found in outcomes)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def explanations(outcomes: Iterable[Outcome]) -> str:
    """Return what each row means, one line each."""
    lines = []
    for found in outcomes:
        if isinstance(found, Unmeasured):
            lines.append(f"- `{found.row}`: {' '.join(found.why.split())}")
            continue
        against = f", against {found.against}" if found.against else ""
        notes = "".join(f"; {note}" for note in found.notes)
        lines.append(f"- `{found.row}`: {found.what}{against}{notes}.")
    return "".join(f"{line}\n" for line in lines)
