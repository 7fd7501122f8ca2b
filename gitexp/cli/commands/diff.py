"""`gitexp diff`: what changed between two runs or revs, or what differs among several."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_rev
from gitexp.cli.options import format_option, tell, wants_colour, with_reading_project
from gitexp.cli.selection import limit_option, matching_runs, name_hidden_refs, where_option
from gitexp.comparison.changes import Diff
from gitexp.comparison.diff import diff_sides
from gitexp.errors import ExitCode, GitexpError
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.project import Project
from gitexp.rendering.diff import diff_document
from gitexp.revisions.code import CodeDiff
from gitexp.revisions.sides import RevisionSide, read_pair, read_several
from gitexp.store.stored_run import StoredRun

if TYPE_CHECKING:
    from gitexp.review.statistics import Samples

_TWO = 2
_DOTS = lazy_pattern(r"\.{2,3}")
_WHERE_METRICS_DIFFER = ("gitexp.inputs.behind", "gitexp.inputs.repeats")
"""What is imported while git is at work, 4 ms of it."""
_AT_MOST = 10
"""How many of the runs that match are compared unless more are asked for."""


@click.command()
@click.argument("revs", nargs=-1, metavar="[A] [B] [MORE]...", shell_complete=complete_rev)
@where_option
@limit_option("With --where, compare at most this many runs, the newest", _AT_MOST)
@click.option("--code", is_flag=True, help="Append the patch of the code, from A to B.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs.")
@format_option
@with_reading_project
def diff(
    project: Project,
    *,
    revs: tuple[str, ...],
    where: str | None,
    limit: int,
    code: bool,
    exit_code: bool,
    format_name: str,
) -> ExitCode:
    """Show what differs: params, metrics, data and models, environment, outputs, code.

    A and B are names, ids, stages of models (`digits#prod`) or git revs, also as A..B, or as
    A...B to begin at their merge base. Without B the work tree is compared, without A and B
    the work tree with HEAD.
    With more than two, or a query, there is a column for each, and the best value of
    every metric is marked.

    \b
    Examples:
      gitexp diff brave-otter calm-heron
      gitexp diff HEAD brave-otter calm-heron --md
      gitexp diff --where "accuracy > 0.9" -N 5
    """
    name_hidden_refs(project, (end for rev in revs for end in _DOTS.split(rev)))
    revs = tuple(_run_of_stage(project, rev) if "#" in rev else rev for rev in revs)
    if where is None and len(revs) <= _TWO:
        differ = _show_two(project, read_pair(project, revs), format_name, code=code)
    elif code:
        raise GitexpError("a patch has two sides", hint="Leave out `--code`, or give two revs.")
    else:
        runs = () if where is None else _matching(project, where, limit)
        differ = _show_several(project, read_several(project, revs, runs), format_name)
    return ExitCode.NO if exit_code and differ else ExitCode.OK


def _run_of_stage(project: Project, rev: str) -> str:
    """Return what names the run that a stage of a model, such as `digits#prod`, is at."""
    from gitexp.registry.naming import as_selector  # noqa: PLC0415 - 2 ms, for stages alone

    return as_selector(project, rev)


def _show_two(
    project: Project, sides: tuple[RevisionSide, RevisionSide], format_name: str, *, code: bool
) -> bool:
    if code and format_name not in ("text", "md"):
        raise GitexpError(f"a patch cannot be printed as {format_name}", hint="Leave out `--code`.")
    old, new = sides
    _name_unread(sides)
    with CodeDiff(project, old, new) as changed:
        changed.begin()
        if old.side.metrics != new.side.metrics:
            for name in _WHERE_METRICS_DIFFER:
                import_module(name)
        code_changes, outputs = changed.changes(), changed.outputs()
        found = diff_sides(old.side, new.side, code_changes, project.config.policy, outputs)
        patch = _patch(changed, format_name) if code and found.code else ""
    samples = _samples(project, old, new, found) if found.metrics else {}
    if samples:
        from gitexp.review.noise import with_noise  # noqa: PLC0415 - 1 ms, where runs repeat

        found = with_noise(found, samples, project.config.policy)
    output.show(project, diff_document(found, samples), format_name, below=patch)
    return bool(found)


def _samples(project: Project, old: RevisionSide, new: RevisionSide, found: Diff) -> Samples:
    from gitexp.inputs.behind import samples_between  # noqa: PLC0415 - 10 ms, where metrics differ

    return samples_between(project, old, new, found)


def _name_unread(sides: Iterable[RevisionSide]) -> None:
    """Say which files have no values here, though they are there."""
    for one in sides:
        for text in one.side.unread:
            tell(f"note: {one.side.label}: {text}: no values are read from it")


def _matching(project: Project, where: str, limit: int) -> list[StoredRun]:
    if not limit:
        return matching_runs(project, where)
    runs = matching_runs(project, where, limit + 1)
    if len(runs) > limit:
        tell(f"note: the {limit} newest of the runs that match are compared (-N)")
    return runs[:limit]


def _show_several(project: Project, sides: tuple[RevisionSide, ...], format_name: str) -> bool:
    if len(sides) < _TWO:
        alone = f"nothing to compare '{sides[0].side.label}' with" if sides else "no run matches"
        raise GitexpError(alone, hint="Name more revs, or widen the query.")
    from gitexp.presenting.comparison import differences_among  # noqa: PLC0415 - 2 ms with the one below
    from gitexp.rendering.differences import differences_document  # noqa: PLC0415

    _name_unread(sides)
    found = differences_among(project, sides)
    document = differences_document(found, [one.oid for one in sides])
    output.show(project, document, format_name)
    return bool(found)


def _patch(changed: CodeDiff, format_name: str) -> str:
    colour = wants_colour() and format_name == "text"
    patch = changed.patch(colour=colour).decode(errors="replace")
    if format_name != "md":
        return f"\n{patch}"
    from gitexp.rendering.formats.markdown import fenced  # noqa: PLC0415 - 4 ms, for `--md` alone

    return f"\n{fenced(patch.rstrip(), 'diff')}\n"
