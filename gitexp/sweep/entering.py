"""How a run of a sweep is written down as one that this process has under way."""

from __future__ import annotations

import os

from gitexp.project import Project
from gitexp.store.journal import Claim, Entry, Journal
from gitexp.store.processes import Place


def write_down(project: Project, run_id: str, name: str, since: str, claim: Claim) -> Entry:
    """Write a run into the journal, with the folder for what it needs."""
    entry = Entry(
        id=run_id,
        name=name,
        work_tree=str(project.repository.top),
        folder=project.folder,
        directory=project.directory,
        since=since,
        owner=Place.of(os.getpid()),
        claim=claim,
    )
    journal = Journal(project.repository)
    journal.scratch(run_id).mkdir(parents=True, exist_ok=True)
    journal.write(entry)
    return entry
