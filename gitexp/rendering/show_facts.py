"""The facts of one run: how it went, what it was made with, where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gitexp.model.command.text import command_text
from gitexp.model.machine import machine_text
from gitexp.model.numbers import counted, duration_text, size_text
from gitexp.model.record import Job, RunRecord, attempt_text, inputs_text, parse_time
from gitexp.rendering.facts import (
    ago_text,
    reference_texts,
    status_text,
)
from gitexp.rendering.logged import tracker_facts
from gitexp.rendering.run_around import RunAround
from gitexp.rendering.table import Dated
from gitexp.rendering.verification import verified_text


def run_facts(
    oid: str, record: RunRecord, now: datetime, around: RunAround
) -> Iterator[tuple[str, object]]:
    """Yield the facts of a run by their names; those that are empty are not to be shown."""
    started = parse_time(record.started)
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
    count = _packages(around)
    yield "environment", ", ".join(part for part in (record.environment, count) if part)
    yield "verified", "" if record.verified is None else verified_text(record.verified)
    yield from _machine(record)
    yield "tags", ", ".join(record.tags)
    yield "sweep", _sweep(record)
    yield from tracker_facts(record)


def _packages(around: RunAround) -> str:
    packages = around.packages
    return "" if packages is None else counted(len(packages.keys() - {"python"}), "package")


def _machine(record: RunRecord) -> Iterator[tuple[str, object]]:
    if record.machine is not None:
        yield "machine", machine_text(record.machine)
        settings = (f"{name}={value}" for name, value in record.machine.variables.items())
        yield "variables", " ".join(settings)


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


def _used(record: RunRecord) -> Iterator[str]:
    used = record.resources
    if used.cpu_seconds is not None:
        yield f"{duration_text(used.cpu_seconds)} of CPU"
    if used.peak_memory is not None:
        yield f"{size_text(used.peak_memory)} of memory"
