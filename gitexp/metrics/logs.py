"""Logs of metrics in JSON: a line for each step, or a list of steps in one document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from gitexp.errors import GitexpError
from gitexp.metrics.rows import Row, best, counters_last
from gitexp.model.documents.reading import decode
from gitexp.model.policy import Policy
from gitexp.model.values import DEEPEST, Value, flatten, is_number

_HISTORY = "log_history"
"""Where the Trainer of transformers keeps its steps, in `trainer_state.json`."""
_BESIDE = ("best_metric", "best_global_step", "epoch", "global_step")

_Values = dict[str, Value]


def read_lines(content: bytes, name: str, row: Row | None, policy: Policy) -> _Values:
    """Return the values of the lines that stand for the run; raises as `rows_of_lines`."""
    return _chosen(rows_of_lines(content, name), row, policy)


def rows_of_lines(content: bytes, name: str) -> list[_Values]:
    """Return the values of all lines.

    A last line that was cut off is left out. Raises GitexpError for a line that is no object.
    """
    lines = decode(content, name).split("\n")  # others than this one may stand in a JSON string
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            value = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError) as error:
            if number == len(lines) > 1:  # and not "", as it is after a whole line
                continue
            raise GitexpError(
                f"'{name}' is not valid JSON lines (line {number})",
                'Write one object a line: `{"step": 1, "loss": 0.5}`.',
            ) from error
        if not isinstance(value, dict):
            raise GitexpError(f"line {number} of '{name}' is not an object")
        rows.append(_measured(value))
    return rows


def are_lines(content: bytes) -> bool:
    """Return whether what is called JSON is a line for each step, as detectron2 writes it."""
    first, _, rest = content.strip().partition(b"\n")
    return (
        first.startswith(b"{") and first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
    )


def has_history(values: Mapping[str, Value]) -> bool:
    """Return whether a document is what the Trainer of transformers knows of its steps."""
    return isinstance(values.get(_HISTORY), list)


def read_history(values: Mapping[str, Value], row: Row | None, policy: Policy) -> _Values:
    """Return the values of the steps that stand for the run, and what is said beside them."""
    found = _chosen(rows_of_history(values), row, policy)
    beside = {key: values[key] for key in _BESIDE if is_number(values.get(key))}
    return counters_last({**beside, **found})


def rows_of_history(values: Mapping[str, Value]) -> list[_Values]:
    """Return the values of all steps; none of a document of another kind."""
    steps = cast("list[Value]", values[_HISTORY]) if has_history(values) else []
    return [_measured(one) for one in steps if isinstance(one, dict)]


def scores_of_model(values: Mapping[str, Value]) -> _Values:
    """Return the scores in what spaCy writes about a model; nothing of other documents."""
    scores = values.get("performance")
    return dict(scores) if isinstance(scores, dict) and "spacy_version" in values else {}


def _measured(row: Mapping[str, Value]) -> _Values:
    """Return the values of a step, of which null stands for none."""
    return {key: value for key, value in row.items() if value is not None}


def _chosen(rows: Sequence[_Values], row: Row | None, policy: Policy) -> _Values:
    if row == "best":
        flat = [flatten(one) for one in rows]
        chosen = best(flat, policy, lambda value: value)
        if chosen is not None:
            return counters_last(_nested(chosen, rows))
    return counters_last(_joined(rows))


def _joined(rows: Iterable[_Values]) -> _Values:
    """Return the last value of each name, in mappings as well."""
    found: _Values = {}
    for row in rows:
        _update(found, row, DEEPEST)
    return found


def _update(found: _Values, row: Mapping[str, Value], depth: int) -> None:
    for key, value in row.items():
        old = found.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and depth:
            found[key] = old = dict(old)
            _update(old, value, depth - 1)
        else:
            found[key] = value


def _nested(flat: Mapping[str, Value], rows: Sequence[_Values]) -> _Values:
    """Return flat values in the mappings in which the rows have them."""
    if not any(isinstance(value, dict) for row in rows for value in row.values()):
        return dict(flat)
    return _joined(_picked(row, flat, "") for row in rows)


def _picked(row: Mapping[str, Value], flat: Mapping[str, Value], prefix: str) -> _Values:
    found: _Values = {}
    for key, value in row.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            if inner := _picked(value, flat, f"{name}."):
                found[key] = inner
        elif name in flat:
            found[key] = flat[name]
    return found
