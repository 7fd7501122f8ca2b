"""`gitexp tag`: words by which runs are found again."""

from __future__ import annotations

import click

from gitexp.cli import output
from gitexp.cli.options import format_option, tell, with_project
from gitexp.errors import GitexpError
from gitexp.model.names import check_tag
from gitexp.project import Project
from gitexp.rendering.late_facts import tag_counts_document, tags_document
from gitexp.store.facts import append
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_run


@click.command()
@click.argument("run", required=False)
@click.argument("tags", nargs=-1, metavar="[TAG]...")
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
        counts = project.runs.index.tag_counts(project.folder)
        output.show(project, tag_counts_document(counts), format_name)
        return
    found = get_run(project.runs, run)
    if delete and not tags:
        raise GitexpError("no tag to take away", hint=f"`gitexp tag {run}` lists the run's tags.")
    if not tags:
        output.show(project, tags_document(found.record.tags), format_name)
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
