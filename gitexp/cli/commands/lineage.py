"""`gitexp lineage`: where data and models come from, and what they led to."""

from __future__ import annotations

import sys
from typing import Literal

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_rev
from gitexp.cli.options import terminal_width, wants_colour, with_reading_project
from gitexp.lineage.gather import lineage_graph
from gitexp.lineage.graph import Graph
from gitexp.lineage.limits import limited
from gitexp.model.text import harmless_json
from gitexp.model.values import dumps
from gitexp.project import Project
from gitexp.rendering.drawn_graph import dot_text, graph_data, mermaid_text
from gitexp.rendering.tree import tree_text

_BESIDE = 20
_MERMAID_EDGES = 500
"""How many edges mermaid draws unless its settings say otherwise."""


@click.command()
@click.argument("what", metavar="RUN|PATH|MODEL", shell_complete=complete_rev)
@click.option("--downstream", is_flag=True, help="Show all that it led to instead.")
@click.option(
    "-N",
    "--limit",
    type=click.IntRange(min=0),
    default=_BESIDE,
    show_default=True,
    help="Show at most this many beside each other, 0 for all; JSON has all.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json", "mermaid", "dot"]),
    default="text",
    show_default=True,
    help="How to print the result.",
)
@click.option("--json", "format_name", flag_value="json", help="Short for --format json.")
@click.option("--mermaid", "format_name", flag_value="mermaid", help="Short for --format mermaid.")
@click.option("--dot", "format_name", flag_value="dot", help="Short for --format dot.")
@with_reading_project
def lineage(
    project: Project,
    *,
    what: str,
    downstream: bool,
    limit: int,
    format_name: Literal["text", "json", "mermaid", "dot"],
) -> None:
    """Show what a run, data or a model came from, and what it led to.

    PATH is data behind a DVC pointer as the work tree has it; REV:PATH and the first digits of
    an md5 name other versions. MODEL is NAME, NAME@VERSION or NAME#STAGE. Runs of all projects
    of the repository are looked at, and nothing but their pointers: no data is read.

    \b
    Examples:
      gitexp lineage digits#prod
      gitexp lineage data/train.csv
      gitexp lineage main~3:data/train.csv --downstream
      gitexp lineage brave-otter --dot | dot -Tsvg -o lineage.svg
    """
    whole = lineage_graph(project, what, downstream=downstream)
    if format_name == "json":
        click.echo(harmless_json(dumps(graph_data(whole))))
        return
    graph = limited(whole, limit or sys.maxsize)
    if format_name == "dot":
        click.echo(dot_text(graph), nl=False)
    elif format_name == "mermaid":
        click.echo(mermaid_text(_for_mermaid(whole, graph, limit)), nl=False)
    else:
        plain = not output.can_show("├└│")
        text = tree_text(
            graph,
            whole,
            downstream=downstream,
            width=terminal_width(),
            colour=wants_colour(),
            plain=plain,
        )
        output.page(project, text)


def _for_mermaid(whole: Graph, graph: Graph, limit: int) -> Graph:
    """Leave out more as long as there are too many edges, unless all were asked for."""
    most = limit
    while most > 1 and len(graph.edges) > _MERMAID_EDGES:
        most //= 2
        graph = limited(whole, most)
    return graph
