"""Which command runs: the one that was typed, the configured one, or `dvc repro`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.errors import GitexpError
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.execution.stages import Request
from gitexp.execution.start.called_from import away_from_script
from gitexp.execution.start.script import check_script, script_like
from gitexp.model.command.special import NOTEBOOK
from gitexp.model.command.text import is_shell_line
from gitexp.model.documents.reading import parse_document
from gitexp.project import Project
from gitexp.revisions.links import file_behind


def chosen_command(project: Project, request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the command as it was typed, and as it is started."""
    if request.alone:  # it runs already
        return request.command, request.command
    command = request.command or project.config.command
    if not command:
        return _reproduction(project)
    if command[0].endswith(NOTEBOOK) and not is_shell_line(command):
        from gitexp.execution.start.notebook import notebook_argv  # noqa: PLC0415 - 5 ms, for notebooks alone

        return command, notebook_argv(project, command)
    argv = command
    if is_shell_line(command):
        from gitexp.execution.start.shell import shell_argv  # noqa: PLC0415 - 1 ms, for lines alone

        argv = shell_argv(command[0])
    try:
        check_command(project, argv)
    except CommandNotFound as absent:
        if request.command or (way := away_from_script(project, "run")) is None:
            raise
        raise CommandNotFound(str(absent), hint=f"{way}.") from absent
    return command, argv


def _reproduction(project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return `dvc repro` for the pipeline here, or for that of the project."""
    here = project.repository.top / project.directory
    there = [folder / PIPELINE_NAME for folder in (here, project.root)]
    found = {file: behind for file in there if (behind := pipeline_behind(project, file))}
    file = next((file for file, behind in found.items() if _has_stages(behind)), None)
    if file is None:
        why = f", and '{PIPELINE_NAME}' has no stages" if found else ""
        raise GitexpError(
            f"no command to run{why}",
            hint="Give one after `--`: `-- python train.py`, or set `command:` in gitexp.yaml.",
        )
    target = () if file.parent == here else (os.path.relpath(file, here),)
    command = ("dvc", "repro", *target)
    if shutil.which("dvc") is not None:
        return command, command
    return command, (sys.executable, "-m", "dvc", "repro", *target)


def pipeline_behind(project: Project, file: Path) -> Path | None:
    """Return the file that a `dvc.yaml` stands for, None if there is none.

    Raises LedAway for a link out of the repository, which somebody else may have made.
    """
    return file_behind(project, project.repository.relative(file))


def _has_stages(file: Path) -> bool:
    """Return whether there is something to reproduce; DVCLive writes a file that names metrics."""
    try:
        return bool(parse_document(file.read_bytes(), PIPELINE_NAME).get("stages"))
    except (GitexpError, OSError):  # DVC says what is wrong with it
        return True


def check_command(project: Project, argv: tuple[str, ...]) -> None:
    """Raise CommandNotFound or CommandNotExecutable if the command could not start."""
    folder = project.repository.top / project.directory
    word, path = argv[0], os.environ.get("PATH")
    where = str(folder / word) if "/" in word else shutil.which(word, path=path)
    if where is None or not Path(where).exists():
        raise CommandNotFound(f"command '{word}' not found", hint=_meant(folder, word))
    if not os.access(where, os.X_OK) or Path(where).is_dir():
        raise CommandNotExecutable(
            f"'{word}' cannot be run", hint=f"Make it executable with `chmod +x {word}`."
        )
    check_script(argv, folder)


def _meant(folder: Path, word: str) -> str | None:
    """Return how to run a script that was named as if it were a command, or misspelt."""
    close = word if (folder / word).is_file() else script_like(folder / word)
    if close is None:
        return (
            None if "/" in word else "It is not on PATH; words of a shell's own need `sh -c '…'`."
        )
    if close != word:
        return f"Did you mean `gitexp run -- python {close}`?"
    return f"Run it through its interpreter, as in `gitexp run -- python {word}`."
