"""Whether a run is needed: what it would begin with, worked out without starting it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from msgspec.structs import replace

from gitexp.execution.record.learned import inputs_of_started
from gitexp.execution.stages import Plan
from gitexp.execution.start.look import look
from gitexp.git.trees import Entry, object_oid
from gitexp.inputs.covered import covering_run
from gitexp.model.paths import ProjectPath
from gitexp.model.record import Inputs
from gitexp.project import Project
from gitexp.store.reading import StoredRun


def known_run(project: Project, plan: Plan) -> StoredRun | None:
    """Return a run that ended well and had the inputs and the command of a plan."""
    return covering_run(project, planned_inputs(project, plan), plan.command)


def planned_inputs(project: Project, plan: Plan) -> Inputs:
    """Return the inputs that a run would have if it started now; the work tree is only read."""
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        started = look(project, plan, Path(scratch), _say_nothing)
        entries, params = dict(started.snapshot.entries), dict(started.params)
        for name, content in plan.edits.items():
            path = started.declared.lead(project.path(ProjectPath(name)))
            oid = object_oid("blob", content, project.repository.object_format)
            if path in entries:
                entries[path] = Entry(entries[path].mode, oid)
            params[name] = project.documents.parse(content, name)
        snapshot = replace(started.snapshot, entries=entries)
        return inputs_of_started(replace(started, snapshot=snapshot, params=params))


def _say_nothing(_: str) -> None:
    """The run itself tells, if it is needed."""
