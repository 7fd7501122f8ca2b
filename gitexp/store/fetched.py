"""The runs of a remote, as they were fetched last: in a fresh clone there are no others."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.settings.config import Config
from gitexp.store.branch import check_ours
from gitexp.store.runs import RunStore


def remote_of(repository: Repository, config: Config) -> str | None:
    """Return the remote that runs are fetched from unless one is named, if there is one."""
    from gitexp.git.remotes import choose_remote  # noqa: PLC0415 - 3 ms, for those who fetch

    try:
        return choose_remote(repository, config.branch)
    except GitexpError:
        return None


def has_runs(runs: RunStore, config: Config) -> bool:
    """Return whether there are runs; without an experiments branch, those that were fetched do.

    For a command that only reads: from here on it reads them.
    """
    if runs.tip is not None:
        return True
    remote = remote_of(runs.repository, config)
    ref = f"refs/remotes/{remote}/{config.branch_on_remotes}"
    tip = runs.repository.objects.commit(ref) if remote is not None else None
    if tip is None:
        return False
    try:
        check_ours(runs.repository, config.branch, tip)
    except GitexpError:  # an ordinary branch of that name
        return False
    runs.look_again(ref)
    return True
