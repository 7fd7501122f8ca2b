"""The runs, where a clone has none of them yet."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.git.remotes import Remote, choose_remote
from gitexp.project import Project
from gitexp.pull_requests.ends import Tell
from gitexp.sharing.pull import pull


def have_runs(project: Project, tell: Tell) -> None:
    """See to it that the experiments branch is here; say what is missing where it cannot be had."""
    if project.runs.tip is not None:
        return
    try:
        name = choose_remote(project.repository, project.config.branch)
    except GitexpError:  # nowhere to ask
        return
    try:
        pulled = pull(project, Remote(project.repository, name), tell)
    except GitexpError as lack:
        tell(f"note: no runs are here, so which one is behind the change cannot be told: {lack}")
        return
    project.forget_runs()
    count = "1 run" if pulled.runs == 1 else f"{pulled.runs} runs"
    tell(f"note: fetched the experiments branch from '{name}': {count}")
