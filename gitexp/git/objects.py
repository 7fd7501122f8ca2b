"""Reading many git objects through one `cat-file --batch` process."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO, TypeVar, cast

from msgspec import Struct

from gitexp.git.contents import read_content
from gitexp.model.lazy_pattern import lazy_pattern

_OID = lazy_pattern(r"[0-9a-f]{40}|[0-9a-f]{64}")
_IN_FLIGHT = 100
"""Requests written ahead of the answers read: few enough that neither pipe can fill up."""


_PIPE = 1 << 20
"""Bytes that git may be ahead of us, where the system lets it."""

T = TypeVar("T")


class GitObject(Struct, frozen=True):
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
        self._doubts = True

    def read(self, spec: str) -> GitObject | None:
        """Return the object that a rev such as `HEAD:params.yaml` names, or None."""
        return next(self.read_many([spec]))

    def blob(self, spec: str) -> bytes | None:
        """Return the bytes of a file such as `HEAD:params.yaml`, or None if it is not a file."""
        found = self.read(spec)
        return found.content if found is not None and found.kind == "blob" else None

    def commit(self, rev: str) -> str | None:
        """Return the oid of the commit that a rev names, or None."""
        found = self.read(f"{rev}^{{commit}}")
        return found.oid if found is not None else None

    def read_many(self, specs: Iterable[str]) -> Iterator[GitObject | None]:
        """Yield the object of each spec in turn, None for one that names nothing."""
        batch: list[str] = []
        for spec in specs:
            batch.append(spec)
            if len(batch) == _IN_FLIGHT:
                yield from self._batch(batch)
                batch = []
        yield from self._batch(batch)

    def read_all(self, specs: Sequence[str]) -> Iterator[GitObject | None]:
        """Yield the object of each spec in turn, as `read_many`, for thousands of them."""
        if len(specs) <= _IN_FLIGHT:
            yield from self.read_many(specs)
            return
        for _, found in self.read_stream((spec, None) for spec in specs):
            yield found

    def read_stream(self, asked: Iterable[tuple[str, T]]) -> Iterator[tuple[T, GitObject | None]]:
        """Yield what came with each spec, and its object; few are in memory at any time.

        A process of its own answers without waiting to be read, while a thread asks: it is the
        thread that goes through `asked`, and what that raises is raised here.
        """
        from gitexp.git.answers import Answers  # noqa: PLC0415 - 1 ms together, for many
        from gitexp.git.asking import Asking  # noqa: PLC0415 - as above

        reader = ObjectReader([*self._command, "--buffer"], cwd=self._cwd, env=self._env)
        process = reader._started()  # before two threads ask for it
        is_alone = False
        with Asking(asked, reader._write, reader._end_of_input) as parts:
            try:
                enlarge(reader._output)
                answers = Answers(reader._output, reader._has)
                for part in parts:
                    for spec, own in part:
                        try:
                            is_apart = is_alone or "\n" in spec
                            answer = self.read(spec) if is_apart else _object(answers.next())
                        except (EOFError, OSError):  # killed, gave up, or says what nobody asked
                            process.kill()
                            is_alone, answer = True, self.read(spec)
                        yield own, answer
            finally:
                reader.kill()

    def _write(self, specs: Iterable[str]) -> None:
        self._input.write(b"".join(os.fsencode(one) + b"\n" for one in specs if "\n" not in one))

    def _end_of_input(self) -> None:
        self._input.close()

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    cast("IO[bytes]", pipe).close()
            self._process = None

    def _batch(self, specs: list[str]) -> list[GitObject | None]:
        """Ask for all, then read all; if git gives up on a rev, the others are still answered."""
        found: list[GitObject | None] = []
        while len(found) < len(specs):
            if "\n" in specs[len(found)]:  # one line is one request
                found.append(self._read_alone(specs[len(found)]))
                continue
            rest = list(itertools.takewhile(lambda spec: "\n" not in spec, specs[len(found) :]))
            self._ask(rest)
            for spec in rest:
                try:
                    answer = self._answer()
                except EOFError:
                    self.close()
                    found.append(self._once_more(spec))
                    break
                found.append(answer)
        return [self._doubted(spec, one) for spec, one in zip(specs, found, strict=True)]

    def _once_more(self, spec: str) -> GitObject | None:
        """Ask a new process: what fails once may pass."""
        self._ask([spec])
        try:
            return self._answer()
        except EOFError:
            self.close()
            return None

    def _doubted(self, spec: str, found: GitObject | None) -> GitObject | None:
        """Ask again for an object that git calls missing though somebody knows its oid.

        Git says so too if it cannot read the object at the moment. Where objects are really
        missing, one such answer will do for all.
        """
        if found is not None or not self._doubts or not is_oid(spec.partition("^")[0]):
            return found
        self.close()
        found = self._once_more(spec)
        self._doubts = found is not None
        return found

    def _ask(self, specs: list[str]) -> None:
        lines = b"".join(os.fsencode(spec) + b"\n" for spec in specs)
        try:
            self._send(lines)
        except BrokenPipeError:  # it gave up on the first of them, as `_answer` will notice
            pass
        except OSError:  # nobody knows how much has arrived
            self.kill()
            self._send(lines)

    def _send(self, lines: bytes) -> None:
        self._input.write(lines)
        self._input.flush()

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
        try:
            return self._next_answer()
        except OSError as error:  # what comes next would be taken for the answer to another one
            self.kill()
            raise EOFError from error

    def _next_answer(self) -> GitObject | None:
        output = self._output
        line = output.readline()
        if not line:
            raise EOFError
        parts = line[:-1].rsplit(b" ", 2)
        if len(parts) < 3 or not parts[2].isdigit():  # noqa: PLR2004 - oid, kind, size
            return None  # "SPEC missing" or "SPEC ambiguous"
        size = int(parts[2])
        oid, kind = parts[0].decode(), parts[1].decode()
        return GitObject(oid, kind, read_content(output, size, lambda: self._has(oid, kind, size)))

    def _has(self, oid: str, kind: str, size: int) -> bool:
        """Return whether git has an object of that very size, as a process says that ends."""
        asked = [*self._command[: self._command.index("cat-file")], "cat-file", kind, oid]
        found = subprocess.run(
            asked, cwd=self._cwd, env=self._env, capture_output=True, check=False
        )
        return found.returncode == 0 and len(found.stdout) == size

    @property
    def _input(self) -> IO[bytes]:
        return cast("IO[bytes]", self._started().stdin)

    @property
    def _output(self) -> BufferedReader:
        return cast("BufferedReader", self._started().stdout)

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
            with contextlib.suppress(BrokenPipeError):
                self._process.communicate()
            self._process = None


def _object(answer: tuple[str, str, bytes] | None) -> GitObject | None:
    return GitObject(*answer) if answer is not None else None


def enlarge(pipe: IO[bytes]) -> None:
    """Let git go on while we are busy with what it has said, where pipes can be made larger."""
    how = getattr(fcntl, "F_SETPIPE_SZ", None)
    if how is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), how, _PIPE)


def is_oid(text: str) -> bool:
    """Return whether a text is a whole object id, and neither a ref nor an option.

    >>> is_oid("a" * 40), is_oid("HEAD")
    (True, False)
    """
    return _OID.fullmatch(text) is not None
