"""One run with what is known around it: its baseline, its log, and the runs it depends on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone

from gitexp.comparison.changes import Side
from gitexp.errors import GitexpError
from gitexp.git.ends import content_at
from gitexp.model.imported import is_foreign
from gitexp.model.record import RunRecord
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.rendering.run_around import RunAround
from gitexp.rendering.show import show_document
from gitexp.rendering.table import Document
from gitexp.revisions.sides import commit_side, environment_of
from gitexp.series.series import Series
from gitexp.store.stored_run import StoredRun

LOG_LINES = 20


def run_document(
    project: Project,
    run: StoredRun,
    tell: Callable[[str], None],
    *,
    log_lines: int = LOG_LINES,
    curves: bool = False,
) -> Document:
    """Return one run whole, with the change of its values from the baseline's.

    `tell` is told why nothing is compared with a baseline, and `log_lines` of the log are shown;
    curves are wanted as lines of text where no picture stands beside it.
    """
    record = run.record
    series, counts = _curves(project, run) if curves else ({}, {})
    around = RunAround(
        baseline=None if is_foreign(record) else _baseline(project, record.baseline, tell),
        packages=environment_of(project, run.oid, record),
        log=_end_of_log(project, run, log_lines),
        recorded_name="" if run.name == run.recorded_name else run.recorded_name,
        removed=run.facts.removed,
        rerun_of=_rerun_of(project, record),
        writers={
            path: (writer.id, writer.name)
            for path, writer in project.runs.index.writers(record).items()
        },
        names=_names(project, record.read.values()),
        curves=series,
        counts=counts,
    )
    return show_document(
        run.oid,
        record,
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        around=around,
    )


def _curves(project: Project, run: StoredRun) -> tuple[Mapping[str, Series], Mapping[str, int]]:
    """Return what a run has of values by their steps, and how many it logged of each.

    Files are looked into if they may hold some.
    """
    if not run.record.series and not _may_have_curves(run.record):
        return {}, {}
    from gitexp.revisions.series import logged_counts, series_of_run  # noqa: PLC0415 - 4 ms, where there are curves

    return series_of_run(project, run), logged_counts(run)


def _may_have_curves(record: RunRecord) -> bool:
    """Return whether a run wrote more than files that its record has whole."""
    others = [path for path in record.outputs if not _has_one_value_a_name(record, path)]
    if not others:
        return False
    from gitexp.metrics.curves import may_hold_curves  # noqa: PLC0415 - 1 ms, where there are other files

    return any(map(may_hold_curves, others))


def _has_one_value_a_name(record: RunRecord, path: str) -> bool:
    if path not in record.metrics or not path.endswith(".json") or path.endswith("_state.json"):
        return False  # the Trainer's state has a log in it
    return not any(isinstance(one, list) for one in flatten(record.metrics[path]).values())


def _names(project: Project, ids: Iterable[str]) -> dict[str, str]:
    """Return the names that runs go by now, by id, as far as they are here."""
    found = (run for one in set(ids) if one for run in project.runs.index.named(one, None))
    return {run.id: run.name for run in found}


def _rerun_of(project: Project, record: RunRecord) -> str:
    known = record.extra.get("rerun_of")
    runs = project.runs.index.named(known, None) if isinstance(known, str) else []
    return runs[0].name if runs else ""


def _baseline(project: Project, oid: str, tell: Callable[[str], None]) -> Side | None:
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


def _end_of_log(project: Project, run: StoredRun, lines: int) -> str:
    folder = f"{run.project}/" if run.project else ""
    content = content_at(project.repository, run.oid, f"{folder}.gitexp/output.log") or b""
    return "".join(content.decode(errors="replace").splitlines(keepends=True)[-lines:])
