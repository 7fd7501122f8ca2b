"""`gitexp show`: one run, whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime, timezone

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.options import format_option, tell, with_reading_project
from gitexp.comparison.diff import Side
from gitexp.errors import GitexpError
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.rendering.show import RunAround, show_document
from gitexp.revisions.sides import commit_side, environment_of
from gitexp.store.reading import StoredRun

_LOG_LINES = 20


@click.command()
@click.argument("run", default="latest", metavar="[RUN]", shell_complete=complete_run)
@format_option
@with_reading_project
def show(project: Project, *, run: str, format_name: str) -> None:
    """Show RUN (the latest) whole: how it ended, its values and their change, its log.

    The change is from the values that the baseline holds.
    """
    found = get_run(project, run)
    record = found.record
    around = RunAround(
        baseline=_baseline(project, record.baseline),
        packages=environment_of(project, found.oid, record),
        log=_end_of_log(project, found),
        recorded_name="" if found.name == found.recorded_name else found.recorded_name,
        removed=found.facts.removed,
        rerun_of=_rerun_of(project, record),
        writers={
            path: (writer.id, writer.name)
            for path, writer in project.runs.index.writers(record).items()
        },
        names=_names(project, record.read.values()),
    )
    document = show_document(
        found.oid,
        record,
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        around=around,
    )
    output.show(project, document, format_name)


def _names(project: Project, ids: Iterable[str]) -> dict[str, str]:
    """Return the names that runs go by now, by id, as far as they are here."""
    found = (run for one in set(ids) if one for run in project.runs.index.named(one, None))
    return {run.id: run.name for run in found}


def _rerun_of(project: Project, record: RunRecord) -> str:
    known = record.extra.get("rerun_of")
    runs = project.runs.index.named(known, None) if isinstance(known, str) else []
    return runs[0].name if runs else ""


def _baseline(project: Project, oid: str) -> Side | None:
    """Return the baseline, by the settings of today if its own cannot be read."""
    known = project.repository.objects.commit(oid)
    if known is None:
        return None
    try:
        return commit_side(project, known, "the baseline")
    except GitexpError as error:
        with contextlib.suppress(GitexpError):
            return commit_side(project, known, "the baseline", project.config)
        tell(f"note: nothing is compared with {error}")
        return None


def _end_of_log(project: Project, run: StoredRun) -> str:
    folder = f"{run.project}/" if run.project else ""
    content = project.repository.objects.blob(f"{run.oid}:{folder}.gitexp/output.log") or b""
    return "".join(content.decode(errors="replace").splitlines(keepends=True)[-_LOG_LINES:])
