"""Whether what was recorded here is anywhere else."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.doctor.finding import Finding, Mark
from gitexp.git.repository import Repository
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.fetched import remote_of
from gitexp.store.push_wish import push_wish
from gitexp.store.tags_left import push_command, tags_left
from gitexp.store.unpushed import count_unpushed


def examine_pushed(project: Project) -> Iterator[Finding]:
    """Say what is in this clone alone, as far as is known without asking the remote."""
    repository = project.repository
    remote = remote_of(repository, project.config)
    if remote is not None and project.runs.tip:
        yield _runs(project, remote)
        yield from _tags(repository, remote)


def _runs(project: Project, remote: str) -> Finding:
    left = count_unpushed(project.repository, project.config, remote)
    if not left:
        return Finding("ok", "push", f"'{remote}' has every run")
    text = f"{counted(left, 'run')} not pushed to '{remote}'"
    mark: Mark = "note" if push_wish(project.repository).counts else "ok"
    return Finding(mark, "push", text, "`gitexp push` sends them.")


def _tags(repository: Repository, remote: str) -> Iterator[Finding]:
    left = tags_left(repository)
    if left:
        text = f"{counted(len(left), 'tag')} of models made here and not seen on '{remote}'"
        pronoun = "it" if len(left) == 1 else "them"
        yield Finding("note", "push", text, f"`{push_command(remote, left)}` sends {pronoun}.")
