"""The record of a run, put together from everything that was learned about it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Collection, Iterable

from msgspec import Struct

from gitexp import __version__
from gitexp.data.pointers import Pointer
from gitexp.execution.command.child import Ended
from gitexp.execution.record.learned import Meanwhile
from gitexp.execution.stages import Outcome, Plan, status_of
from gitexp.model.paths import TopPath
from gitexp.model.record import (
    DataPointer,
    Documents,
    Exit,
    Resources,
    Role,
    RunRecord,
    time_text,
)
from gitexp.project import Project


class Facts(Struct, frozen=True):
    """What came out of a run, in the words of the repository: paths from its top."""

    params: Documents
    metrics: Documents
    outputs: tuple[str, ...]
    overwritten: tuple[str, ...]
    changed_meanwhile: tuple[str, ...]
    left_out: tuple[str, ...]
    pointers: tuple[DataPointer, ...]


def make_record(
    project: Project, plan: Plan, ended: Ended, learned: Meanwhile, facts: Facts
) -> RunRecord:
    """Return the record; its paths are relative to the project."""
    config, system = project.config, os.uname()
    return RunRecord(
        id=plan.id,
        name=plan.name,
        status=status_of(ended),
        exit=Exit(ended.code, ended.signal, ended.reason),
        command=plan.command,
        baseline=plan.baseline,
        inputs=learned.inputs,
        started=time_text(ended.started),
        ended=time_text(ended.ended),
        gitexp=__version__,
        message=plan.request.message,
        project=project.folder,
        directory=project.directory,
        outputs=_names(project, facts.outputs),
        changed_meanwhile=_names(project, facts.changed_meanwhile),
        overwritten=_names(project, facts.overwritten),
        left_out=_names(project, facts.left_out),
        host=os.uname().nodename if config.record_host else None,
        user=_user() if config.record_user else None,
        python=learned.environment.python,
        platform=f"{system.sysname}-{system.release}-{system.machine}",
        environment=learned.environment.source,
        resources=Resources(_rounded(ended.cpu_seconds), ended.peak_memory),
        params=facts.params,
        metrics=facts.metrics,
        pointers=facts.pointers,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _names(project: Project, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(project.name(TopPath(path)) for path in paths)


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return None


def data_pointers(
    project: Project,
    learned: Meanwhile,
    outcome: Outcome,
    made: Iterable[Pointer],
    expected: Collection[str],
) -> tuple[DataPointer, ...]:
    """Return what each pointer of the run stands for.

    An input is the version that was really read; data that was written is an output, and
    marked as changed if neither the configuration nor an earlier run leads one to expect it.
    """
    found = {
        pointer.path: _described(project, pointer, "input") for pointer in outcome.reproduced.deps
    }
    for one in learned.watched:
        pointer = learned.read.get(one.pointer.path, one.pointer)
        found[pointer.path] = _described(project, pointer, "input")
    written = {one.pointer.path for one in outcome.pointers}
    for pointer in made:
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
