"""Charts on their way out: to the terminal, to a program, or into a file."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import to_builtins

from gitexp.cli import output
from gitexp.cli.destination import write_page
from gitexp.cli.options import terminal_width, wants_colour
from gitexp.errors import GitexpError
from gitexp.gallery.drawing import drawn_as
from gitexp.plots.chart import Chart, Given, Images
from gitexp.plots.terminal import chart_text
from gitexp.project import Project

_IN_A_PIPE = 80
_WIDEST = 160


def show_charts(project: Project, charts: Sequence[Chart]) -> None:
    """Print charts, as wide as the terminal, or as COLUMNS says, or 80 columns in a pipe."""
    if not output.can_show("⣿"):
        raise GitexpError(
            f"charts are drawn in braille, which stdout cannot show ({sys.stdout.encoding})",
            "Set a locale with UTF-8, or write a picture: `-o FILE.svg`.",
        )
    width = terminal_width() or shutil.get_terminal_size((_IN_A_PIPE, 24)).columns
    colour = wants_colour()
    texts = (chart_text(one, width=min(width, _WIDEST), colour=colour) for one in charts)
    output.page(project, "\n".join(texts))


def chart_data(chart: Chart) -> object:
    """Return a chart for programs: its points, without the bytes of pictures."""
    kind = type(chart).__name__.lower()
    if isinstance(chart, Images):
        runs = [one.label for one in chart.images]
        return {"kind": kind, "title": chart.title, "runs": runs}
    if isinstance(chart, Given):
        return {"kind": "dvc", "title": chart.title, "rows": to_builtins(chart.rows)}
    return {"kind": kind, **to_builtins(chart)}


def write_charts(
    project: Project, path: Path, charts: Sequence[Chart], labels: Sequence[str]
) -> None:
    """Write charts into a file, as its suffix says."""
    if path.suffix.lower() == ".html":
        from gitexp.rendering.html import text  # noqa: PLC0415 - 25 ms with the next, for pages alone
        from gitexp.rendering.page import page  # noqa: PLC0415 - as above
        from gitexp.rendering.pictures import figures  # noqa: PLC0415

        title = ", ".join(labels[:4]) + (" …" if labels[4:] else "")
        content = page(
            f"Plots of {title}", f"<h1>Plots of {text(title)}</h1>\n{figures(charts)}"
        ).encode(errors="backslashreplace")
    else:
        content = drawn_as(path.suffix.lower(), charts)
    write_page(project, path, content)
