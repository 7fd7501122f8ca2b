"""`gitexp review`: the two sides of a pull request, compared and judged."""

from __future__ import annotations

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_rev
from gitexp.cli.options import format_option, tell, with_project
from gitexp.errors import ExitCode
from gitexp.project import Project
from gitexp.pull_requests.ends import Wanted, find_ends
from gitexp.pull_requests.review import make_review
from gitexp.pull_requests.runs import have_runs
from gitexp.rendering.comment import comment
from gitexp.rendering.review import review_document
from gitexp.review.review import Review


@click.command()
@click.argument("base", required=False, metavar="[BASE]", shell_complete=complete_rev)
@click.argument("head", required=False, metavar="[HEAD]", shell_complete=complete_rev)
@click.option("--remote", is_flag=True, help="Ask the DVC remote for data that is not here.")
@format_option
@with_project
def review(
    project: Project, *, base: str | None, head: str | None, remote: bool, format_name: str
) -> ExitCode:
    """Judge the change from BASE to HEAD, from their merge base on, by the policy.

    BASE is the default branch of the remote unless it is given, HEAD is HEAD; where CI runs
    for a pull request, both are that one's. What a shallow clone lacks is fetched. The exit
    code is 1 where the answer is no, and 2 where there is none.
    """
    found = _review(project, Wanted(base, head or "HEAD"), ask_remote=remote)
    _show(project, found, format_name)
    return ExitCode.OK if found.passed else ExitCode.NO


def _review(project: Project, wanted: Wanted, *, ask_remote: bool) -> Review:
    ends = find_ends(project, wanted, tell)
    have_runs(project, tell)
    return make_review(project, ends, ask_remote=ask_remote)


def _show(project: Project, found: Review, format_name: str) -> None:
    if format_name == "md":
        click.echo(comment(found), nl=False)
    else:
        output.show(project, review_document(found), format_name)
