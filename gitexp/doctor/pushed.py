"""Whether what was recorded here is anywhere else."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.doctor.finding import Finding
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.fetched import remote_of
from gitexp.store.unpushed import count_unpushed

_AFTER_RUN = "gitexp.push"


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
    is_expected = _AFTER_RUN not in repository.config
    yield Finding("ok" if is_expected else "note", "push", text, "`gitexp push` sends them.")
