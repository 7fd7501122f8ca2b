"""RESULTS.md: the rows, and the machine and versions that they were measured with."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import gitexp
from benchmarks.results import Outcome, explanations, markdown_table
from benchmarks.workshop import ProgramFailed, Workshop, run

RESULTS = Path(__file__).with_name("RESULTS.md")
GROWTH = "## Growth\n"
"""Where the part begins that `benchmarks.growth` writes."""


def write_results(
    workshop: Workshop, outcomes: Sequence[Outcome], load: float, *, whole: bool
) -> None:
    """Write RESULTS.md; `load` is the load average from before the first row.

    Unless these are all rows, the others stay as they are.
    """
    before = RESULTS.read_text()
    if not whole:
        RESULTS.write_text(_with_rows(before, outcomes, _apart(workshop, load)))
        return
    _, heading, growth = before.partition(GROWTH)
    RESULTS.write_text(
        "# Benchmarks\n\n"
        "Written by `python -m benchmarks --write`; budgets: design.md, section 8.\n"
        "Medians (and the middle half) of "
        f"{workshop.rounds.count} rounds, taken in turn; the ratio is that of the medians.\n\n"
        f"{markdown_table(outcomes)}\n"
        f"{explanations(outcomes)}\n"
        f"{_circumstances(workshop, load)}" + (f"\n{heading}{growth}" if heading else "")
    )


def _apart(workshop: Workshop, load: float) -> str:
    """Return how rows were measured that are not from the same time as the others."""
    rounds, now = workshop.rounds.count, datetime.now(timezone.utc)
    return (
        f"measured by itself on {now:%Y-%m-%d} ({_commit()}), {rounds} rounds, "
        f"with a load of {load:.0f}{priority()}"
    )


def priority() -> str:
    """Return how this process, and so all that it starts, goes before others, if it does."""
    told = getattr(os, "sched_getscheduler", None)
    is_first = told is not None and told(0) in (os.SCHED_FIFO, os.SCHED_RR)
    return ", at real-time priority" if is_first else ""


def _with_rows(text: str, outcomes: Sequence[Outcome], apart: str) -> str:
    """Return a report in which some rows stand in the place of those of that name."""
    lines = text.split("\n")
    for found in outcomes:
        row = markdown_table([found]).splitlines()[-1]
        told = explanations([found]).rstrip("\n").removesuffix(".")
        _put(lines, "| ", f"| {found.row} |", row)
        _put(lines, "- `", f"- `{found.row}`:", f"{told}; {apart}.")
    return "\n".join(lines)


def _put(lines: list[str], kind: str, start: str, line: str) -> None:
    """Put a line in the place of the one that starts so, else behind the last of its kind."""
    end = lines.index(GROWTH.rstrip()) if GROWTH.rstrip() in lines else len(lines)
    alike = [at for at in range(end) if lines[at].startswith(kind)]
    same = [at for at in alike if lines[at].startswith(start)]
    lines[same[0] if same else alike[-1] + 1 : (same[0] if same else alike[-1]) + 1] = [line]


def _circumstances(workshop: Workshop, load: float) -> str:
    now = datetime.now(timezone.utc)
    versions = [f"gitexp {gitexp.__version__} ({_commit()})", f"Python {platform.python_version()}"]
    versions.append(_said("git", "--version").replace("git version", "git"))
    if workshop.dvc:
        versions.append(f"DVC {_said(workshop.dvc, '--version')}")
    if workshop.datalad:
        versions.append(_said(workshop.datalad, "--version"))
    if workshop.mlflow:
        versions.append(_said(workshop.mlflow, "--version").replace(", version", ""))
    return (
        f"- Date: {now:%Y-%m-%d %H:%M} UTC\n"
        f"- Machine: {platform.platform()}, {os.cpu_count()} cores ({_processor()})\n"
        f"- Load average before and after: {load:.1f}, {os.getloadavg()[0]:.1f}\n"
        f"- Versions: {', '.join(versions)}\n"
    )


def _said(*argv: str) -> str:
    try:
        return run(*argv, cwd=Path.cwd()).decode().strip()
    except ProgramFailed:
        return "of an unknown version"


def _commit() -> str:
    """Return which commit of gitexp was measured."""
    source = Path(gitexp.__file__).parent
    said = _said("git", "-C", str(source), "describe", "--always", "--dirty", "--exclude=*")
    return f"commit {said}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
