"""What `gitexp review` shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import counted
from gitexp.rendering.diff import diff_tables
from gitexp.rendering.diff_data import diff_data
from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.review.judged import JudgedMetric, Outcome
from gitexp.review.review import Review, review_data

_FLAT = ("kind", "file", "name", "old", "new", "diff", "outcome", "words")
_METRIC_COLUMNS = (
    Column("metric", "name", least=16, by_its_end=True),
    Column("base", "value", limit=40),
    Column("head", "value", limit=40, joined=" → "),
    Column("change", "delta", rank=1),
    Column("%", "percent", rank=2),
    Column("outcome", "mark", head=""),
)
_RULE_COLUMNS = (Column("kept", "mark", head=""), Column("demand", limit=0))
_RUN_COLUMNS = (Column("mark", "mark", head=""), Column("run", limit=0))


def review_document(review: Review) -> Document:
    """Show what differs, what is demanded, and the answer last, where a terminal shows it."""
    return Document(
        data=lambda: review_data(review, diff_data(review.diff)),
        flat=lambda: Flat(_FLAT, tuple(_flat(review))),
        tables=lambda: _tables(review),
        heading=(review.base.label, review.head.label),
        notes=(
            *_unchanged(review),
            *(f"note: {note}" for note in review.notes),
            *(f"wrong: {reason}" for reason in review.reasons),
            review.summary,
        ),
    )


def metrics_table(metrics: Sequence[JudgedMetric], marks: Sequence[str], file: str = "") -> Table:
    """Return metrics of one file, each with its mark."""
    rows = [
        (
            metric.change.name,
            metric.change.old,
            metric.change.new,
            metric.change.delta,
            metric.change.relative,
            mark,
        )
        for metric, mark in zip(metrics, marks, strict=True)
    ]
    return Table(_METRIC_COLUMNS, rows, "Metrics", file)


def moved(review: Review) -> dict[str, list[JudgedMetric]]:
    """Return the metrics that are not the same on both sides, by file."""
    found: dict[str, list[JudgedMetric]] = {}
    for metric in review.verdict.metrics:
        if metric.outcome != "unchanged":
            found.setdefault(metric.change.file, []).append(metric)
    return found


def unchanged_text(review: Review) -> str:
    """Return how many metrics are the same on both sides, or nothing if all moved."""
    count = review.verdict.counts.get("unchanged", 0)
    if review.is_empty:
        return ""
    if not review.verdict.metrics:
        return "neither side has metrics"
    return f"{counted(count, 'metric')} did not change" if count else ""


def _unchanged(review: Review) -> Iterator[str]:
    text = unchanged_text(review)
    if text:
        yield text


def _tables(review: Review) -> Iterator[Table]:
    for file, metrics in moved(review).items():
        marks = [_mark(metric.outcome) for metric in metrics]
        yield metrics_table(metrics, marks, file)
    yield from diff_tables(replace(review.diff, metrics=()))  # those are above, judged
    kept = [("ok", rule.words) for rule in review.verdict.rules if rule.kept]
    if kept:  # what is broken stands below, where a terminal shows it
        yield Table(_RULE_COLUMNS, kept, "Demands that are kept")
    fresh = [("ok", one.words) for one in review.runs if one.fresh]
    if fresh:
        yield Table(_RUN_COLUMNS, fresh, "Runs")


def _mark(outcome: Outcome) -> str:
    return f"~ {outcome}" if outcome.startswith("within ") else outcome


def _flat(review: Review) -> Iterator[tuple[object, ...]]:
    for metric in review.verdict.metrics:
        change = metric.change
        delta = ABSENT if change.delta is None else change.delta
        values = (change.old, change.new, delta)
        yield "metric", change.file, change.name, *values, metric.outcome, ""
    none = (ABSENT, ABSENT, ABSENT)
    for rule in review.verdict.rules:
        outcome = "kept" if rule.kept else "broken"
        what = f"{rule.subject}: {rule.demand}" if rule.subject != rule.demand else rule.subject
        yield "demand", rule.file, what, *none, outcome, rule.words
    for one in review.findings:
        yield "finding", "", one.subject or one.topic, *none, one.mark, one.words
