"""Git as it talks to a remote: started, heard line by line, and waited for."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, cast

from gitexp.git.lean_processes import BY_GITEXP, TALKING

Hear = Callable[[str], None]
"""Called with each line that git says, as it comes."""


class Talk:
    """One git process that talks to a remote, with the user's own hooks and settings."""

    def __init__(self, top: Path, place: Mapping[str, str], *args: str) -> None:
        """Start git; `place` is the environment that says which repository it works on."""
        settings = [option for setting in TALKING for option in ("-c", setting)]
        self._process = subprocess.Popen(
            ["git", *settings, *args],
            cwd=top,
            env={**os.environ, **place, BY_GITEXP: "1", "LANGUAGE": "C", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,  # so that progress, which ends in CR, comes in lines as well
            encoding="utf-8",
            errors="backslashreplace",
        )

    def heard(self, hear: Hear) -> tuple[list[str], int]:
        """Return the lines that it printed, and its status; `hear` gets what it says meanwhile."""
        import threading  # noqa: PLC0415 - 1 ms, where a remote is talked to

        told: list[str] = []
        printed = cast("IO[str]", self._process.stdout)
        reader = threading.Thread(target=_read, args=(printed, told.append), daemon=True)
        with self._process:
            reader.start()
            _read(cast("IO[str]", self._process.stderr), hear)
            reader.join()
        return told, self._process.returncode

    def __del__(self) -> None:
        """End it where something failed before anybody listened."""
        process = vars(self).get("_process")  # there is none where git could not be started
        if process is not None and process.returncode is None:
            process.kill()
            process.communicate()


def _read(lines: IO[str], hear: Hear) -> None:
    for line in lines:
        hear(line.rstrip())
