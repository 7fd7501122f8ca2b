"""The folder `.gitexp/` of a run: its record, its packages and its output, with secrets masked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from gitexp.execution.record.learned import Learned
from gitexp.execution.record.logged import NOTHING_LOGGED, LoggedByRun
from gitexp.execution.record.net import attempt
from gitexp.execution.secrets.finding import Finding, mask_secrets
from gitexp.execution.stages import Started
from gitexp.model.paths import ProjectPath
from gitexp.model.record import LOGGED, TRACKERS, RunRecord
from gitexp.model.record_json import check_record, from_json, to_json
from gitexp.model.system import Row
from gitexp.store.stored_run import PROGRESS_NAME, RECORD_NAME, SWEEP_NAME

_USUAL_LOG = 8_000_000
"""Bytes of a log that is looked at as a whole."""


def masked_record(started: Started, record: RunRecord) -> tuple[RunRecord, bytes]:
    """Return the record and its bytes, secrets from the command's output masked: the last net.

    What could not be read back must not be recorded. If that, or what was not looked through for
    secrets, is the whole, then the record is made of what was known before the command started.
    """
    lost = "metrics and outputs are not in the record"
    whole = attempt(started.tell, lost, lambda: _masked(started, record), None)
    if whole is not None:
        return whole
    nothing: tuple[str, ...] = ()
    bare = replace(
        record,
        params={
            name: one for name, one in record.params.items() if name not in (LOGGED, *TRACKERS)
        },
        metrics={},
        series={},
        figures={},
        extra={name: one for name, one in record.extra.items() if name != "trackers"},
        pointers=(),
        outputs=nothing,
        overwritten=nothing,
        changed_meanwhile=nothing,
        left_out=nothing,
    )
    return bare, to_json(bare)


def _masked(started: Started, record: RunRecord) -> tuple[RunRecord, bytes]:
    content = to_json(record)
    masked, findings = mask_secrets(content)
    if not findings or started.plan.request.allow_secrets:
        check_record(record)
        return record, content
    kinds = ", ".join(sorted({one.kind for one in findings}))
    started.tell(f"warning: secrets are masked in the record of the run: {kinds}")
    return from_json(masked), masked


def gitexp_files(
    started: Started,
    learned: Learned,
    record: bytes,
    logged: LoggedByRun = NOTHING_LOGGED,
    used: Sequence[Row] = (),
) -> dict[str, bytes]:
    """Return the files of the folder, by path from the top."""
    lost = "the command's output is not in the run"
    log, findings = attempt(started.tell, lost, lambda: _excerpt(started.log), (b"", []))
    if findings:
        started.tell(f"warning: {len(findings)} secret(s) in the output are masked in the record")
    packages = "".join(f"{package}\n" for package in learned.environment.packages)
    files = {
        RECORD_NAME: record,
        ".gitexp/environment.txt": packages.encode(),
        ".gitexp/output.log": log,
    }
    if started.plan.request.progress is not None:
        lost = "the steps of the run are not in it"
        steps = attempt(started.tell, lost, lambda: _content(started.steps), b"")
        files |= {PROGRESS_NAME: steps} if steps else {}
    files |= {ProjectPath(f".gitexp/{name}"): content for name, content in logged.files.items()}
    if used:
        lost = "the curves of what the command used are not in the run"
        files |= attempt(started.tell, lost, lambda: _curves(used, logged), {})
    if started.plan.request.definition:
        files[SWEEP_NAME] = started.plan.request.definition.encode()
    return {started.project.path(ProjectPath(name)): content for name, content in files.items()}


def _curves(used: Sequence[Row], logged: LoggedByRun) -> dict[str, bytes]:
    from gitexp.execution.record.system_curves import system_curves  # noqa: PLC0415 - 10 ms, of long runs

    return system_curves(used, logged.files)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _excerpt(log: Path) -> tuple[bytes, list[Finding]]:
    """Return what is kept of the output, masked before it is cut if it is of a usual size."""
    size = log.stat().st_size
    if not size:
        return b"", []
    from gitexp.execution.command.log import excerpt, excerpt_of_file  # noqa: PLC0415 - 1 ms, where something was printed

    if size > _USUAL_LOG:
        return mask_secrets(excerpt_of_file(log))
    masked, findings = mask_secrets(log.read_bytes())
    return excerpt(masked), findings
