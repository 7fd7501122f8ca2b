"""`gitexp tag`: words by which runs are found again."""

from __future__ import annotations

from collections import Counter

import click

from gitexp.cli.completion import complete_run, complete_tag
from gitexp.cli.options import format_option, tell, terminal_width, wants_colour, with_project
from gitexp.errors import GitexpError
from gitexp.model.names import check_tag
from gitexp.project import Project
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.late_facts import tag_counts_document, tags_document
from gitexp.rendering.table import Document
from gitexp.store.facts import append
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_run


@click.command()
@click.argument("run", required=False, shell_complete=complete_run)
@click.argument("tags", nargs=-1, metavar="[TAG]...", shell_complete=complete_tag)
@click.option("-d", "--delete", is_flag=True, help="Take the tags away.")
@format_option
@with_project
def tag(
    project: Project, *, run: str | None, tags: tuple[str, ...], delete: bool, format_name: str
) -> None:
    """Give RUN tags, or take them away. Without TAG, list those of RUN; without RUN, all.

    Tags are late facts: they do not touch the run's commit, and travel with `gitexp push`
    and `gitexp pull`.

    \b
    Examples:
      gitexp tag brave-otter-7f candidate
      gitexp tag brave-otter-7f --delete candidate
      gitexp tag
    """
    if run is None:
        _print(tag_counts_document(_counts(project)), format_name)
        return
    found = get_run(project.runs, run)
    if delete and not tags:
        raise GitexpError("no tag to take away", hint=f"`gitexp tag {run}` lists the run's tags.")
    if not tags:
        _print(tags_document(found.record.tags), format_name)
    elif delete:
        _untag(project, found, tags)
    else:
        _tag(project, found, tags)


def _tag(project: Project, run: StoredRun, tags: tuple[str, ...]) -> None:
    for text in tags:
        check_tag(text)
    there = run.record.tags
    for text in dict.fromkeys(tags):
        if text in there:
            tell(f"note: run '{run.name}' has the tag '{text}' already")
    new = [text for text in dict.fromkeys(tags) if text not in there]
    append(project.repository, [(run, "tag", text) for text in new])


def _untag(project: Project, run: StoredRun, tags: tuple[str, ...]) -> None:
    there = run.record.tags
    for text in tags:
        if text not in there:
            has = f"Its tags: {', '.join(there)}." if there else "It has no tags."
            raise GitexpError(f"run '{run.name}' has no tag '{text}'", hint=has)
    append(project.repository, [(run, "untag", text) for text in dict.fromkeys(tags)])


def _counts(project: Project) -> dict[str, int]:
    """Return how many runs have each tag, in the order of the tags."""
    readable = (run for run in project.runs.newest() if run.problem is None)
    found = Counter(text for run in readable for text in run.record.tags)
    return dict(sorted(found.items()))


def _print(document: Document, format_name: str) -> None:
    text = FORMATS[format_name](document, width=terminal_width(), colour=wants_colour())
    click.echo(text, nl=False, color=wants_colour())
