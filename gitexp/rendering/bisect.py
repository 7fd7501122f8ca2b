"""What `gitexp bisect` says: a line a run, and what came out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gitexp.model.numbers import counted, number_text, repeats_text, signed_text
from gitexp.rendering.cells import shortened
from gitexp.rendering.table import Column, Document, Flat, Table

if TYPE_CHECKING:
    from gitexp.review.statistics import Sample
    from gitexp.tracing.bisect import Told
    from gitexp.tracing.outcome import Outcome, Suspect
    from gitexp.tracing.suspects import Suspects

_OID = 10
_SUBJECT = 40
_DIGITS = 3
_UNSURE = 0.9
_FLAT = ("commit", "chance", "author", "date", "subject", "request")


def step_text(told: Told, suspects: Suspects, subject: str) -> str:
    """Return the line of one run: the commit it is of, what came out, and how many are likely."""
    commit = f"{suspects.commits[told.at][:_OID]} {shortened(subject, _SUBJECT)}"
    taken = told.taken
    name = f" ({taken.run.name})" if taken.run is not None else ""
    if taken.value is None:
        said = f"says nothing: {taken.why}"
    else:
        said = f"{number_text(taken.value)} {_side(told.is_bad)}"
    return f"{told.number}. {commit}: {said}{name}, {counted(told.left, 'commit')} likely"


def _side(is_bad: float) -> str:
    side, sure = ("bad", is_bad) if is_bad > 1 / 2 else ("good", 1 - is_bad)
    return side if sure >= _UNSURE else f"{side}? ({_percent(sure)})"


def _percent(chance: float) -> str:
    """Return a chance; nothing is ever quite sure.

    >>> _percent(0.641), _percent(0.9999)
    ('64 %', '99 %')
    """
    return f"{min(math.floor(chance * 100), 99)} %"


def need_text(commits: int, able: int, needed: int, most: int, known: int) -> str:
    """Return how many runs a bisection takes."""
    lines = [f"{counted(commits, 'commit')}, {able} of which {_change(able)} what decides a result"]
    if known:
        lines.append(f"runs of {counted(known, 'commit')} are recorded")
    lines.append(f"{counted(needed, 'run')} at most if each says clearly on which side it is")
    lines.append(f"{counted(most, 'run')} at most if not (`--most`)")
    return "\n".join(lines)


def _change(able: int) -> str:
    return "changes" if able == 1 else "change"


def found_document(found: Outcome) -> Document:
    """Show the commit, how the metric moved, and what to look at next."""
    return Document(
        data=lambda: _data(found),
        flat=lambda: Flat(_FLAT, [_facts(one) for one in found.suspects]),
        tables=lambda: [] if found.is_found else [_table(found)],
        heading=(_heading(found),),
        notes=tuple(_notes(found)),
    )


def _heading(found: Outcome) -> str:
    moved = signed_text(float(number_text(found.ends.distance, _DIGITS)))
    values = f"{sample_text(found.ends.good)} to {sample_text(found.ends.bad)}"
    if found.is_found:
        oid = found.suspects[0].commit.oid[:_OID]
        return f"{oid} moved {found.metric} by {moved}: {values}"
    return f"one of {counted(found.count, 'commit')} moved {found.metric} by {moved}: {values}"


def sample_text(sample: Sample) -> str:
    return repeats_text(sample.mean, sample.deviation, len(sample.values))


def _table(found: Outcome) -> Table:
    columns = (
        Column("commit"),
        Column("chance"),
        Column("PR", "name", rank=1),
        Column("subject", "name", limit=60, shortest=16),
    )
    rows = [
        (one.commit.oid[:_OID], _percent(one.chance), one.commit.request, one.commit.subject)
        for one in found.suspects
    ]
    return Table(columns, rows, header=True)


def _notes(found: Outcome) -> Iterator[str]:
    first = found.suspects[0]
    if found.is_found:
        commit = first.commit
        request = f" ({commit.request})" if commit.request else ""
        yield f"{commit.subject}{request}"
        yield f"{commit.author}, {commit.date[:10]}"
    made = f"after {counted(found.made, 'run')}" if found.made else "by recorded runs alone"
    yield f"{_percent(first.chance)} sure, {made}" if found.is_found else f"not told apart {made}"
    if found.count > len(found.suspects):
        yield f"{found.count - len(found.suspects)} more are less likely"
    for oid, why in found.silent:
        yield f"{oid[:_OID]} says nothing: {why}"
    if not found.is_over:
        yield "more runs would tell: the same command with a higher `--most` goes on from here"
    if found.before is not None and found.after is not None:
        yield f"look at: gitexp diff {found.before.name} {found.after.name}"


def _data(found: Outcome) -> dict[str, object]:
    ends = found.ends
    return {
        "metric": found.metric,
        "found": found.is_found,
        "suspects": [dict(zip(_FLAT, _facts(one), strict=True)) for one in found.suspects],
        "count": found.count,
        "change": ends.distance,
        "good": sample_data(ends.good),
        "bad": sample_data(ends.bad),
        "runs_made": found.made,
        "before": found.before.id if found.before is not None else None,
        "after": found.after.id if found.after is not None else None,
        "said_nothing": [{"commit": oid, "why": why} for oid, why in found.silent],
    }


def sample_data(sample: Sample) -> dict[str, object]:
    return {
        "values": list(sample.values),
        "mean": sample.mean,
        "standard_deviation": sample.deviation,
    }


def _facts(one: Suspect) -> tuple[object, ...]:
    commit = one.commit
    told = (commit.author, commit.date, commit.subject, commit.request or None)
    return (commit.oid, one.chance, *told)
