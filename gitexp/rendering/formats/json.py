"""Documents as JSON, strict and on one line, as DVC writes it."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.model.text import harmless_json
from gitexp.model.values import Json, dumps
from gitexp.rendering.table import Document


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document's data; neither width nor colour matters."""
    del width, colour
    return "".join(pieces(document))


def pieces(document: Document) -> Iterator[str]:
    """Yield the document's data; items that are made one by one are written so."""
    data = document.data()
    if not isinstance(data, dict) or not any(isinstance(one, Iterator) for one in data.values()):
        yield from _spelled(data, "\n")
        return
    separator = "{"
    for key, value in data.items():
        yield f"{separator}{harmless_json(dumps(key))}:"
        yield from _spelled(value, "")
        separator = ","
    yield "}\n"


def _spelled(value: object, end: str) -> Iterator[str]:
    if not isinstance(value, Iterator):
        yield f"{harmless_json(dumps(value))}{end}"
        return
    separator = "["
    for item in value:
        yield separator + harmless_json(item if isinstance(item, Json) else dumps(item))
        separator = ","
    yield f"[]{end}" if separator == "[" else f"]{end}"
