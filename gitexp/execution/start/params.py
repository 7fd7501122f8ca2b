"""Params as they were when the command started."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gitexp.errors import GitexpError
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE
from gitexp.model.command.params import command_params
from gitexp.model.command.special import NOTEBOOK
from gitexp.model.paths import ProjectPath
from gitexp.model.record import COMMAND_FILE
from gitexp.model.text import harmless
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.links import LedAway, above, file_behind
from gitexp.revisions.listed import names_of_found
from gitexp.revisions.roles import Declared
from gitexp.revisions.written_before import output_params

Tell = Callable[[str], None]

_MOST_TOLD = 3
_WIDEST = 40


def params_of(
    project: Project,
    snapshot: Snapshot,
    declared: Declared,
    command: Iterable[str],
    tell: Tell,
    also: Iterable[str] = (),
) -> dict[str, dict[str, Value]]:
    """Return the params as they were at the start; raises GitexpError for a file without any.

    What a command writes is read when it has ended. `also` are files that values were set in.
    Those of a pipeline in another folder count as well, but the run can do without.
    """
    found: dict[str, dict[str, Value]] = {}
    command = tuple(command)
    written = output_params(project, declared, snapshot.tracked) if command else frozenset()
    set_in = map(ProjectPath, also)
    for name in dict.fromkeys((*project.params_files, *declared.params_names, *set_in)):
        if name in written:
            continue
        content = _content(project, snapshot, name, tell)
        if content is None:
            continue
        try:
            # What git has may not be what was written; if it is, its values are known already.
            found[name] = project.documents.parse(content, name)
        except GitexpError as error:
            if name in project.params_files:
                raise
            tell(f"note: the params of '{name}' are not recorded: {error}")
    on_line = command_params(command)
    if on_line.left_out:
        tell(_left_out(on_line.left_out))
    called = names_of_found(project.config.found_params, found)
    found = {called.get(ProjectPath(name), name): values for name, values in found.items()}
    values = {**_defaults(project, command), **on_line.values}
    return {**found, COMMAND_FILE: values} if values else found


def _defaults(project: Project, command: tuple[str, ...]) -> dict[str, Value]:
    """Return the params that a notebook has by default, if one is run."""
    if not command or not command[0].endswith(NOTEBOOK):
        return {}
    from gitexp.execution.start.notebook import notebook_defaults  # noqa: PLC0415 - 5 ms, for notebooks alone

    return notebook_defaults(project, command[0])


def _content(project: Project, snapshot: Snapshot, name: ProjectPath, tell: Tell) -> bytes | None:
    """Return a params file as the snapshot has it; what only a link leads to, as it lies there."""
    path = project.path(name)
    entry = snapshot.entries.get(path)
    if entry is None or entry.mode == LINK_MODE:
        try:
            file = file_behind(project, path)
        except LedAway as away:
            tell(f"note: {away}: the run has no params from it")
            return None
        if file is None:
            return None
        top = project.repository.top
        place = file.relative_to(top).as_posix() if file.is_relative_to(top) else ""
        if place == path:  # git cannot add it
            inner = next((one for one in above(path) if _is_repository(snapshot, one)), None)
            if inner is None:
                return None
            tell(
                f"note: '{name}' lies in '{inner}', a repository of its own: its values are "
                "recorded, changes that are not committed there are not"
            )
            return file.read_bytes()
        entry = snapshot.entries.get(place)
        if entry is None:
            tell(
                f"note: '{name}' leads to '{place or file}': its values are recorded, "
                "the file is not"
            )
            return file.read_bytes()
    return project.repository.objects.blob(entry.oid)


def _is_repository(snapshot: Snapshot, path: str) -> bool:
    entry = snapshot.entries.get(path)
    return entry is not None and entry.mode == SUBMODULE_MODE


def _left_out(words: Sequence[str]) -> str:
    """Return the note about what may set a param, but cannot be told from the command line."""
    shown = [
        f"`{harmless(text if len(text) <= _WIDEST else text[:_WIDEST] + '…')}`"
        for text in words[:_MOST_TOLD]
    ]
    more = ", ..." if len(words) > _MOST_TOLD else ""
    are = "is not recorded as a param" if len(words) == 1 else "are not recorded as params"
    return (
        f"note: {', '.join(shown)}{more} {are}, because gitexp cannot tell "
        "what the command makes of it; `params:` in `gitexp.yaml` can name a file that says it"
    )
