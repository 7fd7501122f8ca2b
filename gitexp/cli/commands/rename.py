"""`gitexp rename`: another name for a run."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.options import tell, with_project
from gitexp.execution.start.taken import check_not_taken
from gitexp.git.refs import list_refs
from gitexp.mirroring import mirror_changed
from gitexp.model.names import check_name
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.store.facts import append


@click.command()
@click.argument("run", shell_complete=complete_run)
@click.argument("name")
@with_project
def rename(project: Project, *, run: str, name: str) -> None:
    """Give RUN another NAME.

    The rules are those of `gitexp run --name`. The id stays, and so does the run's commit
    with the name in its message. The new name travels with `gitexp push` and `gitexp pull`.

    \b
    Example:
      gitexp rename brave-otter-7f wide-decoder
    """
    found = get_run(project, run)
    if name == found.name:
        tell(f"note: run '{name}' already has that name")
        return
    check_name(name)
    refs = list_refs(project.repository, f"refs/heads/{name}", f"refs/tags/{name}")
    check_not_taken(project, name, refs, hint="Choose another name.")
    append(project.repository, [(found, "rename", name)])
    mirror_changed(project, [found], tell)
    tell(f"run '{found.name}' is now called '{name}'")
