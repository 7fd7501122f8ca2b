"""git started without `subprocess`, whose import takes 6 ms: for what comes before all else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence

WHO_AND_HOW = (
    "GIT_ALLOW_PROTOCOL",
    "GIT_ASKPASS",
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG",
    "GIT_EXEC_PATH",
    "GIT_PROTOCOL",
    "GIT_SSH",
    "GIT_SSL_",
    "GIT_TERMINAL_PROMPT",
    "GIT_TRACE",
)
"""How the `GIT_*` variables begin that say who and how, not which repository."""

TALKING = ("gc.auto=0", "maintenance.auto=false", "advice.pushUpdateRejected=false")
"""Settings of a git that talks to a remote."""

BY_GITEXP = "GITEXP_TALKS"
"""Set for the git that talks to remotes for gitexp: our own hook has nothing to do there."""


class LeanProcess:
    """A git process in the current folder, with a pipe for what it prints and, if need be, reads.

    One pipe alone is read, so that none fills up meanwhile: a user's hook may print at length.
    """

    def __init__(
        self, args: Sequence[str], env: Mapping[str, str], *, asks: bool = False, says: bool = False
    ) -> None:
        """Start it; raises OSError. `asks` opens its stdin; `says` takes stderr, not stdout."""
        self.status: int | None = None
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = []
        given: list[int] = []
        self.stdin = self.output = -1
        try:
            if asks:
                read, self.stdin = os.pipe()
                given.append(read)
                actions.append((os.POSIX_SPAWN_DUP2, read, 0))
            else:
                actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
            self.output, write = os.pipe()
            given.append(write)
            kept, dropped = (2, 1) if says else (1, 2)
            actions.append((os.POSIX_SPAWN_DUP2, write, kept))
            actions.append((os.POSIX_SPAWN_OPEN, dropped, os.devnull, os.O_WRONLY, 0))
            defaults = (signal.SIGPIPE, signal.SIGTERM)  # Python ignores one, `end` needs the other
            self._pid = os.posix_spawnp(
                "git", ["git", *args], env, file_actions=actions, setsigdef=defaults
            )
        except BaseException:
            self._close()
            raise
        finally:
            for one in given:
                os.close(one)

    def ended(self) -> bytes:
        """Return the rest of what it prints once it has ended; `status` says how."""
        printed = b"".join(self.parts())
        self._close()
        self.status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return printed

    def parts(self) -> Iterator[bytes]:
        """Yield what it prints, as it comes."""
        while part := os.read(self.output, 1 << 16):
            yield part

    def end(self) -> None:
        """End it, whatever it is doing; git takes its locks away, and what it has started."""
        if self.status is None:
            os.kill(self._pid, signal.SIGTERM)
            self._close()
            self.status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _close(self) -> None:
        for one in (self.stdin, self.output):
            if one >= 0:
                os.close(one)
        self.stdin = self.output = -1


class LeanObjects:
    """One `cat-file --batch` for a few small objects."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = LeanProcess(("cat-file", "--batch"), env, asks=True)
        self._output = open(self._process.output, "rb", closefd=False)  # noqa: SIM115 - closed below

    def read(self, *specs: str) -> list[tuple[str, bytes] | None]:
        """Return oid and content of what each rev names, None for one that names nothing.

        Few, so that neither pipe can fill up before it is read.
        """
        os.write(self._process.stdin, "".join(f"{spec}\n" for spec in specs).encode())
        return [self._answer() for _ in specs]

    def _answer(self) -> tuple[str, bytes] | None:
        parts = self._output.readline().split(b" ")
        if len(parts) != 3 or not parts[2].strip().isdigit():  # noqa: PLR2004 - oid, kind, size
            return None
        content = self._output.read(int(parts[2]) + 1)
        return parts[0].decode(), content[:-1]

    def close(self) -> None:
        """End the process."""
        self._output.close()
        self._process.end()
