"""A page of the documentation as what a person does who follows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

_BLOCK = re.compile(r"^(?:`([\w./]+)`:\n\n)?(`{3,})(\w+)\n(.*?)^\2$", re.DOTALL | re.MULTILINE)
"""A block of code, and the file that it is, if a line above it names one."""


class Written(Struct, frozen=True):
    """A file that the reader makes."""

    path: str
    text: str


class Typed(Struct, frozen=True):
    """A command that the reader types, and what the page says it prints; None if it is silent."""

    command: str
    prints: str | None


def steps(page: str) -> Iterator[Written | Typed]:
    """Yield what the reader does, from the top of the page to its end."""
    for path, _, kind, text in _BLOCK.findall(page):
        if path:
            yield Written(path, text)
        elif kind == "sh":
            yield Typed(text, None)
        elif kind == "console":
            for step in f"\n{text}".split("\n$ ")[1:]:
                command, _, prints = step.partition("\n")
                yield Typed(command, prints)


class Reader:
    """Somebody at a shell, who is in one folder at a time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        own = Path(sys.executable).parent
        self._env = {**os.environ, "PATH": f"{own}{os.pathsep}{os.environ['PATH']}"}

    def write(self, written: Written) -> None:
        """Make a file, or replace it."""
        (self._place / written.path).write_text(written.text)

    def type(self, command: str) -> tuple[int, str]:
        """Run a command, go where it went, and return its status and all that it printed."""
        end, went = os.pipe()
        ended = subprocess.run(
            ["bash", "-c", f"{command}\nstatus=$?; pwd >&{went}; exit $status"],
            cwd=self._place,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[went],
            check=False,
        )
        os.close(went)
        with os.fdopen(end) as told:
            self._place = Path(told.read().strip() or self._place)
        return ended.returncode, ended.stdout.decode()
