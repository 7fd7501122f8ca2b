"""The environment that a run had, made again for a while and used in place of the present one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from gitexp.project import Project
from gitexp.store.stored_run import StoredRun

Tell = Callable[[str], None]


@contextlib.contextmanager
def environment_of_run(project: Project, run: StoredRun, tell: Tell) -> Iterator[Path]:
    """Give the Python of the environment, with which commands are found first meanwhile."""
    from gitexp.execution.rebuild.create import create  # noqa: PLC0415 - 20 ms, for `--env` alone

    with TemporaryDirectory(prefix="gitexp-env-") as folder:
        python = create(project, run, Path(folder, "env"), tell)
        with _first_on_path(python):
            yield python


@contextlib.contextmanager
def _first_on_path(python: Path) -> Iterator[None]:
    """Have this process, and what it starts, find the programs beside a Python first."""
    before = dict(os.environ)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{before.get('PATH', os.defpath)}"
    os.environ["VIRTUAL_ENV"] = str(python.parent.parent)
    for name in ("PYTHONHOME", "CONDA_PREFIX"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def command_in(python: Path, command: Sequence[str]) -> tuple[str, ...]:
    """Return a command with the program of another environment as that of this one.

    >>> command_in(Path("/nowhere/bin/python"), ["sh", "train.sh"])
    ('sh', 'train.sh')
    """
    program = command[0]
    own = python.parent / Path(program).name
    if "/" not in program or " " in program or not own.exists():
        return tuple(command)
    return (str(own), *command[1:])
