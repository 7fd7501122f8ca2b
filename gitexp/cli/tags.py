"""Options and messages of the commands that write tags of models."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_remote
from gitexp.cli.options import tell
from gitexp.cli.progress import progress_line, tell_below
from gitexp.errors import GitexpError
from gitexp.git.remotes import Remote, choose_remote
from gitexp.project import Project
from gitexp.registry.sending import send_run, send_tags
from gitexp.store.stored_run import StoredRun
from gitexp.store.tags_left import push_command

push_option = click.option(
    "--push/--no-push",
    default=None,
    help="Send the data, the runs, then the tags; else say how. `promote.push` is the default.",
)
remote_option = click.option(
    "--remote",
    metavar="REMOTE",
    shell_complete=complete_remote,
    help="Where to send it, as for `gitexp push`.",
)


def chosen_remote(project: Project, *, push: bool | None, remote: str | None) -> str | None:
    """Return the remote that tags go to, None if they stay here; called before they are written.

    Raises GitexpError if they are to be sent and nothing says where.
    """
    wanted = project.config.promote.push if push is None else push
    if not wanted and remote is None:
        return None
    return choose_remote(project.repository, project.config.branch, remote)


def sent_or_told(project: Project, tags: list[str], to: str | None) -> None:
    """Send tags to a remote, or say what sends them."""
    if to is None:
        _tell_how(project, tags, "")
        return
    with progress_line() as progress:
        send_tags(Remote(project.repository, to, progress), tags)
    _tell_sent(tags, to)


def run_sent_or_told(
    project: Project, run: StoredRun, tags: list[str], to: str | None, *, again: str
) -> None:
    """Send the data of a run, the runs and tags, or say what sends them.

    `again` is the command that does it once what failed is mended.
    """
    if to is None:
        _tell_how(project, tags, "gitexp push{} && ")
        return
    with progress_line() as progress:
        there = Remote(project.repository, to, progress)
        try:
            send_run(project, there, run, tell_below(progress))
        except GitexpError as failed:
            way_out = f"{failed.hint} " if failed.hint else ""
            hint = f"{way_out}The tags are written; once this is mended, `{again}` sends them."
            raise GitexpError(str(failed), hint=hint) from failed
        send_tags(there, tags)
    _tell_sent(tags, to)


def _tell_sent(tags: list[str], to: str) -> None:
    tell(f"sent to {to}: {', '.join(tags)}")


def _tell_how(project: Project, tags: list[str], before: str) -> None:
    try:
        name = choose_remote(project.repository, project.config.branch)
    except GitexpError:  # no remote, or nobody knows which
        return
    runs = before.format("" if name == "origin" else f" {name}")
    tell(f"hint: Send it with `{runs}{push_command(name, tags)}`.")
