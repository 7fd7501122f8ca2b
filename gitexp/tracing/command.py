"""The command that a bisection runs at each commit, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.command.text import command_text
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.ends import End
from gitexp.tracing.known import Command


class Chosen(Struct, frozen=True):
    """What to run, and where it is from."""

    command: Command
    run: StoredRun | None = None
    """The run that has it, if it is from one."""
    is_typed: bool = False

    def say(self, project: Project, tell: Callable[[str], None]) -> None:
        """Say what is going to run if nobody has typed it here."""
        if self.is_typed:
            return
        text, place = command_text(self.command.words), self.command.directory or "."
        whose = "as gitexp.yaml says"
        if self.run is not None:
            asked = ("-1", "--no-show-signature", "--format=%an <%ae>", self.run.oid, "--")
            author = project.repository.line("log", *asked)
            whose = f"as run '{self.run.name}' has it, by {author}"
        tell(f"note: each commit runs `{text}` in '{place}', {whose}")


def command_for(project: Project, typed: Sequence[str], good: End | None, bad: End) -> Chosen:
    """Return what to run: what was typed, else the command of the good run, or of the bad one."""
    if typed:
        return Chosen(Command(tuple(typed), project.directory), is_typed=True)
    named = [end.run for end in (good, bad) if end is not None]
    for run in (*named, *_newest(project, good, bad)):
        if run is not None and run.record.command:
            return Chosen(Command(run.record.command, run.record.directory), run)
    if project.config.command:
        return Chosen(Command(project.config.command, project.directory))
    raise GitexpError(
        "no command to run at each commit",
        "Give one after `--`: `-- python train.py`, or set `command:` in gitexp.yaml.",
    )


def _newest(project: Project, *ends: End | None) -> list[StoredRun]:
    """Return the newest run of each end."""
    index = project.runs.index
    return [
        run
        for end in ends
        if end is not None
        for run in index.last_on(end.commit, project.folder, limit=1)
    ]
