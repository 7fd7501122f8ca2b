"""Starts the process that does what follows a run, and waits for nothing of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from gitexp.afterwards.state import Background, Tell
from gitexp.afterwards.wishes import read_wishes
from gitexp.git.place import clean_environment
from gitexp.model.marks import LOG_DIR, OUTER_RUN_IDS, RUN_ID
from gitexp.project import Project

_START = (
    "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told.pop();"
    "from gitexp.afterwards.process import follow; follow(*told)"
)
"""Isolated, so that nothing in the working directory is imported; from where we were imported."""


def begin(
    project: Project, run_id: str | None, sweep: Mapping[str, object] | None, tell: Tell
) -> None:
    """Say what the last process could not do, and start the next one.

    It tells of a run, or of a sweep whose best run that is; without either it pushes alone.
    """
    repository = project.repository
    background = Background(repository)
    if background.folder.exists():
        background.say(project, tell)
    wishes = read_wishes(repository, tell)
    if wishes.is_none or not sys.executable or hasattr(sys, "frozen"):
        return
    background.made()
    if wishes.push:
        background.wanted.touch()
    place = str(project.root)
    told = json.dumps([place, wishes.push, run_id, sweep, [*filter(None, sys.path)]])
    log = background.opened_log()
    try:
        subprocess.run(  # the shell ends at once, so that nobody is left to be waited for
            ["sh", "-c", '"$0" "$@" &', sys.executable, "-I", "-c", _START, told],
            cwd=repository.top,
            env=outside_of_runs(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # neither Ctrl-C nor the end of the terminal is for it
            check=False,
        )
    finally:
        os.close(log)


def outside_of_runs(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment by which no process is taken for one of a run.

    >>> outside_of_runs({"GITEXP_RUN_ID": "a", "GIT_DIR": "/x/.git", "HOME": "/root"})
    {'HOME': '/root'}
    """
    marks = (RUN_ID, OUTER_RUN_IDS, LOG_DIR)
    clean = clean_environment(environment)
    return {name: value for name, value in clean.items() if name not in marks}
