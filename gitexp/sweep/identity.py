"""Which sweep the words mean: a new one, or one that has begun before."""

from __future__ import annotations

import contextlib

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.names import check_name, named_after
from gitexp.project import Project
from gitexp.store.index.sweeps import last_sweep, sweeps_called
from gitexp.sweep.asked import Asked
from gitexp.sweep.checked import usable_name
from gitexp.sweep.definition import known_ids, read_definition
from gitexp.sweep.point import Spot, run_name
from gitexp.sweep.sweep import Sweep

_MOST_WINDOWS = 128
"""How many windows a sweep that began with another number of jobs is looked for with."""


class Identified(Struct, frozen=True):
    """A sweep with its name."""

    sweep: Sweep
    is_new: bool
    notes: tuple[str, ...] = ()


def identified(project: Project, sweep: Sweep, asked: Asked) -> Identified:
    """Return the sweep with its name, and with the window that it began with.

    Raises GitexpError if the name belongs to something else.
    """
    candidates = {one.id: one for one in _alike(sweep, asked)}
    for known in known_ids(project, candidates):
        before = read_definition(project, known.id)
        found = replace(
            candidates[known.id],
            name=usable_name(known.name, known.id),
            made_with=before.made_with if before is not None else sweep.made_with,
            hypothesis=before.hypothesis if before is not None else sweep.hypothesis,
        )
        notes = []
        if asked.name not in (None, found.name):
            notes.append(f"note: this sweep has begun as '{found.name}', and keeps that name")
        return Identified(found, is_new=False, notes=tuple(notes))
    if asked.name is not None:
        _check_free(project, sweep, asked.name)
    name = asked.name if asked.name is not None else named_after(sweep.id)
    return Identified(replace(sweep, name=name), is_new=True, notes=_other_code(project, sweep))


def _alike(sweep: Sweep, asked: Asked) -> list[Sweep]:
    """Return the sweeps that differ in nothing but a window that nobody has asked for."""
    if not sweep.looks_back or asked.window is not None:
        return [sweep]
    others = (window for window in range(_MOST_WINDOWS) if window != sweep.window)
    return [sweep, *(replace(sweep, window=window) for window in others)]


def _check_free(project: Project, sweep: Sweep, name: str) -> None:
    check_name(name)
    check_name(run_name(name, Spot(999_999, 99)))
    if project.runs.tip is None:
        return
    index = project.runs.index
    others = index.answer(lambda asked: sweeps_called(asked, name, project.folder))
    if any(one.name == name and one.id != sweep.id for one in others):
        raise GitexpError(
            f"'{name}' is another sweep, with another space, command, expectation, code or data",
            f"`gitexp sweep --resume {name}` goes on with it; or choose another name.",
        )
    first = run_name(name, Spot(0))
    if index.named(first, project.folder):
        raise GitexpError(f"there is a run '{first}' already", "Choose another name.")


def _other_code(project: Project, sweep: Sweep) -> tuple[str, ...]:
    """Return a note if the last sweep was the same but for code or data."""
    if project.runs.tip is None:
        return ()
    last = project.runs.index.answer(lambda asked: last_sweep(asked, project.folder))
    known = None
    with contextlib.suppress(GitexpError):  # somebody's that is none stands in nobody's way
        known = read_definition(project, last.id) if last is not None else None
    if known is None or replace(known, inputs=sweep.inputs, window=sweep.window).id != sweep.id:
        return ()
    told = (
        f"note: code or data have changed since '{known.name}', so this is a new sweep "
        f"(`gitexp sweep --resume {known.name}` goes on with that one)"
    )
    return (told,)
