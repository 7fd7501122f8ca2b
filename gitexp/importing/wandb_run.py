"""A run of W&B's as a run of ours."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gitexp.importing.foreign import ForeignRun
from gitexp.importing.wandb_records import Told, told_by, without_own
from gitexp.metrics.wandb_file import OWN_CONFIG, measured
from gitexp.metrics.wandb_summary import summary_of
from gitexp.model.values import Value
from gitexp.series.series import Series, series_of_points

_TYPE = "_type"
_SHOWN = 3


def read_files(contents: Iterable[bytes]) -> ForeignRun:
    """Return a run, up to a record that is cut off."""
    return _mapped(told_by(contents))


def _mapped(told: Told) -> ForeignRun:
    texts, started = told.texts, told.started / 1000 if told.started else told.first
    summary = without_own(summary_of(told.measured, told.summaries))
    metrics, others = _plain(summary)
    ended = max((one for one in (told.last, started) if one is not None), default=None)
    if started is not None and told.runtime and told.is_over:
        ended = max(ended or 0.0, started + told.runtime)
    labels = {name: texts[name] for name in ("group", "job_type", "sweep") if texts.get(name)}
    return ForeignRun(
        name=texts.get("name", ""),
        end="running" if not told.is_over else "failed" if told.code else "done",
        exit_code=told.code,
        started=started,
        ended=ended,
        command=_command(told),
        commit=texts.get("commit") or None,
        message=texts.get("notes", ""),
        tags=tuple(told.tags),
        user=texts.get("user") or None,
        host=texts.get("host") or None,
        python=texts.get("python", "").rpartition(" ")[2] or None,
        platform=texts.get("os") or None,
        params={key: one for key, one in told.config.items() if key != OWN_CONFIG},
        metrics=metrics,
        curves=[*_curves(told)],
        group=texts.get("project", ""),
        labels=labels,
        artifacts=[*told.artifacts.values()],
        problems=_left(others),
    )


def _plain(summary: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Value], list[str]]:
    """Return what a summary has of numbers and texts, and the names of all else."""
    found: dict[str, Value] = dict(measured(summary))
    others: list[str] = []
    for key, value in summary.items():
        if isinstance(value, dict) and _TYPE not in value:
            inner, more = _plain(value, f"{prefix}{key}.")
            found |= {key: inner} if inner else {}
            others += more
        elif isinstance(value, str) and key not in found:
            found[key] = value
        elif key not in found and value is not None:
            others.append(f"{prefix}{key}")
    return {key: found[key] for key in summary if key in found}, others


def _left(others: list[str]) -> tuple[str, ...]:
    if not others:
        return ()
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return (f"pictures, tables and lists stay with W&B: {', '.join(others[:_SHOWN])}{more}",)


def _command(told: Told) -> tuple[str, ...]:
    """Return the words of the command: W&B keeps the program and what followed it."""
    program = told.texts.get("code_path") or told.texts.get("program", "")
    root = told.texts.get("root", "")
    if not program or program == "<python with no main file>":
        return ()
    if program.startswith("-m "):
        return ("python", *program.split(" ", 1), *told.args)
    if posixpath.isabs(program):
        program = posixpath.normpath(program)
        inside = posixpath.relpath(program, root) if posixpath.isabs(root) else program
        program = program if inside.startswith("../") else inside
    return ("python", program, *told.args)


def _curves(told: Told) -> Iterator[Series]:
    for key, points in told.points.items():
        if len(points) == 1 and points[0][0] == 0:
            continue
        began = told.first or 0.0
        some = (
            (step, value, None if time is None else max(0.0, time - began))
            for step, value, time in points
        )
        curve = series_of_points(key, some)
        if curve is not None:
            yield curve
