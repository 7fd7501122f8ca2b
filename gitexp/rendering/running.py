"""Runs under way: how far they are, and what they have come to so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.model.numbers import duration_text, number_text
from gitexp.model.policy import Policy
from gitexp.model.text import harmless
from gitexp.rendering.curves import curves_table
from gitexp.rendering.short_names import short_names
from gitexp.rendering.system import usage_texts
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

if TYPE_CHECKING:
    from gitexp.series.series import Series
    from gitexp.store.running import Running

TITLE, _RECORDED = "Running", "Recorded"
_VALUES = 4
"""How many values of each run are listed beside one another."""
_FACT_COLUMNS = (Column("fact", limit=0), Column("value", limit=0))
_VALUE_COLUMNS = (Column("name", "name", least=16, by_its_end=True), Column("value", "value"))
_SILENT = 60.0
"""Seconds after which it is said that nothing was logged."""


def above(document: Document, runs: Sequence[Running], policy: Policy) -> Document:
    """Put the runs under way above a list of runs, for people alone."""

    def tables() -> Iterator[Table]:
        yield running_table(runs, policy)
        for table in document.tables():
            yield replace(table, title=table.title or _RECORDED)

    return replace(document, tables=tables)


def running_table(runs: Sequence[Running], policy: Policy) -> Table:
    """Return a row for each run under way; those elsewhere, or alone, with where that is."""
    names = policy.ordered(dict.fromkeys(name for one in runs for name in one.values))
    ruled = [name for name in names if policy.rule(name)]
    names = [*ruled, *(name for name in names if name not in ruled)][: max(_VALUES, len(ruled))]
    heads = short_names(names)
    columns = [
        Column("name", "name"),
        Column("status", "mark"),
        Column("for", "duration", rank=2),
        Column("step", rank=1),
        Column("left", rank=1),
        *(
            Column(name, "value", head=head, rank=3 + at, limit=20)
            for at, (name, head) in enumerate(zip(names, heads, strict=True))
        ),
        Column("where", limit=40, rank=2),
    ]
    rows = [
        [
            *(one.name, one.state, one.since, step_text(one), left_text(one)),
            *(one.values.get(name, BLANK) for name in names),
            one.where,
        ]
        for one in runs
    ]
    used = [at for at in range(len(columns)) if any(row[at] not in ("", BLANK) for row in rows)]
    return Table(
        tuple(columns[at] for at in used),
        [[row[at] for at in used] for row in rows],
        title=TITLE,
        header=True,
    )


def step_text(one: Running) -> str:
    """Return how far a run is: `120/1000`, or the step alone if nobody says how many there are.

    What is counted may be epochs. A param that the whole is guessed from is named.
    """
    found = one.headway
    if found is not None:
        guess = f" ({harmless(found.by)})" if found.by else ""
        return f"{_count(found.done)}/{_count(found.of)}{guess}"
    return "" if one.step is None else _count(one.step)


def left_text(one: Running) -> str:
    """Return how long the rest takes, if that can be said."""
    left = one.headway.left if one.headway is not None else None
    return "" if left is None else f"~{duration_text(left)}"


def _count(number: float) -> str:
    return str(int(number)) if number == int(number) else number_text(number)


def running_data(one: Running) -> dict[str, object]:
    """Return a run under way for programs."""
    found = one.headway
    return {
        "id": one.id,
        "name": one.name,
        "status": one.state,
        "since": one.entry.since,
        "seconds": round(one.since, 1),
        "project": one.entry.folder,
        "host": one.entry.owner.host,
        "command": one.command,
        "message": one.message,
        "sweep": one.entry.claim.sweep if one.entry.claim is not None else None,
        "step": one.step,
        "values": dict(one.values),
        "done": found.done if found is not None else None,
        "of": found.of if found is not None else None,
        "of_param": found.by if found is not None and found.by else None,
        "seconds_left": round(found.left, 1) if found is not None and found.left else None,
        "seconds_silent": None if one.silent is None else round(one.silent, 1),
        "system": dict(one.usage.means) if one.usage is not None else {},
    }


_FLAT = "id name status since seconds project host sweep step done of seconds_left".split()


def running_document(runs: Sequence[Running], policy: Policy) -> Document:
    """List the runs under way."""

    def flat() -> Flat:
        rows = [running_data(one) for one in runs]
        names = list(dict.fromkeys(name for one in runs for name in one.values))
        values = [[one.values.get(name) for name in names] for one in runs]
        return Flat(
            (*_FLAT, *(f"values.{name}" for name in names)),
            [[*(row[name] for name in _FLAT), *v] for row, v in zip(rows, values, strict=True)],
        )

    return Document(
        data=lambda: [running_data(one) for one in runs],
        flat=flat,
        tables=lambda: [running_table(runs, policy)] if runs else [],
        notes=() if runs else ("Nothing is running.",),
    )


def running_show(
    one: Running, log: tuple[str, ...], policy: Policy, series: Mapping[str, Series] | None = None
) -> Document:
    """Show one run under way whole, with its curves and the last lines that it has printed."""
    curves = curves_table(series, policy) if series else None

    def flat() -> Flat:
        rows = [("run", name, value) for name, value in _flat_facts(one)]
        rows += (("value", name, value) for name, value in one.values.items())
        return Flat(("section", "name", "value"), rows)

    return Document(
        data=lambda: {**running_data(one), "log": "".join(f"{line}\n" for line in log)},
        flat=flat,
        tables=lambda: _tables(one, policy, curves),
        heading=(one.name,),
        log=log,
        legend="best" if curves is not None else "",
    )


def _flat_facts(one: Running) -> Iterator[tuple[str, object]]:
    for name, value in running_data(one).items():
        if name not in ("values", "system") and value is not None:
            yield name, value


def _tables(one: Running, policy: Policy, curves: Table | None) -> Iterator[Table]:
    yield Table(_FACT_COLUMNS, [fact for fact in _facts(one) if fact[1]], "Run")
    if curves is not None:
        yield curves
    elif one.values:
        names = policy.ordered(one.values)
        yield Table(_VALUE_COLUMNS, [(name, one.values[name]) for name in names], "Values so far")


def _facts(one: Running) -> Iterator[tuple[str, object]]:
    yield "status", f"{one.state} for {duration_text(one.since)}"
    yield "message", one.message.strip().partition("\n")[0]
    yield "command", one.command
    yield "step", step_text(one)
    yield "left", left_text(one)
    yield "silent", _silence(one)
    yield "uses", ", ".join(usage_texts(one.usage.means)) if one.usage is not None else ""
    yield "where", one.where or f"process {one.entry.owner.pid} here"
    yield "since", f"{one.entry.since[:19].replace('T', ' ')} UTC"
    yield "id", one.id
    claim = one.entry.claim
    yield "sweep", f"point {claim.number} of {claim.sweep}" if claim is not None else ""
    yield "project", one.entry.folder


def _silence(one: Running) -> str:
    if one.silent is None or one.silent < _SILENT:
        return ""
    return f"nothing was logged for {duration_text(one.silent)}"
