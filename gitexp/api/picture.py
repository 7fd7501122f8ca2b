"""Charts as notebooks show them, and as they are saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gitexp.api.hints import hints
from gitexp.gallery.asked import subject_of
from gitexp.gallery.drawing import drawn_as, refuse_other_suffix
from gitexp.gallery.wanted import OF_ALL_RUNS, Kind, Wanted, charts_of
from gitexp.plots.chart import Chart, Log
from gitexp.plots.curves import Manner
from gitexp.plots.terminal import chart_text
from gitexp.project import Project
from gitexp.rendering.html import text
from gitexp.rendering.page import page
from gitexp.rendering.pictures import figures

if TYPE_CHECKING:
    from gitexp.api.run import Run

_WIDTH = 80
_LACKING = "This picture needs `pip install vl-convert-python`."


class Picture:
    """Charts of runs: a notebook shows them, and `print` draws them as text."""

    def __init__(self, title: str, charts: Sequence[Chart]) -> None:
        self._title = title
        self._charts = tuple(charts)

    def save(self, path: str | Path) -> None:
        """Write the charts to a file.

        Args:
            path: Its ending says what is written: `.svg`, `.png`, `.pdf`, `.html` or `.vl.json`.

        Raises:
            GitexpError: It ends otherwise, or what draws pictures is not installed.
        """
        place = Path(path)
        with hints():
            refuse_other_suffix(place)
            suffix = place.suffix.lower()
            if suffix == ".html":
                body = f"<h1>{text(self._title)}</h1>\n{figures(self._charts)}"
                content = page(self._title, body).encode(errors="backslashreplace")
            else:
                content = drawn_as(suffix, self._charts)
        place.write_bytes(content)

    def __repr__(self) -> str:
        """Return the charts as text, 80 columns wide."""
        texts = (chart_text(one, width=_WIDTH, colour=False) for one in self._charts)
        return "\n".join(texts).rstrip("\n")

    def _repr_html_(self) -> str:
        """Return the charts for a notebook: pictures that run and load nothing."""
        return figures(self._charts, level=4, lacking=_LACKING)


def picture_of(
    place: Path,
    runs: Iterable[Run],
    metrics: tuple[str, ...],
    *,
    kind: Kind,
    x: str | None = None,
    smooth: float = 0.0,
    log: Log = "",
    group: bool = False,
) -> Picture:
    """Draw runs of the project at a place; those that all runs are drawn of, oldest first."""
    some = list(runs)
    title = ", ".join(one.name for one in some[:4]) + (" …" if some[4:] else "")
    with hints(), Project.open(place) as project:
        subjects = [subject_of(one._stored()) for one in some]  # noqa: SLF001 - of this package
        if kind in OF_ALL_RUNS:
            subjects.sort(key=lambda one: one.run.record.ended if one.run is not None else "")
        wanted = Wanted(kind, metrics, x, manner=Manner(smooth, log, group))
        charts = charts_of(project, subjects, wanted, lambda _: None)
    return Picture(title, charts)
