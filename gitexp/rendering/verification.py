"""What is shown of a verification: by itself, and of a run that was verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import to_builtins

from gitexp.comparison.changes import ABSENT
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.values import Value
from gitexp.model.verification import Verification, Verified
from gitexp.rendering.late_facts import author_name
from gitexp.rendering.table import Column, Document, Flat, Table

_METRICS = (
    Column("metric", "name", least=16, by_its_end=True),
    Column("first", "value", limit=40),
    Column("again", "value", limit=40, joined=" → "),
    Column("answer", "mark", head=""),
)
_OUTPUTS = (Column("output", "name", least=16, by_its_end=True), Column("answer", "mark", head=""))
_REASONS = (Column("reason", limit=0),)
_LEAST = ("equal", "equal in content", "within tolerance")
_ANSWERS = {
    "reproduced": "reproduced",
    "within tolerance": "reproduced, within tolerance",
    "differs": "not reproduced: it differs",
    "failed": "not reproduced: the command failed",
    "nothing to compare": "it ran again, but there is nothing to compare: no metrics, no outputs",
}


def verify_document(
    name: str, answer: Verification, first: RunRecord, again: RunRecord | None
) -> Document:
    """Show an answer, with the metrics of both times."""
    old = flat_values(first.metrics)
    new = flat_values(again.metrics) if again is not None else {}
    return Document(
        data=lambda: {"run": name, **_data(answer)},
        flat=lambda: Flat(("kind", "name", "answer"), list(_flat(answer))),
        tables=lambda: _tables(answer, old, new),
        heading=(name,),
        notes=(*(f"why: {reason}" for reason in answer.reasons), _answer(name, answer)),
    )


def _answer(name: str, answer: Verification) -> str:
    times = f" ({answer.reruns} reruns)" if answer.reruns > 1 else ""
    return f"{name}: {_ANSWERS[answer.result]}{times}"


def _data(answer: Verification) -> Any:
    return to_builtins(answer)


def _flat(answer: Verification) -> Iterator[tuple[object, ...]]:
    yield "result", "", answer.result
    for kind, found in (("metric", answer.metrics), ("output", answer.outputs)):
        for name, word in found.items():
            yield kind, name, word
    for reason in answer.reasons:
        yield "reason", "", reason


def _tables(
    answer: Verification, old: Mapping[str, Value], new: Mapping[str, Value]
) -> Iterator[Table]:
    if answer.metrics:
        rows = [
            (name, old.get(name, ABSENT), new.get(name, ABSENT), word)
            for name, word in answer.metrics.items()
        ]
        yield Table(_METRICS, rows, "Metrics")
    if answer.outputs:
        yield Table(_OUTPUTS, list(answer.outputs.items()), "Outputs")


def verified_text(verified: Verified) -> str:
    """Return a verification in a line: the answer, who found it, where and when."""
    answer = verified.answer
    on = ", ".join(part for part in (answer.on.host, answer.on.python and _python(answer)) if part)
    where = f" on {on}" if on else ""
    when = f"{parse_time(verified.time):%Y-%m-%d}"
    what = f" ({', '.join(_same(answer))})" if answer.is_reproduced else ""
    return f"{answer.result}{what}, by {author_name(verified.who)}{where}, {when}"


def _same(answer: Verification) -> Iterator[str]:
    """Yield how far metrics and outputs are the same: the answer of the one that is least so."""
    for what, found in (("metrics", answer.metrics), ("outputs", answer.outputs)):
        if found:
            yield f"{what} {max(found.values(), key=_LEAST.index)}"


def _python(answer: Verification) -> str:
    return f"Python {answer.on.python}"


def verified_tables(verified: Verified | None) -> Iterator[Table]:
    """Yield what is not equal, and why, as far as that is known."""
    if verified is None:
        return
    answer = verified.answer
    if answer.odd:
        rows = [tuple(one.rpartition(": ")[::2]) for one in answer.odd]
        yield Table(_OUTPUTS, rows, "Not the same when it was verified")
    if answer.reasons:
        yield Table(_REASONS, [(reason,) for reason in answer.reasons], "Why")
