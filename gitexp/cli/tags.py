"""Options and messages of the commands that write tags of models."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_remote
from gitexp.cli.options import tell
from gitexp.cli.progress import progress_line, tell_below
from gitexp.errors import GitexpError
from gitexp.git.remotes import Remote, choose_remote
from gitexp.project import Project
from gitexp.registry.sending import push_command, send_run, send_tags
from gitexp.store.reading import StoredRun

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


def sent_or_told(
    project: Project,
    tags: list[str],
    *,
    push: bool | None,
    remote: str | None,
    run: StoredRun | None = None,
) -> None:
    """Send tags with what belongs to them if that is wanted, else say what sends them."""
    wanted = project.config.promote.push if push is None else push
    if not wanted and remote is None:
        _tell_how(project, tags, run)
        return
    name = choose_remote(project.repository, project.config.branch, remote)
    with progress_line() as progress:
        there = Remote(project.repository, name, progress)
        if run is not None:
            send_run(project, there, run, tell_below(progress))
        send_tags(there, tags)
    tell(f"sent to {name}: {', '.join(tags)}")


def _tell_how(project: Project, tags: list[str], run: StoredRun | None) -> None:
    try:
        name = choose_remote(project.repository, project.config.branch)
    except GitexpError:  # no remote, or nobody knows which
        return
    runs = f"gitexp push{'' if name == 'origin' else f' {name}'} && " if run is not None else ""
    tell(f"hint: Send it with `{runs}{push_command(name, tags)}`.")
