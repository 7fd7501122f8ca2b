"""`gitexp pull`: get the runs that a remote has."""

from __future__ import annotations

import shlex

import click

from gitexp.cli.commands.push import count_text
from gitexp.cli.completion import complete_remote
from gitexp.cli.options import say, tell, with_project
from gitexp.cli.progress import progress_line, tell_below
from gitexp.cli.purges import decided_by, purges_option
from gitexp.git.remotes import Remote, choose_remote
from gitexp.project import Project
from gitexp.registry.fetching import FetchedTags, fetch_tags
from gitexp.registry.naming import get_run
from gitexp.sharing.agreed import Answer
from gitexp.sharing.data import fetch_data
from gitexp.sharing.pull import Pulled
from gitexp.sharing.pull import pull as pull_runs

_SHOWN = 10
"""Of tags, as many as fit into a few lines."""


@click.command()
@click.argument("remote", required=False, shell_complete=complete_remote)
@click.option(
    "--data",
    "selectors",
    metavar="RUN",
    multiple=True,
    help="Also fetch the data of this run into the DVC cache; may be repeated.",
)
@purges_option
@with_project
def pull(
    project: Project, *, remote: str | None, selectors: tuple[str, ...], purges: Answer | None
) -> None:
    """Get the runs of REMOTE and put them beside those that are here.

    REMOTE defaults to the experiments branch's own, else `origin`, else the only one.
    Versions and stages of models come along: the tags in GTO's form whose commits are here. A
    tag that is here never moves. Data and models stay on the DVC remote until they are asked
    for. What others purged goes here as well if it is signed by somebody whom git trusts here,
    or after a question.
    """
    name = choose_remote(project.repository, project.config.branch, remote)
    with progress_line() as progress:
        there = Remote(project.repository, name, progress)
        pulled = pull_runs(project, there, tell_below(progress), decided_by(purges))
        tags = fetch_tags(project, there, pulled.refs)
    place = f"{name}/{project.config.branch_on_remotes}"
    say(_text(pulled, place))
    _say_tags(tags, name)
    project.runs.look_again()
    for run in [get_run(project, selector) for selector in selectors]:
        with progress_line() as progress:
            count = fetch_data(project, run, tell_below(progress), progress)
        say(f"{run.name}: {count_text(count, 'file')} of data fetched into the DVC cache")


def _say_tags(tags: FetchedTags, remote: str) -> None:
    if tags.new:
        more = f" and {len(tags.new) - _SHOWN} more" if len(tags.new) > _SHOWN else ""
        say(f"new tags of models: {', '.join(tags.new[:_SHOWN])}{more}")
    for tag in tags.others[:_SHOWN]:
        tell(f"warning: '{tag}' is another tag in '{remote}' than here; the one here stays")
    if tags.others:
        theirs = shlex.join(["git", "fetch", "--force", remote, "tag", tags.others[0]])
        tell(f"hint: `{theirs}` replaces yours with theirs.")


def _text(pulled: Pulled, place: str) -> str:
    came = f"{count_text(pulled.runs, 'run')} came from {place}" if pulled.runs else "no new runs"
    return f"{came}; late facts of {count_text(pulled.facts, 'run')}" if pulled.facts else came
