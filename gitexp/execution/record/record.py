"""The record of a run, put together from everything that was learned about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gitexp.data.pointers import Pointer
from gitexp.execution.capture.values import NOTHING, Captured
from gitexp.execution.command.child import Ended
from gitexp.execution.left import beside_notes
from gitexp.execution.record.held_out import copies_of
from gitexp.execution.record.learned import Learned
from gitexp.execution.record.logged import NOTHING_LOGGED, LoggedByRun, with_logged
from gitexp.execution.record.metrics import metrics_of
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.record.params import final_params
from gitexp.execution.record.remade import made_before
from gitexp.execution.stages import Outcome, Started, status_of
from gitexp.model.paths import TopPath
from gitexp.model.record import (
    DataPointer,
    Documents,
    Exit,
    Machine,
    Resources,
    Role,
    RunRecord,
    time_text,
)
from gitexp.model.system import Row, summed_up
from gitexp.pointers.stored import Stored
from gitexp.project import Project
from gitexp.version import __version__

_USER = ("LOGNAME", "USER", "LNAME", "USERNAME")
"""The variables that Python's own `getpass` asks, in its order."""


def make_record(
    started: Started,
    ended: Ended,
    learned: Learned,
    outcome: Outcome,
    outputs: Outputs,
    logged: LoggedByRun = NOTHING_LOGGED,
    used: Sequence[Row] = (),
) -> RunRecord:
    """Return the record, its paths relative to the project; `used` is empty of a brief command."""
    project, plan, config = started.project, started.plan, started.project.config
    params, metrics, captured = _values(started, outcome, outputs)
    return RunRecord(
        *(plan.id, plan.name),
        status=status_of(ended),
        exit=Exit(ended.code, ended.signal, ended.reason),
        command=plan.command,
        baseline=plan.baseline,
        inputs=learned.inputs,
        started=time_text(ended.started),
        ended=time_text(ended.ended),
        gitexp=__version__,
        message=plan.request.message,
        tags=plan.request.tags,
        project=project.folder,
        directory=project.directory,
        outputs=_names(project, outputs.recorded),
        changed_meanwhile=_names(project, outcome.changed_meanwhile),
        overwritten=_names(project, _overwritten(started, outcome)),
        left_out=_names(project, _left_out(started, outcome, outputs)),
        host=os.uname().nodename if config.record_host else None,
        user=_user() if config.record_user else None,
        python=learned.environment.python or None,
        platform=_platform(),
        environment=learned.environment.source or None,
        machine=_machine(learned),
        resources=Resources(_rounded(ended.cpu_seconds), ended.peak_memory),
        system=summed_up(used),
        params=_with_logged(started, params, logged),
        metrics=with_logged(metrics, logged.metrics),
        series=logged.series,
        figures=logged.figures,
        artifacts=_names(project, logged.artifacts),
        pointers=(pointers := _pointers(started, learned, outcome, outputs.stored)),
        sweep=plan.request.sweep,
        point=plan.request.point,
        job=plan.request.job,
        notes=(*outcome.notes, *beside_notes(started, outcome), *logged.notes),
        hypothesis=plan.hypothesis,
        extra=_extra(started, pointers, captured),
    )


def _values(
    started: Started, outcome: Outcome, outputs: Outputs
) -> tuple[Documents, Documents, Captured]:
    """Return params and metrics, by file and by tracker, and all that trackers had."""
    captured = _captured(started, outcome, outputs)
    params = _joined(final_params(started, outcome, outputs), captured.params)
    metrics = _joined(metrics_of(started, outcome, outputs), captured.metrics)
    return params, metrics, captured


def _with_logged(started: Started, params: Documents, logged: LoggedByRun) -> Documents:
    if not logged.params:
        return params
    from gitexp.execution.record.logged_params import with_logged_params  # noqa: PLC0415 - 1 ms, where some are logged

    found, warning = with_logged_params(params, logged.params)
    if warning is not None:
        started.tell(warning)
    return found


def _platform() -> str:
    system = os.uname()
    return f"{system.sysname}-{system.release}-{system.machine}"


def _captured(started: Started, outcome: Outcome, outputs: Outputs) -> Captured:
    """Return what the command logged with trackers, if that is asked for."""
    if not started.project.config.capture or not started.plan.command:
        return NOTHING
    from gitexp.execution.record.captured import captured  # noqa: PLC0415 - 2 ms, where something is

    return captured(started, outcome, outputs)


def _joined(files: Documents, logged: Documents) -> Documents:
    """Return values by file and by tracker; a file that is called like one has its own."""
    return {**files, **{name: {**one, **files.get(name, {})} for name, one in logged.items()}}


def _extra(
    started: Started, pointers: Iterable[DataPointer], captured: Captured
) -> dict[str, object]:
    """Return what most runs have nothing to say about."""
    plan, what = started.plan, "not known whether held-out data was read"
    opened = attempt(started.tell, what, started.opened, ())
    copied = attempt(started.tell, what, lambda: copies_of(started.project, pointers), {})
    read = list(dict.fromkeys((*plan.held_out, *opened, *copied.values())))
    return {
        **({"rerun_of": plan.request.rerun_of} if plan.request.rerun_of is not None else {}),
        **({"read_held_out": read} if read else {}),
        **({"trackers": captured.trackers} if captured.trackers else {}),
    }


def _machine(learned: Learned) -> Machine | None:
    if learned.machine is None:
        return None
    return replace(learned.machine, variables=learned.environment.variables)


def _overwritten(started: Started, outcome: Outcome) -> set[str]:
    """Return the models that were there before, and the data behind pointers."""
    if not started.plan.command:
        return set()
    models = {path for path in outcome.existed if started.declared.is_model(path)}
    return models | _rewritten(started, outcome)


def _rewritten(started: Started, outcome: Outcome) -> set[str]:
    """Return the data that was written, of pointers that were there before."""
    entries = started.snapshot.entries
    there = (one for one in outcome.pointers if one.file in entries or one.earlier)
    return {one.pointer.path for one in there}


def _left_out(started: Started, outcome: Outcome, outputs: Outputs) -> set[str]:
    """Return what lies in the work tree and neither git nor a pointer of the run holds."""
    snapshot = started.snapshot
    written = (*outcome.written, *(one.pointer.path for one in outcome.pointers))
    missing = {path for path in written if not outputs.holds(path)}
    known = (*outcome.left_out, *snapshot.refused)
    return {
        *missing,
        *known,
        *snapshot.untracked.large,
        *snapshot.untracked.secret,
        *(path for path in outcome.outside if not _is_pointed(outputs, path)),
    }


def _is_pointed(outputs: Outputs, path: str) -> bool:
    return any(pointer.path == path for pointer in outputs.stored.pointers)


def _pointers(
    started: Started, learned: Learned, outcome: Outcome, stored: Stored
) -> tuple[DataPointer, ...]:
    """Return what each pointer of the run stands for.

    An input is the version that was really read; data that was written is an output, and
    marked as changed if neither the configuration nor an earlier run leads one to expect it.
    """
    project = started.project
    found = {
        pointer.path: _described(project, pointer, "input") for pointer in outcome.reproduced.deps
    }
    for one in learned.watched:
        pointer = learned.read.get(one.pointer.path, one.pointer)
        found[pointer.path] = _described(project, pointer, "input")
    written = _rewritten(started, outcome)
    made = [pointer.path for pointer in stored.pointers]
    lost = "what earlier runs wrote is not known"
    earlier = attempt(started.tell, lost, lambda: made_before(started, made), set())
    expected = earlier | set(filter(started.declared.is_output, made))
    for pointer in stored.pointers:
        undeclared = pointer.path in written and pointer.path not in expected
        found[pointer.path] = _described(project, pointer, "output", changed=undeclared)
    return tuple(found[path] for path in sorted(found))


def _described(
    project: Project, pointer: Pointer, role: Role, *, changed: bool = False
) -> DataPointer:
    return DataPointer(
        project.name(TopPath(pointer.path)),
        pointer.md5,
        pointer.size,
        pointer.nfiles,
        role,
        changed,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _names(project: Project, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(project.name(TopPath(path)) for path in sorted(paths))


def _user() -> str | None:
    """Return whom `getpass` takes for the user, without importing it where a variable says so."""
    if named := next(filter(None, map(os.environ.get, _USER)), None):
        return named
    import getpass  # noqa: PLC0415 - 1 ms

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return None
