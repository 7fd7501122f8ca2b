"""The command that a bisection runs at each commit, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.command.text import command_text
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.ends import End
from gitexp.tracing.known import MOST, Command, has_metric


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
            asked = ("-1", "--format=%an <%ae>", self.run.oid, "--")
            author = project.repository.line("log", *asked)
            whose = f"as run '{self.run.name}' has it, by {author}"
        tell(f"note: each commit runs `{text}` in '{place}', {whose}")


def command_for(
    project: Project, typed: Sequence[str], metric: str, good: End | None, bad: End
) -> Chosen:
    """Return what to run.

    That is what was typed, else the command of the run that stands for an end, else that of the
    newest run of an end that came to the metric, else the one of the settings.
    """
    if typed:
        return Chosen(Command(tuple(typed), project.directory), is_typed=True)
    named = [end.run for end in (good, bad) if end is not None]
    for run in (*named, *_with_metric(project, metric, good, bad)):
        if run is not None and run.record.command:
            return Chosen(Command(run.record.command, run.record.directory), run)
    if project.config.command:
        return Chosen(Command(project.config.command, project.directory))
    raise GitexpError(
        "no command to run at each commit",
        "Give one after `--`: `-- python train.py`, or set `command:` in gitexp.yaml.",
    )


def _with_metric(project: Project, metric: str, *ends: End | None) -> Iterator[StoredRun]:
    """Yield the runs of each end that have a number for the metric, the newest first."""
    index = project.runs.index
    for end in ends:
        found = index.last_on(end.commit, project.folder, limit=MOST) if end is not None else ()
        yield from (run for run in found if _has(run, metric))


def _has(run: StoredRun, metric: str) -> bool:
    try:
        record = run.record
    except UnreadableRecord:  # of a newer gitexp
        return False
    return record.status == "done" and has_metric(record.metrics, metric)
