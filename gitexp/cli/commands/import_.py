"""`gitexp import`: runs that other tools have recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from gitexp.cli.options import format_option, tell, terminal_width, wants_colour, with_project
from gitexp.cli.progress import progress_line
from gitexp.errors import ExitCode
from gitexp.git.commits import check_identity
from gitexp.importing.dvc import ImportPlan, carry_out, plan_import
from gitexp.project import Project
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.imported import ImportRow, import_document

_SHOW_EVERY = 25


@click.group("import")
def import_() -> None:
    """Bring in what other tools have recorded, as runs."""


@import_.command()
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and write nothing.")
@format_option
@with_project
def dvc(project: Project, *, dry_run: bool, format_name: str) -> ExitCode:
    """Record every experiment of DVC (`dvc exp run`, `dvc exp save`) as a run.

    Experiments stay as they are. Repeat it at will, in any clone: one that is a run already
    is passed over. What cannot be mapped is listed.
    """
    check_identity(project.repository)
    with progress_line() as show:

        def progress(done: int, of: int) -> None:
            if show is not None and done % _SHOW_EVERY == 0:
                show(f"read {done:,} of {of:,} experiments")

        plan = plan_import(project, progress)
    oids = {} if dry_run else carry_out(project, plan)
    rows = list(_rows(plan, oids))
    if format_name != "text" or (dry_run and rows):
        document = import_document(rows)
        text = FORMATS[format_name](document, width=terminal_width(), colour=wants_colour())
        click.echo(text, nl=False, color=wants_colour())
    for row in rows:
        for problem in row.problems:
            tell(f"note: '{row.experiment}': {problem}")
    _conclude(plan, dry_run=dry_run, to_stdout=format_name == "text")
    return ExitCode.NO if plan.refused else ExitCode.OK


def _rows(plan: ImportPlan, oids: Mapping[str, str]) -> Iterator[ImportRow]:
    for one in plan.new:
        oid = oids.get(one.record.id)
        name = one.experiment.name
        yield ImportRow(name, "imported" if oid else "new", one.record, oid, one.problems)
    for name in plan.known:
        yield ImportRow(name, "known")
    for refused in plan.refused:
        yield ImportRow(refused.name, "refused", problems=(refused.reason,))


def _conclude(plan: ImportPlan, *, dry_run: bool, to_stdout: bool) -> None:
    new, known, refused = len(plan.new), len(plan.known), len(plan.refused)
    if not new + known + refused:
        tell("note: there is no experiment of DVC here")
        tell("hint: `dvc exp pull REMOTE` gets those of a git remote.")
        return
    parts = [f"{'would import' if dry_run else 'imported'} {_count(new)} of DVC"] if new else []
    if known:
        parts.append(f"{_count(known)} {'is a run' if known == 1 else 'are runs'} already")
    if refused:
        parts.append(f"{_count(refused)} cannot be imported")
    click.echo("; ".join(parts), err=not to_stdout)


def _count(number: int) -> str:
    return f"{number:,} experiment{'' if number == 1 else 's'}"
