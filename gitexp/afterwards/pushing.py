"""Pushes what was recorded: one process at a time, which looks again at its end."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from gitexp.afterwards.state import Background, log
from gitexp.errors import GitexpError, reason_of
from gitexp.git.remotes import Remote, choose_remote
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.sharing.push import push
from gitexp.store.locks import tried

PATIENCE = 1800.0
"""Seconds in which something has to move; data of any size may take as long as it likes."""


def push_wanted(root: Path, patience: float = PATIENCE) -> None:
    """Push as long as somebody wants it; if another process does so, it looks again at its end."""
    with Repository.open(root) as repository:
        background = Background(repository).made()
        while background.wanted.exists():
            with tried(background.lock) as mine:
                if not mine:
                    return
                while background.wanted.exists():
                    background.push_begins()  # first: whoever is killed in between has begun
                    background.wanted.unlink()
                    _push(root, background, patience)
            # somebody may have asked between our last look and the end of our lock


def _push(root: Path, background: Background, patience: float) -> None:
    name = None
    try:
        with Project.open(root) as project:
            name = choose_remote(project.repository, project.config.branch)
            with _Moves(background, name, patience) as moves:
                remote = Remote(project.repository, name, moves.moved)
                pushed = push(project, remote, log)
        log(f"pushed {pushed.runs} runs and {pushed.files} files to '{name}'")
    except Exception as error:  # noqa: BLE001 - whatever it is, a person learns of it
        hint = f" ({error.hint})" if isinstance(error, GitexpError) and error.hint else ""
        log(f"failed: {reason_of(error)}{hint}")
        background.push_failed(reason_of(error), name)
    else:
        background.push_ended()


class _Moves:
    """Watches whether a push moves, and ends the process with all that it started if not."""

    def __init__(self, background: Background, remote: str, patience: float) -> None:
        self._background, self._remote, self._patience = background, remote, patience
        self._last = time.monotonic()
        self._is_over = threading.Event()

    def __enter__(self) -> _Moves:
        """Begin to watch."""
        threading.Thread(target=self._watch, name="watching the push", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no longer."""
        self._is_over.set()

    def moved(self, _: str) -> None:
        """Take note that something has moved."""
        self._last = time.monotonic()

    def _watch(self) -> None:
        while (left := self._last + self._patience - time.monotonic()) > 0:
            if self._is_over.wait(left):
                return
        why = f"'{self._remote}' did not answer for {self._patience / 60:.0f} minutes"
        log(why)
        self._background.push_failed(why, self._remote)
        os.killpg(0, signal.SIGKILL)
