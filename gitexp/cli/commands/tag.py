"""`gitexp tag`: words by which runs are found again."""

from __future__ import annotations

from collections.abc import Iterable

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run_and_tags
from gitexp.cli.options import format_option, tell, with_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.errors import GitexpError
from gitexp.model.names import check_tag
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.rendering.late_facts import tag_counts_document, tags_document
from gitexp.store.facts import Change, append
from gitexp.store.stored_run import StoredRun


@click.command()
@click.argument("words", nargs=-1, metavar="[RUN] [TAG]...", shell_complete=complete_run_and_tags)
@click.option("-d", "--delete", is_flag=True, help="Take the tags away.")
@where_option
@format_option
@with_project
def tag(
    project: Project, *, words: tuple[str, ...], delete: bool, where: str | None, format_name: str
) -> None:
    """Give RUN tags, or take them away. Without TAG, list those of RUN; without RUN, all.

    With --where no RUN is given: the tags are for all runs that match. Tags are late facts:
    they do not touch the run's commit, and travel with `gitexp push` and `gitexp pull`.

    \b
    Examples:
      gitexp tag brave-otter-7f candidate
      gitexp tag brave-otter-7f --delete candidate
      gitexp tag --where "accuracy > 0.9" candidate
      gitexp tag
    """
    if where is not None:
        _tag_matching(project, where, words, delete=delete)
        return
    if not words:
        counts = project.runs.index.tag_counts(project.folder)
        output.show(project, tag_counts_document(counts), format_name)
        return
    name, *tags = words
    run = get_run(project, name)
    if delete and not tags:
        raise GitexpError("no tag to take away", hint=f"`gitexp tag {name}` lists the run's tags.")
    if not tags:
        output.show(project, tags_document(run.record.tags), format_name)
    elif delete:
        _untag(project, run, tags)
    else:
        _tag(project, run, tags)


def _tag(project: Project, run: StoredRun, tags: list[str]) -> None:
    for text in tags:
        check_tag(text)
    for text in dict.fromkeys(tags):
        if text in run.record.tags:
            tell(f"note: run '{run.name}' already has the tag '{text}'")
    changes = _changes(run, tags, delete=False)
    append(project.repository, changes)
    _tell_changed("tagged", changes)


def _untag(project: Project, run: StoredRun, tags: list[str]) -> None:
    there = run.record.tags
    for text in tags:
        if text not in there:
            has = f"Its tags: {', '.join(there)}." if there else "It has no tags."
            raise GitexpError(f"run '{run.name}' has no tag '{text}'", hint=has)
    changes = _changes(run, tags, delete=True)
    append(project.repository, changes)
    _tell_changed("untagged", changes)


def _tell_changed(done: str, changes: list[Change]) -> None:
    """Report what was done to the tags of one run."""
    if changes:
        tell(f"{done} '{changes[0][0].name}': {', '.join(str(text) for _, _, text in changes)}")


def _tag_matching(project: Project, where: str, tags: tuple[str, ...], *, delete: bool) -> None:
    if not tags:
        raise GitexpError("no tag for the runs that match", hint="Name the tags after EXPR.")
    for text in tags:
        check_tag(text)
    runs = matching_runs(project, where)
    changes = [change for run in runs for change in _changes(run, tags, delete=delete)]
    append(project.repository, changes)
    changed = len({run.id for run, _, _ in changes})
    tell(f"tags changed on {changed:,} of {len(runs):,} runs that match")


def _changes(run: StoredRun, tags: Iterable[str], *, delete: bool) -> list[Change]:
    """Return what has to be said so that a run has the tags, or no longer has them."""
    there = run.record.tags
    op = "untag" if delete else "tag"
    return [(run, op, text) for text in dict.fromkeys(tags) if (text in there) == delete]
