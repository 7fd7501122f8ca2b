"""Data behind pointers in git that earlier runs of the same program made, as this one will."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitexp.data.pointers import Pointer
from gitexp.execution.at_start import pointers_at_start
from gitexp.execution.stages import Started
from gitexp.project import Project
from gitexp.revisions.written_before import made_by_runs, remade_files, undeclared_files


def remade(started: Started, read: Mapping[str, Pointer]) -> frozenset[str]:
    """Return the `.dvc` files whose data is no input, since runs of the command write it anew.

    What a program of another name made is an input here: features that a training reads. So is
    what a person put in its place. `read` is what data really is, by path. Each pointer is one
    look-up, however many runs there are.
    """
    command, declared = started.plan.command, started.declared
    if not command:
        return frozenset()
    pointers = {
        file: [read.get(one.path, one) for one in some]
        for file, some in undeclared_files(pointers_at_start(started), declared).items()
    }
    if not pointers:
        return frozenset()
    flat = [one for some in pointers.values() for one in some]
    return remade_files(pointers, _made_by(started.project, flat, command))


def made_before(started: Started, paths: Iterable[str]) -> set[str]:
    """Return those of the paths of which the pointers at the start said what runs had made.

    What the data really was does not count: somebody who has tried the program by hand would
    have every later run say that it changed what it began with.
    """
    wanted = set(paths)
    found = [one.pointer for one in started.watched if one.pointer.path in wanted]
    return {path for path, _ in made_by_runs(started.project, found)}


def _made_by(
    project: Project, pointers: Sequence[Pointer], command: Sequence[str]
) -> set[tuple[str, str]]:
    from gitexp.model.command.rest import rests_differ  # noqa: PLC0415 - 2 ms, where git has what runs made

    return {
        version
        for version, run in made_by_runs(project, pointers).items()
        if not rests_differ([command, run.record.command])
    }
