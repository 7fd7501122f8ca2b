"""`gitexp run --repeat`: the same inputs several times, with one seed after the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from msgspec import Struct
from msgspec.structs import replace

from gitexp.cli.ending import stdout_for_record
from gitexp.cli.no_repeats import NoRepeats
from gitexp.cli.options import tell, wants_colour
from gitexp.cli.running import How, Ran, run_once
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.stages import Request
from gitexp.execution.start.chosen import chosen_command
from gitexp.execution.start.prepare import params_contents
from gitexp.execution.start.taken import OTHER_NAME, check_not_taken
from gitexp.git.refs import list_refs
from gitexp.inputs.seeds import (
    IsSeed,
    check_repeats,
    seed_key,
    seed_overrides,
    seeds_from,
    with_seed,
)
from gitexp.model.message import main_metrics
from gitexp.model.names import check_name
from gitexp.model.numbers import counted
from gitexp.model.text import harmless_json
from gitexp.model.values import dumps
from gitexp.project import Project
from gitexp.rendering.groups import group_data, group_line
from gitexp.review.group import Group, group_of
from gitexp.store.stored_run import StoredRun


class Repeated(Struct, frozen=True):
    """How often, and what differs."""

    count: int
    key: str | None = None
    """The param; None for the one that is a seed, if there is one."""


def run_repeats(project: Project, request: Request, how: How, repeated: Repeated) -> int:
    """Run a command again and again, and say what it came to; return the exit status.

    A repeat that fails does not stop the others; Ctrl-C does, once its run is recorded.
    """
    requests = repeats(project, request, repeated)
    if request.name is not None and not how.needed:
        _check_names(project, request.name, repeated.count)
    ran: list[Ran] = []
    known = NoRepeats(project)
    try:
        with stdout_for_record(how.as_json):
            for number, one in enumerate(requests, 1):
                named = replace(one, name=_name(request.name or _first_name(ran), number))
                tell(f"repeat {number} of {repeated.count}")
                ran.append(run_once(project, named, replace(how, as_json=False)))
                project.runs.look_again()
                known.tell_of(_runs(ran))
                if _is_stopped(ran[-1]):
                    break
    except KeyboardInterrupt:
        tell("")
        return ExitCode.INTERRUPTED
    finally:
        if not how.dry_run:
            _conclude(known, ran, repeated.count, as_json=how.as_json)
    return next((one.status for one in ran if one.status), ExitCode.OK)


def repeats(project: Project, request: Request, repeated: Repeated) -> list[Request]:
    """Return what is asked for in each repeat, their names apart; raises what is wrong with it."""
    check_repeats(repeated.count)
    is_seed, overrides = project.config.review.is_seed, request.overrides
    given = _given(overrides, is_seed, repeated.key)
    if given is not None:
        head, _, value = overrides[given].partition("=")
        texts = [f"{head}={seed}" for seed in seeds_from(value, repeated.count)]
        return [
            replace(request, overrides=(*overrides[:given], text, *overrides[given + 1 :]))
            for text in texts
        ]
    documents = {
        name: project.documents.parse(content, name)
        for name, content in params_contents(project).items()
    }
    command, _ = chosen_command(project, request)
    key = seed_key(documents, command, is_seed, repeated.key)
    if key is None:
        tell("note: no param is called a seed, so the repeats differ in nothing")
        return [request] * repeated.count
    seeds = seeds_from(None, repeated.count)
    if key.file is None:
        return [replace(request, command=with_seed(command, key.name, seed)) for seed in seeds]
    return [
        replace(request, overrides=(*overrides, f"{key.override}={dumps(seed)}")) for seed in seeds
    ]


def _given(overrides: Sequence[str], is_seed: IsSeed, key: str | None) -> int | None:
    """Return which override sets the seed, if one does."""
    found = seed_overrides(overrides, is_seed)
    if key is not None:
        found = [at for at in found if key in _names(overrides[at])]
    if len(found) > 1:
        listed = ", ".join(f"'{overrides[at]}'" for at in found)
        raise GitexpError(
            f"several seeds are set: {listed}",
            hint="Say which one repeats differ in: `--repeat-key NAME`.",
        )
    return found[0] if found else None


def _names(override: str) -> tuple[str, str]:
    head = override.partition("=")[0].lstrip("+")
    return head, head.rpartition(":")[2].lstrip("+")


def _check_names(project: Project, name: str, count: int) -> None:
    """Raise GitexpError now if the name of a later repeat is not to be had."""
    names = [_name(name, number) for number in range(1, count + 1)]
    spaces = ("heads", "tags")
    refs = list_refs(
        project.repository, *(f"refs/{space}/{one}" for space in spaces for one in names)
    )
    for one in names:
        if one is not None:
            check_name(one)
            check_not_taken(project, one, refs, hint=OTHER_NAME)


def _name(first: str | None, number: int) -> str | None:
    """Return the name of a repeat, from 1; None for one that is to be made up.

    >>> _name("calm-heron-3c", 2)
    'calm-heron-3c-r2'
    """
    return first if first is None or number == 1 else f"{first}-r{number}"


def _first_name(ran: Sequence[Ran]) -> str | None:
    return next((one.ending.record.name for one in ran if one.ending is not None), None)


def _is_stopped(ran: Ran) -> bool:
    """Return whether somebody stopped it; a run that took too long is one that failed."""
    record = ran.ending.record if ran.ending is not None else None
    return record is not None and record.exit.reason == "signal"


def _runs(ran: Sequence[Ran]) -> list[StoredRun]:
    return [one.run for one in ran if one.run is not None]


def _conclude(known: NoRepeats, ran: Sequence[Ran], count: int, *, as_json: bool) -> None:
    """Say what the repeats came to together."""
    runs, project = _runs(ran), known.project
    if not runs:
        return
    others = {run.id for run in known.among(runs)}
    alike = [(run.oid, run.record) for run in runs if run.id not in others]
    group = group_of(alike, project.config.review.is_seed)
    if as_json:
        click.echo(harmless_json(dumps(group_data(group))))
    if len(ran) < count:
        tell(f"note: stopped after {counted(len(ran), 'repeat')} of {count}")
    tell(_line(project, group), bold=wants_colour(sys.stderr))


def _line(project: Project, group: Group) -> str:
    return group_line(group, main_metrics(group.metrics, project.config.policy))
