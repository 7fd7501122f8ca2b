"""Runs in a store of MLflow's, written by MLflow itself: params, metrics with steps, tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from msgspec import Struct, field, to_builtins

from gitexp.comparison.query.run_values import flat_values
from gitexp.exporting.library import library
from gitexp.exporting.mlflow_client import Client
from gitexp.exporting.texts import plain_text
from gitexp.model.command.text import command_text
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.values import Value, dumps, is_number, same
from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.store.stored_run import StoredRun

ID_TAG = "gitexp.run"
"""The tag by which a run that was exported before is known."""

_STATUS = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_NOT_IN_NAMES = re.compile(r"[^/\w.\- :]")
_METRICS_AT_ONCE, _OTHERS_AT_ONCE = 1000, 100
"""How many of each MLflow takes in one batch."""
_LONGEST_PARAM, _LONGEST_TAG = 6000, 5000

T = TypeVar("T")


class Told(Struct):
    """What was exported, and what MLflow has no place for."""

    new: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)


def export_runs(project: Project, runs: Iterable[StoredRun], store: str, experiment: str) -> Told:
    """Write runs that are not there yet into an experiment of a store, given as MLflow's URI.

    A run that an export before was cut off in is written anew. Raises GitexpError if mlflow is
    not installed, or cannot write there.
    """
    client = Client(store)
    there = client.get_experiment_by_name(experiment)
    number = there.experiment_id if there is not None else client.create_experiment(experiment)
    known = dict(_known(client, number))
    told = Told()
    for run in runs:
        earlier = known.get(run.id)
        if earlier is not None and earlier.info.status != "RUNNING":
            told.known += 1
            continue
        if earlier is not None:
            client.delete_run(earlier.info.run_id)
        _export(project, client, number, run, told)
        told.new += 1
    return told


def _known(client: Client, experiment: str) -> Iterator[tuple[str, Any]]:
    token = None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        for run in page:
            if ID_TAG in run.data.tags:
                yield run.data.tags[ID_TAG], run
        token = page.token
        if not token:
            return


def _export(project: Project, client: Client, experiment: str, run: StoredRun, told: Told) -> None:
    entities = library("mlflow.entities", "mlflow")
    record = run.record
    began, ended = (
        int(parse_time(one).timestamp() * 1000) for one in (record.started, record.ended)
    )
    made = client.create_run(experiment, began, {ID_TAG: run.id}, run_name=record.name)
    here = made.info.run_id
    params = [
        entities.Param(name, _cut(plain_text(value), _LONGEST_PARAM, told, run, name))
        for name, value in _named(flat_values(record.params), told, run)
    ]
    tags = [
        entities.RunTag(name, _cut(value, _LONGEST_TAG, told, run, name))
        for name, value in _tags(run, record).items()
    ]
    metrics = [
        entities.Metric(name, value, began + int(1000 * seconds), step)
        for name, points in _named(_points(project, run, told, ended - began), told, run)
        for step, seconds, value in points
    ]
    for part in _parts(metrics, _METRICS_AT_ONCE):
        client.log_batch(here, metrics=part)
    for part in _parts(params, _OTHERS_AT_ONCE):
        client.log_batch(here, params=part)
    for part in _parts(tags, _OTHERS_AT_ONCE):
        client.log_batch(here, tags=part)
    client.set_terminated(here, _STATUS[record.status], ended)


def _points(
    project: Project, run: StoredRun, told: Told, milliseconds: int
) -> dict[str, list[tuple[int, float, float]]]:
    """Return step, seconds and value of each metric: of those with a curve, all of it."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    for key, one in series_of_run(project, run).items():
        times = one.times or [0.0] * len(one.steps)
        if any(step != int(step) for step in one.steps):
            told.problems.append(f"'{run.name}': steps of '{key}' are whole numbers in MLflow")
        found[key] = [
            (int(step), second, float(value))
            for step, second, value in zip(one.steps, times, one.values, strict=True)
        ]
    for name, value in flat_values(run.record.metrics).items():
        number = as_float(value)
        if number is not None:
            points = found.setdefault(name, [])
            if not points or not same(points[-1][2], number):
                points.append((points[-1][0] if points else 0, milliseconds / 1000, number))
        else:
            told.problems.append(f"'{run.name}': metric '{name}' is no number of 64 bits")
    return found


def as_float(value: Value) -> float | None:
    """Return a number as 64 bits have it; None for one that is larger, or for none.

    >>> as_float(3), as_float(10**400), as_float("3"), as_float(float("inf"))
    (3.0, None, None, inf)
    """
    try:
        return float(value) if is_number(value) else None
    except OverflowError:
        return None


def _named(values: Mapping[str, T], told: Told, run: StoredRun) -> Iterator[tuple[str, T]]:
    """Yield values under names that MLflow takes."""
    taken = set(values)
    for name, value in values.items():
        plain = _NOT_IN_NAMES.sub("_", name)
        if plain != name:
            while plain in taken:
                plain += "_"
            taken.add(plain)
            told.problems.append(f"'{run.name}': '{name}' is called '{plain}' in MLflow")
        yield plain, value


def _tags(run: StoredRun, record: RunRecord) -> dict[str, str]:
    command = command_text(record.command)
    tags = {
        "gitexp.commit": run.oid,
        "gitexp.exit": "" if record.status == "done" else dumps(to_builtins(record.exit)),
        "gitexp.tags": ", ".join(record.tags),
        "mlflow.note.content": record.message,
        "mlflow.source.git.commit": record.baseline,
        "mlflow.source.name": command,
        "mlflow.source.type": "LOCAL",
        "mlflow.user": record.user or "",
    }
    for pointer in record.pointers:
        tags[f"gitexp.{pointer.role}.{_NOT_IN_NAMES.sub('_', pointer.path)}"] = f"md5:{pointer.md5}"
    return {name: value for name, value in tags.items() if value}


def _cut(text: str, most: int, told: Told, run: StoredRun, name: str) -> str:
    if len(text) > most:
        told.problems.append(f"'{run.name}': '{name}' is cut after {most:,} characters")
    return text[:most]


def _parts(values: Sequence[T], most: int) -> Iterator[list[T]]:
    rest = iter(values)
    while part := list(islice(rest, most)):
        yield part
