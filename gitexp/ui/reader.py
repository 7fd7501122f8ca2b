"""The project as a server reads it: opened by one thread, and brought up to date by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME

T = TypeVar("T")


class Reader:
    """Answers questions to a project, one after the other.

    One thread does, since an index of SQLite belongs to the thread that opened it. Runs that
    came meanwhile are seen by the next question, and so are other settings.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gitexp-ui")
        self._project: Project | None = None
        self._settings: object = None

    async def ask(self, question: Callable[[Project], T]) -> T:
        """Return what a question comes to, while others may ask."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._answer, question)

    def ask_now(self, question: Callable[[Project], T]) -> T:
        """Return the same, and wait for it."""
        return self._thread.submit(self._answer, question).result()

    def close(self) -> None:
        """Close the project."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _answer(self, question: Callable[[Project], T]) -> T:
        return question(self._fresh())

    def _fresh(self) -> Project:
        """Return the project, opened again if its settings have changed."""
        if self._project is not None and self._settings != _state(self._project):
            self._close()
        if self._project is None:
            opened = Project.open(self._directory)
            self._settings = _state(opened)
            self._project = opened.with_committed_settings() or opened
        else:
            self._project.runs.refresh()
        return self._project

    def _close(self) -> None:
        if self._project is not None:
            self._project.close()
            self._project = None


def _state(project: Project) -> list[object]:
    """Return what changes when somebody writes the settings."""
    return [_signature(project.root / name) for name in (CONFIG_NAME, PIPELINE_NAME)]


def _signature(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
