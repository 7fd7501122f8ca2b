"""Reading many git objects through one `cat-file --batch` process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple, cast

_IN_FLIGHT = 100
"""Requests written ahead of the answers read: few enough that neither pipe can fill up."""


class GitObject(NamedTuple):
    """What git holds under an oid."""

    oid: str
    kind: str
    """'blob', 'tree', 'commit' or 'tag'."""
    content: bytes


class ObjectReader:
    """One long-lived `cat-file --batch`.

    Reading a thousand objects costs a thousand pipe round trips (0.02 ms each), not a
    thousand processes (2.6 ms each).
    """

    def __init__(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        self._command, self._cwd, self._env = command, cwd, env
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, spec: str) -> GitObject | None:
        """Return the object that a rev such as `HEAD:params.yaml` names, or None."""
        return next(self.read_many([spec]))

    def blob(self, spec: str) -> bytes | None:
        """Return the bytes of a file such as `HEAD:params.yaml`, or None if it is none."""
        found = self.read(spec)
        return found.content if found is not None and found.kind == "blob" else None

    def commit(self, rev: str) -> str | None:
        """Return the oid of the commit that a rev names, or None."""
        found = self.read(f"{rev}^{{commit}}")
        return found.oid if found is not None else None

    def read_many(self, specs: Iterable[str]) -> Iterator[GitObject | None]:
        """Yield the object of each spec in turn, None for one that names nothing."""
        waiting = 0
        for spec in specs:
            if "\n" in spec:  # one line is one request
                while waiting:
                    waiting -= 1
                    yield self._answer()
                yield self._read_alone(spec)
                continue
            self._input.write(os.fsencode(spec) + b"\n")
            waiting += 1
            if waiting == _IN_FLIGHT:
                self._input.flush()
                for _ in range(waiting):
                    yield self._answer()
                waiting = 0
        if waiting:
            self._input.flush()
        for _ in range(waiting):
            yield self._answer()

    def _read_alone(self, spec: str) -> GitObject | None:
        rev_parse = [
            *self._command[:-2],
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            spec,
        ]
        found = subprocess.run(
            rev_parse, cwd=self._cwd, env=self._env, capture_output=True, check=False
        )
        return self.read(found.stdout.decode().strip()) if found.returncode == 0 else None

    def _answer(self) -> GitObject | None:
        head = self._output.readline().rstrip(b"\n")
        parts = head.rsplit(b" ", 2)
        if len(parts) < 3 or not parts[2].isdigit():  # noqa: PLR2004 - oid, kind, size
            return None  # "SPEC missing" or "SPEC ambiguous"
        content = self._output.read(int(parts[2]))
        self._output.read(1)
        return GitObject(parts[0].decode(), parts[1].decode(), content)

    @property
    def _input(self) -> IO[bytes]:
        return cast("IO[bytes]", self._started().stdin)

    @property
    def _output(self) -> IO[bytes]:
        return cast("IO[bytes]", self._started().stdout)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the command, not for its reader
            )
        return self._process

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None
