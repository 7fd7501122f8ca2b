"""A run that a script or notebook begins itself: `with gitexp.start(name="a") as run:`."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess  # noqa: TID251 - by a training, which has none of our modules but these
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn

from gitexp.errors import GitexpError
from gitexp.model.ranks import rank_above_zero, speaks_for_ranks
from gitexp.writing import calls, started_as
from gitexp.writing.writer import VARIABLE, warn

_HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
_PROGRAM = (
    "import sys; sys.path[:] = [one for one in sys.path if one]; sys.path.append(sys.argv[1]);"
    " from gitexp.cli.alone import main; main()"
)
"""Not by `-m`: files of the project that are called like modules must not be imported."""
_SIGNALLED = 128
_CURRENT: list[LoggedRun] = []


class LoggedRun:
    """A run under way; its methods are those of `gitexp`, for those who like them better here."""

    log = staticmethod(calls.log)
    param = staticmethod(calls.param)
    figure = staticmethod(calls.figure)
    artifact = staticmethod(calls.artifact)
    summary = calls.summary

    def __init__(self, begun: Mapping[str, Any] | None, name: str | None = None) -> None:
        self._begun = begun
        self._before = {key: os.environ.get(key) for key in (begun or {}).get("environment", {})}
        self._pid, self._at, self._cpu = os.getpid(), time.time(), time.process_time()
        self._last_error = getattr(sys, "last_value", None)
        self.id: str | None = begun["id"] if begun else os.environ.get("GITEXP_RUN_ID")
        """None in a process that does not record, such as that of rank 1."""
        self.name: str | None = begun["name"] if begun else name
        if begun is not None:
            os.environ.update(begun["environment"])
            calls.log_into(begun["folder"])
            _CURRENT.append(self)
            atexit.register(self._at_exit)

    def __enter__(self) -> LoggedRun:
        """Return the run itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End the run: failed if something was raised, and interrupted by Ctrl-C."""
        if isinstance(error, KeyboardInterrupt):
            self._end(None, "SIGINT", "signal")
        elif isinstance(error, SystemExit):
            code = error.code
            self._end(code if isinstance(code, int) else 0 if code is None else 1)
        else:
            self._end(1 if kind is not None else 0)

    def finish(self, code: int = 0) -> None:
        """End the run and record it; nothing if that was done.

        Args:
            code: What the command is to have ended with; the run has failed if it is not 0.
        """
        self._end(code)

    def __repr__(self) -> str:
        """Return the name, and whether it is under way."""
        state = "under way" if self._begun is not None else "recorded elsewhere, or ended"
        return f"<gitexp run {self.name!r}: {state}>"

    def _end(self, code: int | None, signal: str | None = None, reason: str | None = None) -> None:
        begun, self._begun = self._begun, None
        if begun is None or os.getpid() != self._pid:  # a child that was forked ends no run
            return
        calls.log_into(None)
        for key, value in self._before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
        calls.log_into(os.environ.get(VARIABLE))
        with contextlib.suppress(ValueError):
            _CURRENT.remove(self)
        atexit.unregister(self._at_exit)
        asked = {
            "do": "end",
            "id": begun["id"],
            "place": begun["place"],
            "began": self._at,
            "code": code,
            "signal": signal,
            "reason": reason,
            "cpu_seconds": time.process_time() - self._cpu,
            "peak_memory": _peak_memory(),
        }
        try:
            _asked(asked)
        except Exception as error:  # noqa: BLE001 - the next gitexp command records the run
            warn(f"run '{self.name}' is not recorded yet: {error}; the next gitexp command does it")

    def _at_exit(self) -> None:
        """End the run with the process: failed if an error ends that, interrupted by Ctrl-C."""
        error = getattr(sys, "last_value", None)
        if error is self._last_error:
            self._end(0)
        elif isinstance(error, KeyboardInterrupt):
            self._end(None, "SIGINT", "signal")
        else:
            self._end(1)


def start(
    name: str | None = None,
    *,
    message: str = "",
    params: Mapping[str, Any] | Any = None,
    **unknown: NoReturn,
) -> LoggedRun:
    """Begin a run from inside of a script or a notebook; it ends with the `with` block.

    Args:
        name: What it is called; without one, gitexp makes one up. One that is taken gets a
            number, as in `first-2`, with a warning: a training is not to fail for that.
        message: What it is meant to find out.
        params: Params that no file has, as `gitexp.param` takes them.

    Returns:
        The run, with `log`, `param`, `summary`, `figure`, `artifact` and `finish`. Inside of
        `gitexp run` that is the run which is under way, and nothing ends it but its command. In
        the processes of ranks above 0 it does nothing: rank 0 records.

    Raises:
        GitexpError: There is no repository or no commit, another run is under way in this work
            tree, or no run can have that name.
        TypeError: There is no such argument.
    """
    if unknown:
        raise TypeError(_unexpected(next(iter(unknown))))
    run = _inside(name) or _begun(name, message)
    if params is not None:
        calls.param(params)
    return run


def _unexpected(given: str) -> str:
    """Say what may have been meant by an argument that there is not."""
    import difflib  # noqa: PLC0415 - 5 ms, on the way out

    close = difflib.get_close_matches(given, ("name", "message", "params"), 1)
    meant = f"did you mean '{close[0]}'?" if close else f"a param is `params={{'{given}': ...}}`"
    return f"start() got an unexpected keyword argument '{given}': {meant}"


def _inside(name: str | None) -> LoggedRun | None:
    """Return the run that is under way already, or one that does nothing beside that of rank 0."""
    if os.environ.get(VARIABLE):
        if _CURRENT:
            raise _error(
                f"run '{_CURRENT[-1].name}' is under way in this process",
                "End it with `run.finish()`, or begin it in a `with` block.",
            )
        return LoggedRun(None, os.environ.get("GITEXP_RUN_NAME"))
    if (variable := rank_above_zero(os.environ)) is not None:
        if speaks_for_ranks(os.environ):
            warn(f"no run is begun by this process ({variable}): the one of rank 0 does that")
        calls.log_into(None)
        calls.be_quiet()
        return LoggedRun(None, name)
    return None


def _begun(name: str | None, message: str) -> LoggedRun:
    asked = {
        "do": "begin",
        "name": name,
        "message": message,
        "command": started_as.command(),
        "directory": started_as.began_in(),
        "pid": os.getpid(),
    }
    answer = _asked(asked)
    if "error" in answer:
        raise _error(answer["error"], answer.get("hint"))
    return LoggedRun(answer)


def _error(message: str, hint: str | None) -> GitexpError:
    """Return an error whose hint stands below it in a traceback, from Python 3.11 on."""
    error = GitexpError(message, hint=hint)
    if hint and hasattr(error, "add_note"):
        error.add_note(hint)
    return error


def _asked(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Have another process of the same Python do it, in the folder that this one is in."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, _HERE],
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=False,
    )
    if ended.returncode:
        raise _error(
            f"gitexp ended with exit code {ended.returncode}",
            "What it said is above; `gitexp doctor` looks for what is wrong.",
        )
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _peak_memory() -> int | None:
    import resource  # noqa: PLC0415 - once a run

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
