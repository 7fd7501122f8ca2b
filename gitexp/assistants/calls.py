"""A tool called: one process of gitexp, and what it has answered.

Each call has a process of its own, so that an answer is what the command prints, nothing is
held that another process has changed since, and a call that is given up can be ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE

import anyio
from anyio.abc import ByteReceiveStream, Process
from msgspec import Struct

from gitexp.assistants.tools import Tool
from gitexp.errors import ExitCode, GitexpError

_MOST = 2_000_000
"""Bytes of an answer: what is longer fills an assistant's memory and helps it no further."""
_LONGEST = 300.0
"""Seconds of a tool that only reads: a pattern or a question may never end."""
_MOST_SAID = 4_000
"""Characters of what was printed beside an answer, the last ones."""
_ALONE = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
"""With these git talks to no remote: there is no protocol of that name."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv.pop(1))
from gitexp.cli.main import entry
entry()
"""
"""`python -m` would look for modules in the current directory, which may be a stranger's clone."""


class Called(Struct, frozen=True):
    """What came of a call."""

    answer: str
    said: str
    """Notes, or what is wrong and what mends it."""
    failed: bool


async def call(tool: Tool, given: Mapping[str, object], directory: Path) -> Called:
    """Run the command of a tool in a directory; whoever cancels it ends it gently.

    Raises:
        GitexpError: What was given does not fit the tool, or reading takes too long.
    """
    ours = (sys.executable, "-I", "-c", _START, json.dumps([*filter(None, sys.path)]))
    command = (*ours, "-C", str(directory), *tool.words(given))
    environment = {**os.environ, **({} if tool.runs else _ALONE), "NO_COLOR": "1"}
    try:
        process = await anyio.open_process(
            command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            start_new_session=tool.runs,  # whoever kills us is not to kill a run half recorded
        )
    except OSError as error:  # more words than a command line holds
        raise GitexpError(f"'{tool.name}' could not be started: {error.strerror}") from error
    answer, said = bytearray(), bytearray()
    async with process:
        try:
            with anyio.fail_after(None if tool.runs else _LONGEST):
                await _hear(process, answer, said)
        except TimeoutError as error:
            await _end(process)
            raise GitexpError(
                f"'{tool.name}' took longer than {_LONGEST:g} s",
                hint="Ask for less, or with a pattern that repeats less.",
            ) from error
        except BaseException:
            await _end(process)
            raise
    return _called(tool, process.returncode, answer, said)


async def _hear(process: Process, answer: bytearray, said: bytearray) -> None:
    """Read what a process prints until it has ended, without holding more than is passed on."""
    assert process.stdout is not None
    assert process.stderr is not None
    async with anyio.create_task_group() as both:
        both.start_soon(_read_start, process.stdout, answer)
        both.start_soon(_read_end, process.stderr, said)
    await process.wait()


async def _read_start(stream: ByteReceiveStream, into: bytearray) -> None:
    """Read all, and keep the start: one byte more than is passed on, to know of it."""
    async for part in stream:
        into += part
        del into[_MOST + 1 :]


async def _read_end(stream: ByteReceiveStream, into: bytearray) -> None:
    """Read all, and keep the end."""
    async for part in stream:
        into += part
        del into[: -4 * _MOST_SAID]


async def _end(process: Process) -> None:
    """End a process as Ctrl-C does, so that a run is recorded as far as it came."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    with anyio.CancelScope(shield=True):
        await _hear(process, bytearray(), bytearray())


def _called(tool: Tool, code: int | None, answer: bytearray, said: bytearray) -> Called:
    told = said.decode(errors="replace")[-_MOST_SAID:].strip()
    fine: Sequence[int] = (ExitCode.OK,) if tool.runs else (ExitCode.OK, ExitCode.NO)
    if len(answer) > _MOST:
        hint = "hint: Ask for less, with `where` or `limit`; `sql` answers with single values."
        return Called("", f"error: the answer is longer than {_MOST:,} bytes\n{hint}", failed=True)
    return Called(answer.decode(errors="replace").strip(), told, failed=code not in fine)
