"""Whether what was recorded here is anywhere else."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.doctor.finding import Finding, Mark
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.fetched import remote_of
from gitexp.store.push_wish import push_wish
from gitexp.store.unpushed import count_unpushed


def examine_pushed(project: Project) -> Iterator[Finding]:
    """Say which runs are in this clone alone, as far as is known without asking the remote."""
    repository = project.repository
    remote = remote_of(repository, project.config)
    if remote is None or not project.runs.tip:
        return
    left = count_unpushed(repository, project.config, remote)
    if not left:
        yield Finding("ok", "push", f"'{remote}' has every run")
        return
    text = f"{counted(left, 'run')} not pushed to '{remote}'"
    mark: Mark = "note" if push_wish(repository).counts else "ok"
    yield Finding(mark, "push", text, "`gitexp push` sends them.")
