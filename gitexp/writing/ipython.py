"""`%load_ext gitexp`: runs from the cells of a notebook, and gitexp's commands below them."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import subprocess  # noqa: TID251 - a command of gitexp's, in a process of its own
import sys
from collections.abc import Iterator, Mapping
from io import TextIOBase
from pathlib import Path
from typing import Any, NoReturn, Protocol, TextIO

from gitexp.errors import GitexpError
from gitexp.model.command.params import command_params
from gitexp.model.marks import LOG_DIR
from gitexp.writing.start import start
from gitexp.writing.writer import warn

_PROGRAM = (
    "import sys; sys.path[:] = [one for one in sys.path if one]; sys.path.append(sys.argv.pop(1));"
    " from gitexp.cli.main import entry; entry()"
)
"""Not by `-m`: files of the project that are called like modules must not be imported."""
_HERE = str(Path(__file__).parents[2])


class Result(Protocol):
    """What became of a cell."""

    error_before_exec: BaseException | None
    error_in_exec: BaseException | None


class Shell(Protocol):
    """What is used of IPython."""

    def register_magic_function(
        self, func: Any, magic_kind: str = ..., magic_name: str | None = ...
    ) -> None: ...

    def push(self, variables: Mapping[str, Any]) -> None: ...

    def run_cell(self, raw_cell: str) -> Result: ...


class CellFailed(Exception):
    """A cell has failed, which the notebook shows already: only what comes next is to stop."""

    def _render_traceback_(self) -> list[str]:
        return []


class CellInterrupted(KeyboardInterrupt):
    """A cell was interrupted, likewise."""

    def _render_traceback_(self) -> list[str]:
        return []


class _Usage(argparse.ArgumentParser):
    """The options of a cell; a mistake is an error like others."""

    def error(self, message: str) -> NoReturn:
        """Raise GitexpError for what is wrong."""
        raise GitexpError(
            message, hint="`%%gitexp run [-n NAME] [-m MESSAGE] [-S lr=0.1]...` runs a cell."
        )


def load_ipython_extension(shell: Shell) -> None:
    """Register `%gitexp COMMAND` and `%%gitexp run`; IPython calls this."""

    def gitexp(line: str, cell: str | None = None) -> None:
        """Run a command of gitexp's; `%%gitexp run` records what the cell does as a run."""
        words = shlex.split(line)
        if cell is None:
            _command(words)
        else:
            _cell(shell, words, cell)

    shell.register_magic_function(gitexp, "line_cell", "gitexp")


def _command(words: list[str]) -> None:
    """Print what a command prints."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, _HERE, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    sys.stdout.write(ended.stdout)
    sys.stderr.write(ended.stderr)


def _cell(shell: Shell, words: list[str], cell: str) -> None:
    """Run a cell, and record that as a run; params that are set are variables of the cell."""
    if words[:1] != ["run"]:
        said = words[0] if words else ""
        raise GitexpError(
            f"'%%gitexp {said}' has no cell",
            hint=f"`%gitexp {said or 'ls'}` on a line is the command; `%%gitexp run` runs a cell.",
        )
    usage = _Usage("%%gitexp run", add_help=False, allow_abbrev=False)
    usage.add_argument("-n", "--name")
    usage.add_argument("-m", "--message", default="")
    usage.add_argument("-S", "--set-param", action="append", default=[])
    asked = usage.parse_args(words[1:])
    values = _values(asked.set_param)
    was_inside = LOG_DIR in os.environ
    with start(asked.name, message=asked.message, params=values or None):
        shell.push(values)
        folder = None if was_inside else os.environ.get(LOG_DIR)
        with _logged(folder, cell):
            result = shell.run_cell(cell)
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, KeyboardInterrupt):
            raise CellInterrupted
        if error is not None:
            raise CellFailed


def _values(texts: list[str]) -> dict[str, Any]:
    """Return what `-S` sets, as for a notebook that is run as a whole."""
    found = command_params(["cell.ipynb", *(word for text in texts for word in ("-S", text))])
    if found.left_out:
        raise GitexpError(
            f"'{found.left_out[0]}' sets no variable", hint="Write it as `-S lr=0.1`."
        )
    return found.values


@contextlib.contextmanager
def _logged(folder: str | None, cell: str) -> Iterator[None]:
    """Have the log of a run hold the cell, and what it prints."""
    if folder is None:
        yield
        return
    try:
        log = (Path(folder).parent / "output.log").open("a", encoding="utf-8", errors="replace")
    except OSError as error:
        warn(f"the output of the cell is not in the run: {error}")
        yield
        return
    try:
        shown, errors = _Both(sys.stdout, log), _Both(sys.stderr, log)
        shown.log("".join(f">>> {line}\n" for line in cell.rstrip("\n").split("\n")))
        shown.flush()
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(errors):
            yield
    finally:
        with contextlib.suppress(OSError):  # the disk is full: the cell has run all the same
            log.close()


class _Both(TextIOBase):
    """What is printed goes on to the notebook, and into the log."""

    def __init__(self, shown: TextIO, log: TextIO) -> None:
        self._shown, self._log = shown, log

    def write(self, text: str) -> int:
        """Write to both; the log may fail, the cell may not."""
        self.log(text)
        self._shown.write(text)
        return len(text)

    def log(self, text: str) -> None:
        """Write to the log alone."""
        with contextlib.suppress(OSError, ValueError):
            self._log.write(text)

    def flush(self) -> None:
        """Flush both."""
        with contextlib.suppress(OSError, ValueError):
            self._log.flush()
        self._shown.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shown, name)
