"""Git at work beside us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast


class Begun:
    """A git process under way."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def ended(self) -> subprocess.CompletedProcess[bytes]:
        """Return how it ended, when it has."""
        stdout, stderr = self._process.communicate()
        return subprocess.CompletedProcess((), self._process.returncode, stdout, stderr)

    def answered(self, stdin: bytes | None, timeout: float) -> subprocess.CompletedProcess[bytes]:
        """Give it its input and return how it ended; raise TimeoutError if it does not in time.

        What git had started goes with it: one that asks for a passphrase would go on reading from
        the terminal.
        """
        try:
            stdout, stderr = self._process.communicate(stdin, timeout)
        except BaseException as error:
            self._end_children()
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # not all of its input was read
                        pipe.close()
            if isinstance(error, subprocess.TimeoutExpired):
                raise TimeoutError(f"git did not end in {timeout} s") from error
            raise
        return subprocess.CompletedProcess((), self._process.returncode, stdout, stderr)

    def _end_children(self) -> None:
        children: list[str] = []
        with contextlib.suppress(OSError):  # not on Linux
            for place in Path(f"/proc/{self._process.pid}/task").glob("*/children"):
                children += place.read_text().split()
        for pid in children:
            with contextlib.suppress(OSError):  # ended meanwhile
                os.kill(int(pid), signal.SIGTERM)  # so that it turns the echo on again

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that it prints, as they come."""
        yield from cast("IO[bytes]", self._process.stdout)

    def feed(self, parts: Iterable[bytes]) -> None:
        """Hand it what it reads, part by part; nothing more once it has ended by itself.

        If making a part fails, it is ended at once, and has no time to report that.
        """
        stdin = cast("IO[bytes]", self._process.stdin)
        try:
            for part in parts:
                stdin.write(part)
            stdin.flush()
        except BrokenPipeError:  # how it ended says why
            return
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """End it: nobody needs to know any more."""
        self._process.kill()
        self._process.communicate()

    def close(self) -> None:
        """End it where something failed before anybody asked; nothing if it has ended."""
        if self._process.returncode is None:
            self.drop()

    def __del__(self) -> None:
        """End it where nobody did."""
        self.close()
