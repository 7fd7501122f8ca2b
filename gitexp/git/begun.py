"""Git at work beside us."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from typing import IO, cast


class Begun:
    """A git process under way."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def ended(self) -> subprocess.CompletedProcess[bytes]:
        """Return how it ended, when it has."""
        stdout, stderr = self._process.communicate()
        return subprocess.CompletedProcess((), self._process.returncode, stdout, stderr)

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
