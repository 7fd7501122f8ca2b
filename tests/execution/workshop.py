"""How the tests of execution start runs, and what git holds of them afterwards."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from gitexp.model.record import RunRecord

from tests.workshop import Outcome


@dataclass(frozen=True)
class Kept:
    """A run as git holds it, read with git alone."""

    oid: str
    record: RunRecord
    subject: str
    entries: Mapping[str, tuple[str, str]]
    """Mode and oid by path."""
    top: Path

    def blob(self, path: str) -> bytes:
        """Return the content of a file of the run's tree."""
        command = ["git", "cat-file", "blob", self.entries[path][1]]
        return subprocess.run(command, cwd=self.top, capture_output=True, check=True).stdout

    def text(self, path: str) -> str:
        """Return the text of a file of the run's tree."""
        return self.blob(path).decode()

    def files(self) -> dict[str, str]:
        """Return mode and content of everything but the record itself, in one string a path."""
        return {
            path: f"{mode} {self.blob(path).decode('utf-8', 'surrogateescape')}"
            for path, (mode, _) in self.entries.items()
            if not path.startswith(".gitexp/")
        }


class Sh(Protocol):
    """Run a line of shell as an experiment: `sh("echo 1 > out.txt", "-n", "first")`."""

    def __call__(self, line: str, *options: str | Path) -> Outcome: ...


class StartGitexp(Protocol):
    """Start `gitexp ARGS...` as a process; `options` are those of Popen."""

    def __call__(self, *argv: str | Path, **options: Any) -> subprocess.Popen[bytes]: ...


class BehindPointer(Protocol):
    """Put data behind a pointer, as `dvc add` does: `behind_pointer("data.csv")`."""

    def __call__(self, *paths: str) -> None: ...


Runs = Callable[[], list[Kept]]
"""Return the runs on the experiments branch, newest first."""

TheRun = Callable[[], Kept]
"""Return the newest run."""

Leftovers = Callable[[], list[str]]
"""Return what is left of runs that are no longer under way."""

Eventually = Callable[[Callable[[], object]], None]
"""Wait until something is the case."""


def end_with_family(process: subprocess.Popen[bytes]) -> None:
    """End a process, if it has not ended, with all that it has started."""
    with process:
        if process.poll() is None:
            one = psutil.Process(process.pid)
            for each in (*one.children(recursive=True), one):
                with contextlib.suppress(psutil.NoSuchProcess):  # it has ended by itself
                    each.kill()


def wait_for(process: psutil.Process | subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process; one that lost its parent is a zombie for a second or two."""
    if isinstance(process, subprocess.Popen):
        process.wait()
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.005)
