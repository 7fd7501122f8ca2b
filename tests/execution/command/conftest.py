"""Commands, started here or by a process of its own, and none left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gitexp.execution.command.child import Child, start

from tests.execution.command.workshop import Begin, Drive
from tests.execution.workshop import end_with_family

DRIVER = str(Path(__file__).with_name("driver.py"))


@pytest.fixture
def begin(tmp_path: Path, log: Path) -> Iterator[Begin]:
    """Start commands here, and see to it that none is left behind."""
    begun: list[Child] = []

    def begin(
        argv: Sequence[str],
        timeout: float | None = None,
        grace: float = 10.0,
        *,
        shown: bool = True,
    ) -> Child:
        how: dict[str, Any] = {"timeout": timeout, "grace": grace, "shown": shown}
        begun.append(start(argv, cwd=tmp_path, env=dict(os.environ), log=log, **how))
        return begun[-1]

    yield begin
    for child in begun:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@pytest.fixture
def drive(tmp_path: Path, log: Path) -> Iterator[Drive]:
    """Start commands through a driver that a test can kill."""
    driven: list[subprocess.Popen[bytes]] = []

    def drive(
        argv: Sequence[str], *, through: Sequence[str] = (), **options: Any
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, *through, DRIVER, str(log), *argv]
        options = {"stdin": subprocess.DEVNULL, "cwd": tmp_path, **options}
        driven.append(subprocess.Popen(command, **options))
        return driven[-1]

    yield drive
    for process in driven:
        end_with_family(process)


@pytest.fixture
def restored() -> Iterator[Callable[[int], object]]:
    """Put a signal's handler back in the end."""
    before: dict[int, Any] = {}
    yield lambda signum: before.setdefault(signum, signal.getsignal(signum))
    for signum, handler in before.items():
        signal.signal(signum, handler)
