"""The variables that the command sees."""

from __future__ import annotations

import os
from pathlib import Path

from gitexp.execution.stages import Plan, reports_of
from gitexp.git.place import clean_environment
from gitexp.model.marks import LOG_DIR, LOGGED_FOLDER, OUTER_RUN_IDS, marks_of
from gitexp.project import Project
from gitexp.store.own import own_folder

PROGRESS = "GITEXP_PROGRESS"
"""Names the file that a command may report to while it runs."""
_KNOWN: dict[object, list[Path]] = {}
"""What was found for the last command: an agent starts the same one again and again."""


def child_environment(project: Project, plan: Plan, scratch: Path) -> dict[str, str]:
    """Return the environment of the command, which may report to a file and log into stores."""
    env = clean_environment(os.environ)
    reports = reports_of(project, plan, scratch)
    env.pop(OUTER_RUN_IDS, None)
    env.pop(PROGRESS, None)
    env.pop(LOG_DIR, None)
    return {
        **env,
        **(_copied_code(project, plan, env) if project.home is not None else {}),
        **marks_of(plan.id, plan.request.around),
        "GITEXP_RUN_NAME": plan.name,
        "GITEXP_BASELINE": plan.baseline,
        **({PROGRESS: str(reports)} if reports is not None else {}),
        **({LOG_DIR: str(scratch / LOGGED_FOLDER)} if plan.command else {}),
        **(_stores(project, env, plan.id) if project.config.capture and plan.command else {}),
    }


def _stores(project: Project, env: dict[str, str], run_id: str) -> dict[str, str]:
    from gitexp.execution.capture.offer import offered  # noqa: PLC0415 - 1 ms, where something is captured

    return offered(project, env, run_id)


def _copied_code(project: Project, plan: Plan, env: dict[str, str]) -> dict[str, str]:
    """Return what makes a command in a copy import the copy of an editable package."""
    from gitexp.execution.environment.editable import editable_folders, python_path  # noqa: PLC0415 - 6 ms, for `--temp` alone

    assert project.home is not None  # as the caller saw
    top = project.home.repository.top
    asked = (plan.argv, top / project.directory, frozenset(env.items()))
    if asked not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[asked] = editable_folders(
            plan.argv,
            top=top,
            cwd=top / project.directory,
            env=env,
            cache=own_folder(project.repository).made().environments,
        )
    folders = _KNOWN[asked]
    if not folders:
        return {}
    copy = project.repository.top
    return {"PYTHONPATH": python_path(folders, top=top, copy=copy, env=env)}
