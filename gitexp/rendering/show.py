"""What `gitexp show` shows: one run, whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import asdict

from gitexp.comparison.diff import (
    ABSENT,
    Change,
    Side,
    diff_documents,
    diff_environments,
    diff_machines,
)
from gitexp.model.command.text import command_text
from gitexp.model.machine import machine_parts, machine_text
from gitexp.model.numbers import counted, duration_text, size_text
from gitexp.model.policy import Policy
from gitexp.model.record import Documents, Job, RunRecord, attempt_text, inputs_text, parse_time
from gitexp.model.values import flatten
from gitexp.rendering.curves import curves_table, summaries
from gitexp.rendering.diff import changes_table
from gitexp.rendering.diff_data import change_mark
from gitexp.rendering.facts import (
    ago_text,
    known_facts,
    record_data,
    reference_texts,
    status_text,
)
from gitexp.rendering.late_facts import comments_table
from gitexp.rendering.logged import tracker_facts
from gitexp.rendering.system import system_table
from gitexp.rendering.table import BLANK, Column, Dated, Document, Flat, Table
from gitexp.rendering.verification import verified_tables, verified_text
from gitexp.series.series import Series

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


class RunAround(Struct, frozen=True):
    """What is known of a run besides its record; all of it may be missing."""

    baseline: Side | None = None
    """The values that changes are measured from."""
    packages: Mapping[str, str] | None = None
    """The versions of packages, and of 'python'."""
    log: str = ""
    """The last lines of its output."""
    recorded_name: str = ""
    """The name that it was recorded under, if it now goes by another."""
    removed: bool = False
    """Whether it is hidden."""
    rerun_of: str = ""
    """The name of the run that it is a rerun of, if that is here."""
    writers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Id and name of the runs that wrote its inputs behind pointers, by path."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of the runs that wrote its other inputs, by id."""
    curves: Mapping[str, Series] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many steps were logged of curves that are kept thinned."""


def show_document(
    oid: str, record: RunRecord, *, policy: Policy, now: datetime, around: RunAround | None = None
) -> Document:
    """Show one run whole, with the change of its values from the baseline's."""
    known = around or RunAround()
    return Document(
        data=lambda: _data(oid, record, known),
        flat=lambda: Flat(("section", "file", "name", "value"), list(_flat(oid, record))),
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
    facts = [fact for fact in _facts(oid, record, now, around) if fact[1]]
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
    if elsewhere:
        yield changes_table("Machine, from the baseline's", elsewhere)
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


def _facts(
    oid: str, record: RunRecord, now: datetime, around: RunAround
) -> Iterator[tuple[str, object]]:
    started, packages = parse_time(record.started), around.packages
    yield "status", status_text(record) + (", removed" if around.removed else "")
    yield "message", "" if "\n" in record.message.strip() else record.message.strip()
    yield "expected", _expected(record)
    yield "command", command_text(record.command)
    date = f"{started:%Y-%m-%d %H:%M:%S} UTC"
    yield "started", Dated(f"{date} ({ago_text(started, now)})", date)
    yield "duration", duration_text(record.duration)
    yield "used", ", ".join(_used(record))
    yield "commit", oid
    yield "id", record.id
    yield "recorded as", around.recorded_name
    yield "rerun of", _rerun_of(record, around)
    yield "baseline", record.baseline
    yield "inputs", inputs_text(record.inputs) if record.inputs.oid else ""
    yield "project", record.project
    yield "directory", record.directory
    yield "job", _job(record.job) if record.job else ""
    yield "user", " on ".join(part for part in (record.user, record.host) if part)
    yield "python", ", ".join(part for part in (record.python, record.platform) if part)
    count = "" if packages is None else counted(len(packages.keys() - {"python"}), "package")
    yield "environment", ", ".join(part for part in (record.environment, count) if part)
    yield "verified", "" if record.verified is None else verified_text(record.verified)
    if record.machine is not None:
        yield "machine", machine_text(record.machine)
        settings = (f"{name}={value}" for name, value in record.machine.variables.items())
        yield "variables", " ".join(settings)
    yield "tags", ", ".join(record.tags)
    yield "sweep", _sweep(record)
    yield from tracker_facts(record)


def _sweep(record: RunRecord) -> str:
    """Return which point of which sweep a run is."""
    point = record.point
    if point is None:
        return record.sweep or ""
    name = f"{point.sweep} ({record.sweep})" if point.sweep else record.sweep
    again = f", repeat {point.repeat}" if point.repeat > 1 else ""
    return f"point {point.number}{again} of {name}"


def _job(job: Job) -> str:
    if job.earlier is not None:
        return f"{attempt_text(job)}, after {job.earlier}"
    again = ", started again by its scheduler" if job.restarts else ""
    return f"{job.id} ({job.scheduler}){again}"


def _expected(record: RunRecord) -> str:
    """Return an expectation, its verdict, and the numbers that it was held against."""
    found = record.hypothesis
    if found is None:
        return ""
    told = reference_texts(found)
    verdict = f": {found.verdict}" if found.verdict is not None else ""
    return f"{found.expect}{verdict}" + (f" ({'; '.join(told)})" if told else "")


def _rerun_of(record: RunRecord, around: RunAround) -> str:
    """Return the run that was made again: its name and id, or its id alone."""
    known = record.extra.get("rerun_of")
    if not isinstance(known, str):
        return ""
    return f"{around.rerun_of} ({known})" if around.rerun_of else known


def _evaluations_table(record: RunRecord) -> Table:
    """Return what models came to on held-out data, the last evaluation first."""
    rows = [
        (name, value, ", ".join(one.held_out), one.who.partition(" <")[0], one.time[:10])
        for one in reversed(record.evaluations)
        for name, value in one.numbers.items()
    ]
    return Table(_EVALUATION_COLUMNS, rows, "Held out")


def _used(record: RunRecord) -> Iterator[str]:
    used = record.resources
    if used.cpu_seconds is not None:
        yield f"{duration_text(used.cpu_seconds)} of CPU"
    if used.peak_memory is not None:
        yield f"{size_text(used.peak_memory)} of memory"


def _values(
    title: str, before: Documents | None, after: Documents, policy: Policy
) -> Iterator[Table]:
    """Make a table for each file; what the baseline had and the run lacks comes last."""
    found = diff_documents(before, after, policy) if before is not None else ()
    changes = {(change.file, change.name): change for change in found}
    for file in dict.fromkeys([*after, *(change.file for change in found)]):
        values = flatten(after.get(file, {}))
        names = policy.ordered(values)
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


def _data(oid: str, record: RunRecord, around: RunAround) -> dict[str, object]:
    """Return the record's JSON value, with what else is known of the run."""
    data = record_data(oid, record)
    data["removed"] = around.removed
    data["pointers"] = [
        {**asdict(one), **_written_by(around.writers.get(one.path))} for one in record.pointers
    ]
    if around.recorded_name:
        data["recorded_name"] = around.recorded_name
    if around.packages is not None:
        data["packages"] = dict(around.packages)
    if around.curves:
        data["curves"] = summaries(around.curves)
    if around.log:
        data["log"] = around.log
    return data


def _written_by(writer: tuple[str, str] | None) -> dict[str, object]:
    return {"written_by": {"id": writer[0], "name": writer[1]}} if writer is not None else {}


def _flat(oid: str, record: RunRecord) -> Iterator[tuple[object, ...]]:
    values = record_data(oid, record)
    del values["metrics"], values["params"], values["pointers"], values["comments"]
    values.pop("system", None)
    for name, value in known_facts(values).items():
        yield "run", "", name, value
    for name, usage in record.system.items():
        yield "system", "", f"{name}.mean", usage.mean
        yield "system", "", f"{name}.peak", usage.peak
    for section, documents in (("metrics", record.metrics), ("params", record.params)):
        for file, document in documents.items():
            for name, value in flatten(document).items():
                yield section, file, name, value
    yield from _flat_lists(record)


def _flat_lists(record: RunRecord) -> Iterator[tuple[object, ...]]:
    for pointer in record.pointers:
        for name, value in asdict(pointer).items():
            if name != "path" and value is not None:
                yield "data", pointer.path, name, value
    for comment in record.comments:
        yield "comment", comment.by, comment.time, comment.text
