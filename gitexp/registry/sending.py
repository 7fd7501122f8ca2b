"""Sending what somebody needs who gets a model: its data first, then runs, then tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gitexp.errors import GitexpError
from gitexp.git.remotes import PushRejected, Remote, RemoteFailed
from gitexp.project import Project
from gitexp.sharing.data import push_data
from gitexp.sharing.push import push as push_runs
from gitexp.store.stored_run import StoredRun
from gitexp.store.tags_left import push_command, remember_tags

Tell = Callable[[str], None]


def send_run(project: Project, remote: Remote, run: StoredRun, tell: Tell) -> None:
    """Send the data of a run and the runs themselves; raises GitexpError if data stays here."""
    sent = push_data(project, [run], tell, remote.progress)
    if run.id in sent.left:
        raise GitexpError(f"the data of run '{run.name}' stayed here, so its tags were not sent")
    push_runs(project, remote, tell)


def send_tags(remote: Remote, tags: Sequence[str]) -> None:
    """Send tags; what the remote has already is never replaced."""
    for tag in tags:
        ref = f"refs/tags/{tag}"
        try:
            remote.push(f"{ref}:{ref}")
        except (PushRejected, RemoteFailed) as failed:
            raise GitexpError(
                f"the tag '{tag}' was written here, and not sent: {failed}",
                hint=f"If '{remote.name}' has one of that name, `git fetch --tags` says so; else"
                f" `{push_command(remote.name, tags)}`.",
            ) from failed
        remember_tags(remote.repository, sent=[tag])
