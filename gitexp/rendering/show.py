"""What `gitexp show` shows: one run, whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gitexp.comparison.changes import ABSENT, Change
from gitexp.comparison.diff import diff_documents, diff_environments, diff_machines
from gitexp.model.machine import machine_parts
from gitexp.model.numbers import counted
from gitexp.model.policy import Policy
from gitexp.model.record import Documents, RunRecord
from gitexp.model.values import flatten
from gitexp.rendering.curves import curves_table
from gitexp.rendering.diff import changes_table
from gitexp.rendering.diff_data import change_mark
from gitexp.rendering.late_facts import comments_table
from gitexp.rendering.run_around import RunAround
from gitexp.rendering.show_data import run_data, run_rows
from gitexp.rendering.show_facts import run_facts
from gitexp.rendering.surroundings import by_kind
from gitexp.rendering.system import system_table
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table
from gitexp.rendering.verification import verified_tables

_FACT_COLUMNS = (Column("fact", limit=0), Column("value", limit=0))
_VALUE_COLUMNS = (
    Column("name", "name", least=16, by_its_end=True),
    Column("value", "value", limit=60),
    Column("before", "value", limit=60, joined=", was "),
    Column("change", "delta", rank=1),
    Column("relative change", "percent", rank=2),
    Column("mark", "mark"),
)
_EVALUATION_COLUMNS = (
    Column("name", "name", least=16, by_its_end=True),
    Column("value", "value", limit=60),
    Column("on", "name"),
    Column("by", "name", rank=1),
    Column("date", rank=2),
)
_POINTER_COLUMNS = (
    Column("path", "name", least=16, by_its_end=True),
    Column("role"),
    Column("size", "size"),
    Column("files", rank=1),
    Column("md5", rank=2),
    Column("mark", "mark"),
)
_LINE_COLUMNS = (Column("line", limit=0),)
_PATH_COLUMNS = (Column("path", "name", limit=0),)


def show_document(
    oid: str, record: RunRecord, *, policy: Policy, now: datetime, around: RunAround | None = None
) -> Document:
    """Show one run whole, with the change of its values from the baseline's."""
    known = around or RunAround()
    return Document(
        data=lambda: run_data(oid, record, known),
        flat=lambda: Flat(("section", "file", "name", "value"), list(run_rows(oid, record))),
        tables=lambda: _tables(oid, record, policy, now, known),
        heading=(record.name,),
        log=_lines(known.log),
        legend="best" if known.curves else "",
    )


def _lines(log: str) -> tuple[str, ...]:
    return tuple(log.rstrip("\n").split("\n")) if log else ()


def _tables(
    oid: str, record: RunRecord, policy: Policy, now: datetime, around: RunAround
) -> Iterator[Table]:
    facts = [fact for fact in run_facts(oid, record, now, around) if fact[1]]
    yield Table(_FACT_COLUMNS, facts, "Run")
    message = record.message.strip().splitlines()
    if len(message) > 1:
        yield Table(_LINE_COLUMNS, [(line,) for line in message], "Message")
    yield from verified_tables(record.verified)
    if record.comments:
        yield comments_table(record.comments, "Comments")
    before = around.baseline
    yield from _values("Metrics", before.metrics if before else None, record.metrics, policy)
    curves = curves_table(around.curves, policy, around.counts)
    yield from (curves,) if curves is not None else ()
    yield from _values("Params", before.params if before else None, record.params, Policy())
    if record.evaluations:
        yield _evaluations_table(record)
    if record.pointers or record.read:
        yield Table(_POINTER_COLUMNS, list(_pointers(record, around)), "Data and models")
    if record.system:
        yield system_table(record.system)
    moved = diff_environments(before.environment if before else None, around.packages)
    if moved:
        yield changes_table("Environment, from the baseline's", moved)
    elsewhere = diff_machines(before.machine if before else None, machine_parts(record))
    for title, found in by_kind(elsewhere or ()):
        yield changes_table(f"{title}, from the baseline's", found)
    yield from _lists(record)


def _lists(record: RunRecord) -> Iterator[Table]:
    if record.notes:
        yield Table(_LINE_COLUMNS, [(line,) for line in record.notes], "Notes")
    for title, paths in (
        ("Changed meanwhile", record.changed_meanwhile),
        ("Overwritten", record.overwritten),
        ("Left out", record.left_out),
        ("Held out, but read", _read(record)),
    ):
        if paths:
            yield Table(_PATH_COLUMNS, [(path,) for path in paths], title)


def _read(record: RunRecord) -> list[str]:
    """Return the held-out data that the command could read, or that was opened meanwhile."""
    found = record.extra.get("read_held_out")
    return [path for path in found if isinstance(path, str)] if isinstance(found, list) else []


def _evaluations_table(record: RunRecord) -> Table:
    """Return what models came to on held-out data, the last evaluation first."""
    rows = [
        (name, value, ", ".join(one.held_out), one.who.partition(" <")[0], one.time[:10])
        for one in reversed(record.evaluations)
        for name, value in one.numbers.items()
    ]
    return Table(_EVALUATION_COLUMNS, rows, "Held out")


def _values(
    title: str, before: Documents | None, after: Documents, policy: Policy
) -> Iterator[Table]:
    """Make a table for each file; what the baseline had and the run lacks comes last."""
    found = diff_documents(before, after, policy) if before is not None else ()
    changes = {(change.file, change.name): change for change in found}
    for file in dict.fromkeys([*after, *(change.file for change in found)]):
        values = flatten(after.get(file, {}))
        names = policy.ordered(values, file)
        rows: list[tuple[object, ...]] = [
            _changed(changes[file, name])
            if (file, name) in changes
            else (name, values[name], *[BLANK] * 4)
            for name in names
        ]
        gone = (change for change in found if change.file == file and change.new is ABSENT)
        rows += map(_changed, gone)
        if rows:
            yield Table(_VALUE_COLUMNS, rows, title, file)


def _changed(change: Change) -> tuple[object, ...]:
    before = BLANK if change.old is ABSENT else change.old
    relative = change.relative if change.mark else None
    return change.name, change.new, before, change.delta, relative, change_mark(change)


_CHANGED = {"input": "changed while being read", "output": "written, though not named as an output"}


def _pointers(record: RunRecord, around: RunAround) -> Iterator[tuple[object, ...]]:
    for pointer in sorted(record.pointers, key=lambda pointer: (pointer.role, pointer.path)):
        files = BLANK if pointer.nfiles is None else counted(pointer.nfiles, "file")
        mark = _CHANGED[pointer.role] if pointer.changed else ""
        if pointer.path in around.writers:
            mark = f"written by '{around.writers[pointer.path][1]}'"
        yield pointer.path, pointer.role, pointer.size, files, pointer.md5, mark
    for path, run_id in record.read.items():
        name = around.names.get(run_id, run_id)
        yield path, "input", BLANK, BLANK, BLANK, f"written by '{name}'" if name else ""
