"""`gitexp review`: the two sides of a pull request, compared and judged."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_rev
from gitexp.cli.options import format_option, tell, with_reading_project
from gitexp.errors import ExitCode, GitexpError
from gitexp.hosts.host import Host, HostFailed, HostName, PullRequest
from gitexp.hosts.variables import (
    github_token,
    gitlab_token,
    needed_pull_request,
    pull_request_of,
)
from gitexp.project import Project
from gitexp.pull_requests.ends import Wanted, find_ends
from gitexp.pull_requests.pictures import changed_pictures, raw_files
from gitexp.pull_requests.review import make_review, uncommitted
from gitexp.pull_requests.runs import have_runs
from gitexp.pull_requests.traced import traced
from gitexp.rendering.comment import GITHUB_LIMIT, Seen, comment, watermark
from gitexp.rendering.review import review_document
from gitexp.review.review import Review
from gitexp.review.words import named

if TYPE_CHECKING:
    from gitexp.hosts.posting import Message

_SUMMARY = "GITHUB_STEP_SUMMARY"
_HTML = "html"


@click.command()
@click.argument("base", required=False, metavar="[BASE]", shell_complete=complete_rev)
@click.argument("head", required=False, metavar="[HEAD]", shell_complete=complete_rev)
@click.option(
    "--post",
    type=click.Choice(["github", "gitlab"]),
    help="In CI, also comment on the pull request and set the commit's status."
    " For a push and a merge queue, set the status alone.",
)
@click.option("--remote", is_flag=True, help="Ask the DVC remote for data that is not here.")
@click.option("--html", "as_html", is_flag=True, help="Print a page with pictures instead.")
@format_option
@with_reading_project
def review(
    project: Project,
    *,
    base: str | None,
    head: str | None,
    post: HostName | None,
    remote: bool,
    as_html: bool,
    format_name: str,
) -> ExitCode:
    """Judge the change from BASE to HEAD, starting at their merge base, by the policy.

    BASE defaults to the remote's default branch; HEAD may be a run. In CI for a pull request
    or a merge queue, both default to its own. What a shallow clone lacks is fetched. The exit
    code is 1 if the answer is no, and 2 if there is none.

    \b
    Examples:
      gitexp review
      gitexp review main my-branch --md
      gitexp review --html > review.html
      gitexp review --post github
    """
    pull = needed_pull_request(os.environ, post) if post else pull_request_of(os.environ)
    format_name = _HTML if as_html else format_name
    with _no_workflow_commands(format_name):
        if post is None or pull is None:
            found = _review(project, _wanted(base, head, pull), ask_remote=remote)
            _show(project, found, format_name)
        elif pull.is_push and pull.head_label == project.config.branch_on_remotes:
            tell(f"note: '{pull.head_label}' holds runs, which a review does not look at")
            return ExitCode.OK
        else:
            host, pull = _host(pull)
            with _telling_failure(host, project):
                found = _review(project, _wanted(base, head, pull), ask_remote=remote)
            _show(project, found, format_name)
            _post(host, project, found, has_comments=pull.number is not None)
    return ExitCode.OK if found.passed else ExitCode.NO


def _wanted(base: str | None, head: str | None, pull: PullRequest | None) -> Wanted:
    if base or head or pull is None:
        return Wanted(base, "HEAD" if head is None else head)
    return Wanted(pull.base, pull.head, pull.head_label, anew=True, may_be_gone=pull.is_push)


def _review(project: Project, wanted: Wanted, *, ask_remote: bool) -> Review:
    part = have_runs(project, wanted, tell)
    ends = find_ends(project, wanted, tell)
    if wanted.head == "HEAD" and (changed := uncommitted(project)):
        tell(f"note: uncommitted changes are not looked at: {named(changed)}")
    return make_review(project, ends, tell, ask_remote=ask_remote, part=part)


def _show(project: Project, found: Review, format_name: str) -> None:
    if format_name == _HTML:
        from gitexp.presenting.review_page import review_page  # noqa: PLC0415 - 60 ms, for `--html` alone

        page = review_page(project, found, tell)
        click.echo(page.html.encode(errors="backslashreplace"), nl=False)
        if page.undrawn is not None:
            tell(page.undrawn)
    elif format_name == "md":
        click.echo(_comment(project, found), nl=False)
    else:
        output.show(project, review_document(found), format_name)


def _host(pull: PullRequest) -> tuple[Host, PullRequest]:
    """Return the host, and what it is asked for a status of: it may know more of a push."""
    host = _host_of(pull)
    if not pull.is_push:
        return host, pull
    from gitexp.hosts.pushes import with_open_base  # noqa: PLC0415 - 1 ms, for pushes alone

    return host, with_open_base(pull, host, tell)


def _host_of(pull: PullRequest) -> Host:
    if pull.host == "github":
        from gitexp.hosts.github import GitHub  # noqa: PLC0415 - 90 ms, for requests, on GitHub

        return GitHub(pull, github_token(os.environ))
    from gitexp.hosts.gitlab import GitLab  # noqa: PLC0415 - 90 ms, for requests, on GitLab

    return GitLab(pull, gitlab_token(os.environ))


def _comment(project: Project, found: Review, most: int = GITHUB_LIMIT) -> str:
    pictures = changed_pictures(project, found, raw_files(os.environ))
    return comment(found, most, Seen(pictures, traced(project, found)))


def _post(host: Host, project: Project, found: Review, *, has_comments: bool) -> None:
    from gitexp.hosts.posting import post as post_message  # noqa: PLC0415 - 1 ms, for `--post` alone

    _write_summary(_comment(project, found))
    posted = post_message(host, _message(host, project, found), tell, has_comments=has_comments)
    if posted.comment is not None:
        tell(f"note: the comment is at {posted.comment}")


def _message(host: Host, project: Project, found: Review) -> Message:
    from gitexp.hosts.posting import Message  # noqa: PLC0415 - 1 ms, as above

    return Message(
        watermark=watermark(found.project),
        body=_comment(project, found, host.limit),
        context=_context(found.project),
        state="passed" if found.passed else "failed",
        summary=found.summary,
    )


def _context(folder: str) -> str:
    return f"gitexp/{folder}" if folder else "gitexp"


@contextlib.contextmanager
def _telling_failure(host: Host, project: Project) -> Iterator[None]:
    """Set a status that says there is no answer, if an error is the reason."""
    try:
        yield
    except GitexpError:
        with contextlib.suppress(HostFailed):
            host.set_status(_context(project.folder), "error", "there is no answer: see the log")
        raise


def _write_summary(text: str) -> None:
    """Append to the summary of the job, if the host has one."""
    path = os.environ.get(_SUMMARY)
    if path:
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            tell(f"note: the job's summary was not written: {error.strerror}")


@contextlib.contextmanager
def _no_workflow_commands(format_name: str) -> Iterator[None]:
    """Keep GitHub from taking a name that begins with `::` for a command of the workflow.

    Only in text may a line begin with a name.
    """
    if os.environ.get("GITHUB_ACTIONS") != "true" or format_name != "text":
        yield
        return
    word = secrets.token_hex(16)
    click.echo(f"::stop-commands::{word}")
    try:
        yield
    finally:
        click.echo(f"::{word}::")
