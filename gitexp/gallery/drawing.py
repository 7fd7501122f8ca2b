"""Charts into a file: which suffix means what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.model.values import dumps
from gitexp.plots.chart import Chart, Images
from gitexp.plots.vega.spec import vega_lite

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".vl.json")


def refuse_other_suffix(path: Path) -> None:
    """Raise GitexpError for a file that nothing is written as."""
    if not path.name.lower().endswith(SUFFIXES):
        known = ", ".join(SUFFIXES)
        raise GitexpError(
            f"nothing is drawn as '{path.suffix or path.name}'", f"The name may end in {known}."
        )


def drawn_as(suffix: str, charts: Sequence[Chart]) -> bytes:
    """Return one picture of all charts: SVG, PNG or PDF, or the Vega-Lite that it is made of."""
    drawable = [one for one in charts if not isinstance(one, Images)]
    if not drawable:
        raise GitexpError(
            f"pictures that runs made are not drawn as '{suffix}'", "`-o FILE.html` shows them."
        )
    specs = [vega_lite(one) for one in drawable]
    if suffix == ".json":
        if len(specs) > 1:
            raise GitexpError(
                f"a specification is of one chart, and there are {len(specs)}",
                "Name the metric that you want.",
            )
        return f"{dumps(specs[0])}\n".encode()
    from gitexp.plots.drawn import pdf, png, svg  # noqa: PLC0415 - 3 ms, where a picture is drawn

    match suffix:
        case ".svg":
            return svg(specs).encode()
        case ".png":
            return png(specs)
        case _:
            return pdf(specs)
