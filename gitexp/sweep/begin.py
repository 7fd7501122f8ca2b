"""A sweep that begins or goes on: its definition, and the plan of what is to do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.command.text import command_text
from gitexp.project import Project
from gitexp.sweep.asked import Asked
from gitexp.sweep.covering import Covering
from gitexp.sweep.define import draft, run_plan
from gitexp.sweep.definition import check_definition, find_sweep, source_of, wanted_elsewhere
from gitexp.sweep.identity import Identified, identified
from gitexp.sweep.misspelt import check_spelling
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.origin import Base, looked_at
from gitexp.sweep.plan import Plan
from gitexp.sweep.planning import make_plan
from gitexp.sweep.reading import read_known
from gitexp.sweep.sampling.samplers import check_sampler
from gitexp.sweep.sweep import Sweep

Tell = Callable[[str], None]

_DEFINING = {
    "words": "a space",
    "axes": "a space",
    "command": "a command",
    "space_file": "`--space`",
    "points_file": "`--points`",
    "such_that": "`--such-that`",
    "fixed": "`-S`",
    "sampler": "`--sampler`",
    "options": "`-o`",
    "metrics": "metrics",
    "prune_on": "`--prune-on`",
    "prune_step": "`--step`",
    "prune_file": "`--progress-file`",
    "pruner": "`--pruner`",
    "prune_options": "`--pruner-option`",
    "no_prune": "`--no-prune`",
    "seed": "`--seed`",
    "repeat": "`--repeat`",
    "repeat_key": "`--repeat-key`",
    "window": "`--window`",
    "name": "`-n`",
    "message": "`-m`",
    "expect": "`--expect`",
}
"""What a sweep that goes on has been told before, by the fields of what is asked."""


class Begun(Struct, frozen=True):
    """A sweep, with what is to do."""

    plan: Plan
    base: Base | None = None
    """The look at the work tree that it was defined by; None where that is not asked for."""


@contextlib.contextmanager
def begun(project: Project, asked: Asked, options: SweepOptions, tell: Tell) -> Iterator[Begun]:
    """Give a sweep that is described by words, whether or not it has begun before."""
    drafted = draft(project, asked)
    for note in drafted.notes:
        tell(note)
    first = run_plan(project, drafted.first, asked)
    with looked_at(project, first, tell) as base:
        sweep = replace(drafted.sweep, inputs=base.inputs_with(first.edits), wanted=options.points)
        found = identified(project, sweep, asked)
        for note in found.notes:
            tell(note)
        if found.is_new:
            check_spelling(project, found.sweep)
        sweep = _with_numbers(project, found, first.baseline)
        if not asked.allow_secrets:
            check_definition(sweep)
        covering = Covering(project, sweep, base)
        plan = make_plan(
            sweep,
            read_known(project, sweep),
            sweep.wanted,
            covered=covering.covered,
            again=options.again,
        )
        yield Begun(plan, base)


def _with_numbers(project: Project, found: Identified, baseline: str) -> Sweep:
    """Return the sweep with what its runs are held against; one that goes on has it already."""
    sweep = found.sweep
    if sweep.hypothesis is None or not found.is_new:
        return sweep
    from gitexp.execution.start.expected import hypothesis  # noqa: PLC0415 - 20 ms, for `--expect` alone

    return replace(sweep, hypothesis=hypothesis(project, sweep.hypothesis.expect, baseline))


@contextlib.contextmanager
def gone_on(
    project: Project, name: str, asked: Asked, options: SweepOptions, tell: Tell
) -> Iterator[Begun]:
    """Give a sweep that has begun before; nothing that defines it may be said again."""
    nothing = Asked()
    for field, what in _DEFINING.items():
        if getattr(asked, field) != getattr(nothing, field):
            raise GitexpError(
                f"`--resume` goes on with a sweep as it is, and {what} would make it another one",
                "Leave it out, or leave out `--resume` to begin a new sweep.",
            )
    sweep = find_sweep(project, name)
    _say_whose_it_is(project, sweep, tell)
    check_sampler(sweep)
    known = read_known(project, sweep)
    more = wanted_elsewhere(project, sweep) if options.points is None else None
    if more is not None:
        tell(f"note: {more} points, as the run of its furthest point has it; `-N` says otherwise")
    if options.points is not None or more is not None:
        sweep = replace(sweep, wanted=options.points or more)
    yield Begun(make_plan(sweep, known, sweep.wanted, again=options.again))


def _say_whose_it_is(project: Project, sweep: Sweep, tell: Tell) -> None:
    """Say what is going to run if nobody has typed it here: a run of somebody has it."""
    run = source_of(project, sweep.id)
    if run is not None:
        author = project.repository.git("log", "-1", "--format=%an <%ae>", run.oid)
        command, place = command_text(sweep.command), sweep.directory or "."
        tell(
            f"note: this sweep runs `{command}` in '{place}', as run '{run.name}' has it, by "
            f"{author.decode(errors='replace').strip()}"
        )
