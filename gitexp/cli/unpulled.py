"""A note on what a clone does not know of runs that only their tags brought."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.cli.options import tell
from gitexp.git.remotes import remote_names
from gitexp.project import Project


def note_unpulled(project: Project, runs: Mapping[str, str]) -> None:
    """Say that what was found out about runs is not here, if they were never pulled.

    `runs` has their names by id. What a tag brings is the commit of a run, without late facts.
    """
    unknown = [name for run_id, name in runs.items() if not _is_known(project, run_id)]
    if not unknown or not remote_names(project.repository):
        return
    whose = f"run '{unknown[0]}'" if len(unknown) == 1 else f"{len(unknown)} of these runs"
    tell(f"note: evaluations and verifications of {whose} are not here; `gitexp pull` gets them")


def _is_known(project: Project, run_id: str) -> bool:
    """Return whether the experiments branch here has a run, be it removed."""
    return any(one.id == run_id for one in project.runs.index.named(run_id, None))
