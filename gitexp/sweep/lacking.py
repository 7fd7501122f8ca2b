"""Metrics that a sweep is after and no run has: misspelt, or written where nobody reads them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from gitexp.comparison.naming import key_of, meant
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record import RunRecord
from gitexp.model.values import is_number
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.results import objectives_of
from gitexp.sweep.sweep import Sweep

ENOUGH = 3
"""After so many runs that ended well, one has to have the metric that a sweep is after."""
_MOST_NAMED = 6
_VERBS = {"min": "minimize", "max": "maximize"}


def lacking(sweep: Sweep, settled: Iterable[Settled]) -> tuple[str, ...]:
    """Return the metrics that a sweep is after and no run that is done has; none without runs."""
    done = [one for one in settled if one.status == "done"]
    return tuple(
        aim.metric
        for at, aim in enumerate(sweep.objectives)
        if done and all(one.objectives[at] is None for one in done)
    )


def is_hopeless(sweep: Sweep, settled: Iterable[Settled]) -> bool:
    """Return whether runs enough are done, and none has a metric that the sweep is after."""
    done = [one for one in settled if one.status == "done"]
    return len(done) >= ENOUGH and bool(lacking(sweep, done))


def why_hopeless(sweep: Sweep, known: Known) -> str | None:
    """Return why no run is started any more, if that is the reason."""
    if not is_hopeless(sweep, known.settled.values()):
        return None
    done = sum(one.status == "done" for one in known.settled.values())
    metric = lacking(sweep, known.settled.values())[0]
    return f"the first {done} runs that are done have no number '{metric}'"


def note_on_first(sweep: Sweep, known: Known, record: RunRecord) -> str | None:
    """Return what is to be said of a run that is done; `known` is what came before it."""
    values = objectives_of(record, sweep.objectives)
    before = [one for one in known.settled.values() if one.status == "done"]
    for at, aim in enumerate(sweep.objectives):
        if values[at] is None and all(one.objectives[at] is None for one in before):
            there = hint(aim.metric, numbers_in(record))
            return f"warning: no run has a number '{aim.metric}' to {_VERBS[aim.goal]}. {there}"
    return None


def numbers_in(record: RunRecord) -> tuple[str, ...]:
    """Return the flat names of the metrics of a run."""
    return tuple(name for name, value in flat_values(record.metrics).items() if is_number(value))


def hint(metric: str, names: Sequence[str]) -> str:
    """Return which metrics there are, and which may be meant.

    >>> hint("los", ["loss", "accuracy"])
    'The metrics are `loss`, `accuracy`. Did you mean `loss`?'
    """
    if not names:
        return "There are no metrics: `metrics` in gitexp.yaml says which files have them."
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    more = ", …" if len(names) > _MOST_NAMED else ""
    close = meant(metric, names) or meant(key_of(metric), names)
    close = close or difflib.get_close_matches(metric, names, n=2)
    asked = f" Did you mean {' or '.join(f'`{name}`' for name in close[:2])}?" if close else ""
    one = f"The only metric is {shown}." if len(names) == 1 else f"The metrics are {shown}{more}."
    return one + asked
