"""`gitexp bisect`: the commit that moved a metric, found by as few runs as will do."""

from __future__ import annotations

import os

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_metric, complete_rev
from gitexp.cli.nested import is_recorded_elsewhere
from gitexp.cli.options import format_option, recover_runs, tell, with_project
from gitexp.cli.running_options import secrets_option, timeout_option
from gitexp.cli.words_after import WordsAfter, words_after
from gitexp.errors import ExitCode, GitexpError
from gitexp.project import Project
from gitexp.rendering.bisect import found_document, need_text, step_text
from gitexp.rendering.bisect_params import params_document, params_need_text, tried_text
from gitexp.tracing.bisect import Settings, Told
from gitexp.tracing.delta import most_tests
from gitexp.tracing.known import Command
from gitexp.tracing.outcome import outcome_of
from gitexp.tracing.params import ParamSearch
from gitexp.tracing.search import Asked, Search
from gitexp.tracing.step import Step
from gitexp.tracing.trials import Stopped
from gitexp.tracing.words import check_order


@click.command(cls=WordsAfter)
@click.argument("metric", shell_complete=complete_metric)
@click.argument("good", required=False, metavar="[GOOD]", shell_complete=complete_rev)
@click.argument("bad", required=False, metavar="[BAD]", shell_complete=complete_rev)
@click.option(
    "--params", is_flag=True, help="Find the param that did it, of those that two runs differ in."
)
@click.option("--first-parent", is_flag=True, help="Look at merges, not at what they merged.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, help="How many runs at once (1)."
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.9999),
    default=0.95,
    show_default=True,
    help="How sure to be of the commit.",
)
@click.option("--most", type=click.IntRange(min=0), metavar="N", help="Make at most N runs.")
@timeout_option
@click.option("--copy", "copied", multiple=True, metavar="PATH", help="An ignored PATH to copy.")
@click.option("--dry-run", is_flag=True, help="Say how many runs it takes, and make none.")
@secrets_option
@format_option
@with_project
def bisect(
    project: Project,
    *,
    metric: str,
    good: str | None,
    bad: str | None,
    params: bool,
    first_parent: bool,
    jobs: int,
    confidence: float,
    most: int | None,
    timeout: float | None,
    copied: tuple[str, ...],
    dry_run: bool,
    allow_secrets: bool,
    format_name: str,
) -> int:
    """Find the commit that moved METRIC beyond its tolerance and noise, between GOOD and BAD.

    GOOD and BAD are commits, or runs for the commits that they started on. BAD is HEAD by
    default, GOOD the last commit before it whose runs came to another value. What recorded runs
    say of a commit is not run again; other commits are run as they are, each in a work tree of
    its own, and recorded. Without COMMAND it is that of GOOD or BAD if they are runs, else that of
    the newest run of theirs with METRIC, else `command:` of gitexp.yaml.

    With `--params`, GOOD and BAD are runs that differ in params: GOOD is run again with some of
    those of BAD until as few are left as move METRIC together.

    Runs of one commit need not agree: where a value lies between those of GOOD and BAD, its
    commit is run again. Repeats of both ends (`gitexp run --repeat 5`) tell how large noise is.

    \b
    Examples:
      gitexp bisect accuracy v1.2 HEAD
      gitexp bisect val.loss brave-otter -j 2 -- python train.py --fast
      gitexp bisect accuracy brave-otter calm-heron --params
    """
    if is_recorded_elsewhere(project, os.environ):
        raise GitexpError(
            "a bisection inside of a run would be recorded twice",
            "Start it in a shell of its own, outside of that run.",
        )
    step = Step(Command(words_after(), ""), "", timeout, copied, allow_secrets)
    recover_runs(project, most_bytes=None)
    if params and (jobs > 1 or most is not None or first_parent):
        raise GitexpError(
            "`--params` takes neither `-j`, `--most` nor `--first-parent`",
            "It makes one run after the other; `--dry-run` says how many.",
        )
    check_order(project, metric, (good, bad))
    if params:
        search = _param_search(project, metric, (good, bad), step, confidence)
        return _find_params(project, search, format_name, dry_run=dry_run)
    settings = Settings(confidence, most, jobs)
    asked = Asked(metric, good, bad or "HEAD", step, settings, first_parent=first_parent)
    return _find_commit(project, Search(project, asked, tell), format_name, dry_run=dry_run)


def _find_commit(project: Project, search: Search, format_name: str, *, dry_run: bool) -> ExitCode:
    if dry_run:
        search.trials.say_command()
        click.echo(need_text(*search.needed()))
        return ExitCode.OK
    try:
        whole, found = search.find(lambda one: _tell(search, one))
    except (KeyboardInterrupt, Stopped):
        return _stopped()
    outcome = outcome_of(project, search, whole, found)
    output.show(project, found_document(outcome), format_name)
    return ExitCode.OK if outcome.is_found else ExitCode.NO


def _param_search(
    project: Project,
    metric: str,
    ends: tuple[str | None, str | None],
    step: Step,
    confidence: float,
) -> ParamSearch:
    good, bad = ends
    if good is None or bad is None:
        raise GitexpError(
            "`--params` needs two runs", "Name them: `gitexp bisect METRIC GOOD BAD --params`."
        )
    if step.command.words:
        raise GitexpError(
            "`--params` runs the command of the good run again", "Leave out what follows `--`."
        )
    return ParamSearch(project, metric, good, bad, step, confidence)


def _find_params(
    project: Project, search: ParamSearch, format_name: str, *, dry_run: bool
) -> ExitCode:
    if dry_run:
        click.echo(params_need_text(len(search.changes), most_tests(len(search.changes))))
        return ExitCode.OK
    try:
        found = search.find(lambda number, one: tell(tried_text(number, one)), tell)
    except (KeyboardInterrupt, Stopped):
        return _stopped()
    output.show(project, params_document(found), format_name)
    return ExitCode.OK


def _stopped() -> ExitCode:
    tell("note: stopped; the same command goes on from here, by the runs that are recorded")
    return ExitCode.INTERRUPTED


def _tell(search: Search, told: Told) -> None:
    tell(step_text(told, search.suspects, search.subject(told.at)))
