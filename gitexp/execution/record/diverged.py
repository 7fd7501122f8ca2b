"""A training of transformers that came to nothing, though its log looks like a perfect one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.files import walk
from gitexp.model.paths import TopPath

_STATE = "trainer_state.json"
_LARGEST = 20_000_000
_MOST = 8
"""States that are read, the last ones: each checkpoint has one."""
_TICK = 0.01
"""Seconds by which the times of files may lag behind the clock, where a kernel ticks slowly."""


def diverged(started: Started, outcome: Outcome) -> Iterator[str]:
    """Yield a note if a Trainer logged a loss of 0 at every step, with gradients that are NaN.

    Transformers 5.24 logs a loss that is NaN as 0.
    """
    top = started.project.repository.top
    written = sorted(_states(started, outcome))
    written.sort(key=lambda path: _time(started, path))
    for path in reversed(written[-_MOST:]):
        try:
            place = top / path
            state = json.loads(place.read_bytes()) if place.stat().st_size <= _LARGEST else None
        except (OSError, ValueError, RecursionError):
            continue
        if _came_to_nothing(state):
            name = started.project.name(TopPath(path))
            yield (
                f"note: the loss is exactly 0 at every step in '{name}', and gradients are NaN: "
                "the loss was probably NaN, which transformers logs as 0"
            )
            return


def _states(started: Started, outcome: Outcome) -> set[str]:
    """Return the states that a run wrote.

    Those in folders behind pointers, and those that git ignores, lie beside what is recorded or
    looks like a model.
    """
    top, begun = started.project.repository.top, started.since / 1e9 - _TICK
    behind = [path for one in outcome.pointers for path in walk(top, one.pointer.path)]
    fresh = [path for path in behind if path.endswith(_STATE) and _time(started, path) >= begun]
    ours = {path for path in (*fresh, *outcome.written) if path.rpartition("/")[2] == _STATE}
    beside = {path.rpartition("/")[0] for path in (*outcome.written, *outcome.ignored_models)}
    ignored = (f"{folder}/{_STATE}".lstrip("/") for folder in beside)
    return ours.union(path for path in ignored if _time(started, path) >= begun)


def _time(started: Started, path: str) -> float:
    try:
        return (started.project.repository.top / path).stat().st_mtime
    except OSError:
        return 0.0


def _came_to_nothing(state: object) -> bool:
    history = state.get("log_history") if isinstance(state, dict) else None
    steps = [one for one in history if isinstance(one, dict)] if isinstance(history, list) else []
    losses = [one["loss"] for one in steps if "loss" in one]
    norms = [one["grad_norm"] for one in steps if "grad_norm" in one]
    all_zero = bool(losses) and all(isinstance(one, (int, float)) and one == 0 for one in losses)
    return all_zero and any(map(_is_nan, norms))


def _is_nan(value: object) -> bool:
    if isinstance(value, str):
        return value.lower() == "nan"
    return isinstance(value, float) and math.isnan(value)
