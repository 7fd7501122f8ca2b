"""`gitexp push`: send runs to a remote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gitexp.cli.completion import complete_remote
from gitexp.cli.options import forget_failure, say, tell, with_project
from gitexp.cli.progress import progress_line, tell_below
from gitexp.cli.purges import decided_by, purges_option
from gitexp.git.remotes import Remote, choose_remote
from gitexp.project import Project
from gitexp.sharing.plain_memo import keep_memo
from gitexp.sharing.theirs import ask_ahead
from gitexp.store.tags_left import push_command, remember_tags, tags_left

if TYPE_CHECKING:
    from gitexp.sharing.agreed import Answer
    from gitexp.sharing.push import DataChoice, Pushed


@click.command()
@click.argument("remote", required=False, shell_complete=complete_remote)
@click.option(
    "--all-data",
    is_flag=True,
    help="Send the data of all runs, not only of those that the remote does not have yet.",
)
@click.option(
    "--no-data",
    is_flag=True,
    help="Send the runs alone, say if the DVC remote fails; --all-data sends it later.",
)
@purges_option
@with_project
def push(
    project: Project,
    *,
    remote: str | None,
    all_data: bool,
    no_data: bool,
    purges: Answer | None,
) -> None:
    """Send runs to REMOTE: their data to the DVC remote, then the branch to git's.

    REMOTE defaults to the experiments branch's own, else `origin`, else the only one.
    Runs that others have pushed meanwhile are pulled in; no run is ever overwritten. What others
    purged is treated as by `gitexp pull`. Tags of models are not sent: those that were made here
    and that REMOTE lacks are named.
    """
    if all_data and no_data:
        raise click.UsageError("--all-data and --no-data exclude each other")
    name = choose_remote(project.repository, project.config.branch, remote)
    with progress_line() as progress:
        there = Remote(project.repository, name, progress)
        left = tags_left(project.repository)
        also = [f"refs/tags/{tag}" for tag in left]
        ask_ahead(project, there, *also)
        from gitexp.sharing.push import push as push_runs  # noqa: PLC0415 - 10 ms, while git asks

        data: DataChoice = "all" if all_data else "none" if no_data else "new"
        decision = decided_by(purges)
        pushed = push_runs(
            project, there, tell_below(progress), data=data, decision=decision, also=also
        )
    forget_failure(project, name)
    keep_memo(project)
    say(_text(pushed, f"{name}/{project.config.branch_on_remotes}"))
    _tell_tags(project, name, left, pushed)


def _tell_tags(project: Project, remote: str, left: Sequence[str], pushed: Pushed) -> None:
    """Say which tags of models the remote does not have: as with git, none is sent unasked."""
    sent = [tag for tag in left if f"refs/tags/{tag}" in pushed.refs]
    remember_tags(project.repository, sent=sent)
    lacks = [tag for tag in left if tag not in sent]
    if lacks:
        is_one = len(lacks) == 1
        what = "a tag of a model" if is_one else f"{len(lacks)} tags of models"
        pronoun = "it" if is_one else "them"
        tell(f"note: '{remote}' lacks {what}; `{push_command(remote, lacks)}` sends {pronoun}")


def _text(pushed: Pushed, place: str) -> str:
    parts = []
    if pushed.purged:
        parts.append(f"took out of {place} what was purged")
    if pushed.runs:
        parts.append(f"pushed {count_text(pushed.runs, 'run')} to {place}")
    if pushed.files:
        parts.append(f"sent {count_text(pushed.files, 'file')} of data")
    if pushed.facts:
        parts.append(f"sent late facts of {count_text(pushed.facts, 'run')}")
    if pushed.came:
        parts.append(f"{count_text(pushed.came, 'run')} came from {place}")
    return "; ".join(parts) or f"{place} already has every run"


def count_text(count: int, what: str) -> str:
    """Return a number of things in words.

    >>> count_text(1, "run"), count_text(1200, "file")
    ('1 run', '1,200 files')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
