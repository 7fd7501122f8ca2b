"""What one push leaves for the next, so that it can be a plain one."""

from __future__ import annotations

import contextlib

from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME
from gitexp.sharing.last_push import Memo
from gitexp.store.own import own_folder
from gitexp.version import __version__


def keep_memo(project: Project) -> None:
    """Note what the settings say, for a push from the top of an ordinary repository."""
    repository = project.repository
    if project.folder or project.directory or repository.git_dir != repository.top / ".git":
        return
    if (project.root / CONFIG_NAME).is_symlink():
        return
    config = project.config
    memo = Memo(__version__, config.branch, config.branch_on_remotes, project.written_settings)
    with contextlib.suppress(OSError):
        own_folder(repository).made().plain_push.write_bytes(memo.text())
