"""The definition of a sweep, from what was asked for and from what the project holds."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.stages import Plan as RunPlan
from gitexp.execution.stages import Request
from gitexp.execution.start.chosen import chosen_command
from gitexp.execution.start.prepare import params_contents, prepare
from gitexp.model.hypothesis import Hypothesis, one_line
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.sweep.asked import Asked
from gitexp.sweep.choosing import chosen_sampler, chosen_window, read_objectives, read_options
from gitexp.sweep.conditions import applies
from gitexp.sweep.described import described_space
from gitexp.sweep.point import Point, Spot, point_of
from gitexp.sweep.pruning.chosen import read_pruning
from gitexp.sweep.repeats import seed_axis, with_repeats
from gitexp.sweep.sampling.library import libraries_of
from gitexp.sweep.sampling.samplers import check_sampler
from gitexp.sweep.space import Choices, Space
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.targets import check_targets


class Draft(Struct, frozen=True):
    """A sweep whose base inputs are still to be found."""

    sweep: Sweep
    first: Point
    """The point in which every axis has its first value: the base inputs are its inputs."""
    notes: tuple[str, ...]


def draft(project: Project, asked: Asked) -> Draft:
    """Return what a sweep is, but for its base inputs and its name; only reads.

    Raises GitexpError for all that is wrong with what was asked for.
    """
    space, notes = described_space(asked, project.repository.top / project.directory)
    contents = params_contents(project)
    for text in asked.fixed:
        parse_override(text)
    command = asked.command or project.config.command
    if not command:
        command, _ = chosen_command(project, Request())
    space, key, seeds = with_repeats(project, space, asked, command, contents)
    read = space if key is None else replace(space, axes=(*space.axes, seed_axis(key, seeds)))
    notes += check_targets(project, contents, read, command, asked.fixed)
    objectives = read_objectives(project.config.policy, asked.metrics)
    sampler = chosen_sampler(asked, space, objectives)
    pruning = read_pruning(asked, project.config, objectives)
    sweep = Sweep(
        command=command,
        space=space,
        inputs="",
        project=project.folder,
        directory=project.directory,
        fixed=asked.fixed,
        sampler=sampler,
        options=read_options(asked.options),
        seed=asked.seed,
        objectives=objectives,
        window=chosen_window(asked, sampler, prunes=pruning is not None),
        pruning=pruning,
        repeat_key=key,
        seeds=seeds,
        message=asked.message,
        hypothesis=Hypothesis(one_line(asked.expect)) if asked.expect is not None else None,
        made_with=libraries_of(sampler, prunes=pruning is not None),
    )
    check_sampler(sweep)
    return Draft(sweep, point_of(sweep, Spot(0), first_values(space)), tuple(notes))


def first_values(space: Space) -> Mapping[str, Value]:
    """Return the first value of every axis that applies; of an interval, its lower bound."""
    if space.rows:
        return space.rows[0]
    values: dict[str, Value] = {}
    for axis in space.axes:
        if applies(axis, space.names, values):
            domain = axis.domain
            if isinstance(domain, Choices):
                values[axis.name] = domain.values[0]
            else:
                values[axis.name] = int(domain.low) if domain.integer else domain.low
    return values


def run_plan(project: Project, point: Point, asked: Asked) -> RunPlan:
    """Return what a run of a point would be; raises GitexpError for whatever would fail later."""
    request = Request(
        point.command, point.overrides, message=asked.message, allow_secrets=asked.allow_secrets
    )
    return prepare(project, request)
