"""What a command ran in: the Python that it used, seen while it ran, else named by its words."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path

from msgspec.structs import replace

from gitexp.execution.environment.asked import is_tool
from gitexp.execution.environment.environment import UNKNOWN, Environment, Ground
from gitexp.execution.environment.interpreter import named_interpreters
from gitexp.execution.environment.observed import Watch
from gitexp.execution.kept.scratch import ENVIRONMENT, read_value, write_value
from gitexp.execution.record.net import attempt
from gitexp.execution.stages import Started
from gitexp.model.variables import recorded_variables
from gitexp.store.own import own_folder

_LOST = "the environment is not recorded"


def watch(started: Started, pid: int) -> Watch | None:
    """Begin to look at what a command starts; what is found is written down at once."""

    def keep(environment: Environment) -> None:
        write_value(started.scratch / ENVIRONMENT, environment)

    return attempt(
        started.tell,
        _LOST,
        lambda: Watch(
            pid,
            started.plan.argv,
            cwd=_directory(started),
            cache=_cache(started),
            ground=_ground(started),
            keep=keep,
        ),
        None,
    )


def keep_named(started: Started) -> None:
    """Write down the environment that a command names, while it runs: nobody watches it."""

    def keep() -> None:
        write_value(started.scratch / ENVIRONMENT, _named(started))

    attempt(started.tell, _LOST, keep, None)


def seen_environment(started: Started, watching: Watch | None) -> Environment:
    """Return what was seen by the end of a command; that which its words name if nothing was."""
    return attempt(started.tell, _LOST, lambda: _seen(started, watching), UNKNOWN)


def kept_environment(started: Started) -> Environment:
    """Return what another process had seen before it was killed; else likewise."""

    def found() -> Environment:
        kept = read_value(started.scratch / ENVIRONMENT, Environment)
        return kept if kept is not None else _named(started)

    return attempt(started.tell, _LOST, found, UNKNOWN)


def _seen(started: Started, watching: Watch | None) -> Environment:
    found = watching.end() if watching is not None else UNKNOWN
    if not found.source:
        return _named(started)
    for other in watching.others() if watching is not None else ():
        started.tell(
            f"note: '{other}' ran as well; the packages recorded are those of '{found.source}'"
        )
    return found


def _named(started: Started) -> Environment:
    argv, env, cwd = started.plan.argv, started.environment, _directory(started)
    found = UNKNOWN
    if any(True for _ in named_interpreters(argv, cwd=cwd, env=env)):
        from gitexp.execution.environment.packages import read_environment  # noqa: PLC0415 - 4 ms, where a Python is named

        ground = _ground(started)
        found = read_environment(argv, cwd=cwd, env=env, cache=_cache(started), ground=ground)
    if not found.source and _chooses(argv):
        started.tell(
            "note: which Python the command used was not seen, so its packages are not recorded"
        )
    return replace(found, variables=recorded_variables(env))


def _chooses(argv: tuple[str, ...]) -> bool:
    """Return whether a command names a program that chooses a Python, such as `uv run`."""
    words = list(argv)
    for text in argv:
        with contextlib.suppress(ValueError):  # a quote that is never closed
            words += shlex.split(text) if " " in text else ()
    return any(is_tool([word]) for word in words)


def _directory(started: Started) -> Path:
    return started.project.repository.top / started.project.directory


def _cache(started: Started) -> Path:
    return own_folder(started.project.repository).made().environments


def _ground(started: Started) -> Ground:
    """Return the user's own repository: what is installed from it is never a copy's."""
    home = started.project.home or started.project
    return Ground(home.repository.top.resolve(), home.root.resolve())
