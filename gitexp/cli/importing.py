"""What all imports of runs of other tools have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import ParamSpec, TypeVar

import click

from gitexp.cli.options import format_option, tell, terminal_width, wants_colour
from gitexp.cli.progress import progress_line
from gitexp.errors import ExitCode
from gitexp.importing.bring import Bringing, bring
from gitexp.importing.foreign import Found, Unreadable
from gitexp.model.imported import ImportedRun
from gitexp.model.text import harmless
from gitexp.project import Project
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.imported import runs_document

P = ParamSpec("P")
R = TypeVar("R")

_SHOW_EVERY = 25
_PROBLEMS = 20
"""How many are told one by one; `--json` has all."""
_TITLES = {
    "mlflow": "MLflow",
    "wandb": "W&B",
    "csv": "the table",
    "tensorboard": "TensorBoard",
    "aim": "Aim",
    "guild": "Guild",
    "neptune-export": "Neptune",
    "sacred": "Sacred",
}

place_argument = click.argument("place", metavar="[PATH]", required=False)


def import_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options of every import of runs."""
    for option in (
        format_option,
        click.option(
            "--unfinished",
            is_flag=True,
            help="Also runs of which the tool has no end, as interrupted ones.",
        ),
        click.option("-n", "--dry-run", is_flag=True, help="Only show what would be imported."),
    ):
        command = option(command)
    return command


def bring_in(
    project: Project,
    tool: str,
    runs: Callable[[], Iterator[Found | Unreadable]],
    dry_run: bool,
    unfinished: bool,
    format_name: str,
) -> ExitCode:
    """Import what a reader finds, and say what became of it."""
    with progress_line() as show:

        def progress(done: int) -> None:
            if show is not None and done % _SHOW_EVERY == 0:
                show(f"read {done:,} runs")

        how = Bringing(project, tool, _masked, dry_run, unfinished, progress)
        rows = bring(how, runs())
    if format_name != "text" or (dry_run and rows):
        document = runs_document(rows)
        text = FORMATS[format_name](document, width=terminal_width(), colour=wants_colour())
        click.echo(text, nl=False, color=wants_colour())
    _tell_problems(rows)
    _conclude(rows, _TITLES[tool], to_stdout=format_name == "text")
    return ExitCode.NO if any(row.state == "refused" for row in rows) else ExitCode.OK


def _masked(content: bytes) -> tuple[bytes, int]:
    from gitexp.execution.secrets.finding import mask_secrets  # noqa: PLC0415 - 10 ms, where runs come

    masked, findings = mask_secrets(content)
    return masked, len(findings)


def _tell_problems(rows: Sequence[ImportedRun]) -> None:
    problems = [(row.run, one) for row in rows for one in row.problems]
    for run, one in problems[:_PROBLEMS]:
        tell(harmless(f"note: '{run}': {one}"))  # on one line: a name may hold lines of its own
    if len(problems) > _PROBLEMS:
        more = len(problems) - _PROBLEMS
        tell(f"note: {more:,} more like these; `--json` lists all")
    if any(map(_is_other, rows)):
        tell(
            "hint: Another `--key` makes other runs of such rows; `--key ''` goes by all of a row."
        )


def _is_other(row: ImportedRun) -> bool:
    """Return whether there is a run that stands in the way of another one."""
    return row.state == "known" and bool(row.problems)


def _conclude(rows: Sequence[ImportedRun], title: str, *, to_stdout: bool) -> None:
    if not rows:
        tell(f"note: there are no runs in what was named of {title}")
        return
    number = Counter(row.state for row in rows)
    changed = sum(map(_is_other, rows))
    others = f" ({changed:,} with other values)" if changed else ""
    parts = [
        f"would import {_count(number['new'])} of {title}" if number["new"] else "",
        f"imported {_count(number['imported'])} of {title}" if number["imported"] else "",
        f"{_are(number['known'])} here already{others}" if number["known"] else "",
        stay_out(number["purged"], _count(number["purged"])) if number["purged"] else "",
        f"{_are(number['running'])} left out, without an end (`--unfinished` brings them)"
        if number["running"]
        else "",
        f"{_count(number['refused'])} cannot be imported" if number["refused"] else "",
    ]
    click.echo("; ".join(filter(None, parts)), err=not to_stdout)


def stay_out(number: int, counted: str) -> str:
    """Say that runs do not come back which were taken out for good."""
    return f"{counted} {'was purged, and stays' if number == 1 else 'were purged, and stay'} out"


def _are(number: int) -> str:
    return f"{_count(number)} {'is' if number == 1 else 'are'}"


def _count(number: int) -> str:
    return f"{number:,} run{'' if number == 1 else 's'}"
