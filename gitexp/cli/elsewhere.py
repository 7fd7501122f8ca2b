"""The runs of a remote in place of this clone's, for a command that only reads."""

from __future__ import annotations

import click

from gitexp.cli.progress import progress_line, tell_below
from gitexp.git.remotes import Remote, choose_remote
from gitexp.project import Project
from gitexp.sharing.elsewhere import runs_at


def project_at(project: Project, remote: str, most: int | None, *asked: str | None) -> Project:
    """Return the project with the runs of a remote, until the command ends.

    `asked` are the texts that may ask for a step of a curve.
    """
    with_curves = any("at(" in text for text in asked if text is not None)
    name = choose_remote(project.repository, project.config.branch, remote)
    with progress_line() as progress:
        there = Remote(project.repository, name, progress)
        found = runs_at(project, there, most, tell_below(progress), with_curves=with_curves)
        return click.get_current_context().with_resource(found)
