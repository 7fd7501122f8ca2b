"""The message of the commit that brings a run onto a branch, fit for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gitexp.comparison.changes import ABSENT, Change, MaybeValue, Side
from gitexp.comparison.diff import diff_documents
from gitexp.model.identical import identical
from gitexp.model.message import FROM_RUN_TRAILER, subject, without_trailers
from gitexp.model.numbers import number_text, pair_texts, signed_text
from gitexp.model.policy import Policy
from gitexp.model.record import RunRecord
from gitexp.model.values import is_number

_LONGEST_VALUE = 60


def branch_message(record: RunRecord, before: Side, policy: Policy) -> str:
    """Return subject, changes of metrics and params from the baseline, and the trailer.

    The subject is the first line of the run's own message, else its name and metrics.
    """
    own = subject(record, policy, before.metrics)
    said, _, rest = record.message.strip().partition("\n")
    parts = [" ".join(said.split()) or own]
    if rest.strip():
        parts.append(without_trailers(rest.strip()))
    if said:
        parts.append(f"Run {own}")
    sections = (
        ("Metrics", diff_documents(before.metrics, record.metrics, policy)),
        ("Params", diff_documents(before.params, record.params, equal=identical)),
    )
    for title, changes in sections:
        lines = list(_lines(changes))
        if lines:
            parts.append("\n".join([f"{title}:", "", *lines]))
    parts.append(f"{FROM_RUN_TRAILER}: {record.id}")
    return "\n\n".join(parts) + "\n"


def _lines(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        yield f"- {_one_line(change.name)}: {_moved(change)}"


def _moved(change: Change) -> str:
    """Return what became of a value.

    >>> _moved(Change("m.json", "loss", 0.5, 0.4, "better")), _moved(Change("p", "a", ABSENT, "x"))
    ('0.5 → 0.4 (-0.1, better)', 'x')
    """
    old, new, delta = change.old, change.new, change.delta
    if delta is not None and is_number(old) and is_number(new):
        before, after = pair_texts(old, new)
        return f"{before} → {after} ({', '.join(filter(None, (signed_text(delta), change.mark)))})"
    if new is ABSENT:
        return f"{_text(old)} → none"
    return _text(new) if old is ABSENT else f"{_text(old)} → {_text(new)}"


def _text(value: MaybeValue) -> str:
    if isinstance(value, str):
        text = _one_line(value)
    elif is_number(value):
        text = number_text(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
