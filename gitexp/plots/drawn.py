"""Vega-Lite drawn as SVG, PNG and PDF by vl-convert, which neither reads files nor asks the net."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gitexp.errors import GitexpError
from gitexp.model.text import harmless
from gitexp.plots.vega.parts import Spec
from gitexp.plots.vega.spec import CONFIG

_STYLE = (
    "<style>svg{color:#1f2328;background:#fff}"
    "@media(prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}}</style>"
)
"""What `currentColor` is, on its own and in a page that is light or dark."""
_SHARPER = 2
"""Pixels of a PNG for each of the picture's."""


class NotInstalled(GitexpError):
    """The library that draws pictures is not there."""

    def __init__(self) -> None:
        super().__init__(
            "vl-convert, which draws pictures, is not installed",
            "Install it with `pip install vl-convert-python`; without `-o` the terminal draws.",
        )


class NotDrawn(GitexpError):
    """A specification that cannot be drawn: a template's, or data that are none."""


def svg(specs: Sequence[Spec]) -> str:
    """Return pictures below one another as one SVG, in the colours of where it is shown."""
    drawn = _stacked([_drawn(one) for one in specs])
    head = drawn.index(">") + 1
    return f"{drawn[:head]}{_STYLE}{drawn[head:]}"


def png(specs: Sequence[Spec]) -> bytes:
    """Return the same as PNG, on white."""
    drawn = _stacked([_drawn(_on_white(one)) for one in specs], _WHITE)
    return bytes(_library().svg_to_png(drawn, scale=_SHARPER))


def pdf(specs: Sequence[Spec]) -> bytes:
    """Return the same as PDF."""
    return bytes(_library().svg_to_pdf(_stacked([_drawn(one) for one in specs])))


def _on_white(spec: Spec) -> Spec:
    return {**spec, "config": {**spec.get("config", {}), "background": "white"}}


_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_GAP = 24
_WHITE = '<rect width="100%" height="100%" fill="white"/>'
_OWN = re.compile(r'( id="|url\(#|href="#)')


def _stacked(pictures: Sequence[str], below: str = "") -> str:
    """Return SVGs below one another; what one of them calls a part of itself stays its own."""
    if len(pictures) == 1:
        return pictures[0]
    top, widest, parts = 0.0, 0.0, []
    for at, picture in enumerate(pictures):
        size = _SIZE.match(picture)
        assert size is not None  # Vega writes it so
        own = _OWN.sub(rf"\g<1>p{at}-", picture)
        parts.append(own.replace("<svg ", f'<svg y="{top:g}" ', 1))
        top, widest = top + float(size[2]) + _GAP, max(widest, float(size[1]))
    height = top - _GAP
    around = f'width="{widest:g}" height="{height:g}" viewBox="0 0 {widest:g} {height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {around}>{below}{"".join(parts)}</svg>'


def _drawn(spec: Spec) -> str:
    library = _library()
    try:
        drawn = library.vegalite_to_svg(_without_loading(spec), config=CONFIG, allowed_base_urls=[])
    except ValueError as error:
        raise NotDrawn(f"a picture cannot be drawn: {_reason(error)}") from error
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", drawn)


def _library() -> Any:
    try:
        import vl_convert  # noqa: PLC0415 - 20 ms, and a second for the first picture, extra 'plots'
    except ImportError as missing:
        raise NotInstalled from missing
    return vl_convert


def _reason(error: ValueError) -> str:
    lines = [line for line in str(error).splitlines() if not line.lstrip().startswith("at ")]
    return harmless(lines[-1]) if lines else "no reason is given"


_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML may have; Vega writes them as they come."""
_LOADS = ("url", "href")


def _without_loading(value: Any) -> Any:
    """Return a specification without anything that would be loaded, or be a link in the picture."""
    if isinstance(value, dict):
        return {
            key: one if key == "values" else _without_loading(one)
            for key, one in value.items()
            if key not in _LOADS
        }
    return [_without_loading(one) for one in value] if isinstance(value, list) else value
