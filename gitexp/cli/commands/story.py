"""`gitexp story`: the hypotheses and what became of them."""

from __future__ import annotations

import click

from gitexp.cli.options import with_reading_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.notebook.chapters import chapters, silent_after
from gitexp.project import Project
from gitexp.rendering.story import story_html, story_markdown


@click.command()
@where_option
@click.option("--html", "as_html", is_flag=True, help="Print a page instead of Markdown.")
@with_reading_project
def story(project: Project, *, where: str | None, as_html: bool) -> None:
    """Print the hypotheses of the runs and what became of them, as a lab notebook in Markdown.

    A chapter begins with what `-m` of `gitexp run` said, or `--expect`; it has the verdict, the
    metrics and params that changed from the baseline, the runs, and the merges and pull
    requests that brought them into the history of HEAD. Repeats share a chapter.

    \b
    Examples:
      gitexp story > NOTEBOOK.md
      gitexp story --where 'started > "2 weeks ago"' --html > story.html
    """
    runs = matching_runs(project, where)[::-1]
    title = f"Experiments of {project.title}"
    text = story_markdown(title, list(chapters(project, runs)), others=silent_after(runs))
    click.echo(story_html(title, text) if as_html else text, nl=False)
