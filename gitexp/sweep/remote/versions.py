"""Which versions a worker must have: else its runs would not be those of this host."""

from __future__ import annotations

import platform
import socket
from collections.abc import Mapping

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.version import __version__


class Versions(Struct, frozen=True):
    """What decides how a run is made and recorded."""

    gitexp: str
    python: str
    """Without its last number."""
    optuna: str | None = None
    """None if it is not installed."""
    host: str = ""
    disk: int = 0
    """Which of the host's runs are made on: it may be full, and another one not."""


def versions_here() -> Versions:
    """Return what this process has."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 25 ms, for engines alone

    try:
        optuna: str | None = version("optuna")
    except PackageNotFoundError:
        optuna = None
    python = ".".join(platform.python_version_tuple()[:2])
    return Versions(__version__, python, optuna, socket.gethostname())


def check_versions(
    ours: Versions, theirs: Mapping[str, Versions | Exception], *, optuna: bool
) -> None:
    """Raise GitexpError for the first worker that differs; Optuna only if the sweep uses it.

    Those that do not answer are passed over as long as another one does.
    """
    answering = {worker: one for worker, one in theirs.items() if not is_silent(one)}
    for worker, one in (answering or theirs).items():
        problem = problem_of(ours, one, optuna=optuna)
        if problem is not None:
            what, hint = problem
            host = f" ({one.host})" if isinstance(one, Versions) and one.host else ""
            raise GitexpError(f"worker {worker}{host} {what}", hint)


def is_silent(theirs: Versions | Exception) -> bool:
    """Return whether a worker has not answered, though it may have all that is needed."""
    return isinstance(theirs, Exception) and not _lacks_gitexp(theirs)


def _lacks_gitexp(error: Exception) -> bool:
    return "No module named" in str(error)  # perhaps wrapped


def problem_of(
    ours: Versions, theirs: Versions | Exception, *, optuna: bool
) -> tuple[str, str] | None:
    """Return what a worker has that will not do, and what mends it.

    >>> mine = Versions("1.0", "3.11", "5.0.0")
    >>> problem_of(mine, Versions("1.0", "3.11", "4.9.0"), optuna=True)[0]
    'has Optuna 4.9.0, and this is 5.0.0'
    >>> problem_of(mine, Versions("1.0", "3.11"), optuna=False) is None
    True
    """
    mend = "Install the same gitexp there, into the environment of the worker."
    if isinstance(theirs, Exception) and _lacks_gitexp(theirs):
        return "has no gitexp, or one that is too old to make runs for others", mend
    if isinstance(theirs, Exception):
        return (
            f"does not answer: {str(theirs) or type(theirs).__name__}",
            "Look at the worker's log.",
        )
    if theirs.gitexp != ours.gitexp:
        return f"has gitexp {theirs.gitexp}, and this is {ours.gitexp}", mend
    if theirs.python != ours.python:
        return (
            f"has Python {theirs.python}, and this is {ours.python}",
            "Start workers with the same Python.",
        )
    if optuna and theirs.optuna != ours.optuna:
        what = f"Optuna {theirs.optuna}" if theirs.optuna else "no Optuna"
        mend = f"`pip install optuna=={ours.optuna}` there, into the environment of the worker."
        return f"has {what}, and this is {ours.optuna or 'without'}", mend
    return None
