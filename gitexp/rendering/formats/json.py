"""Documents as JSON, strict and on one line, as DVC writes it."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.model.values import Json, dumps
from gitexp.rendering.table import Document


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document's data; neither width nor colour matters."""
    del width, colour
    return "".join(pieces(document))


def pieces(document: Document) -> Iterator[str]:
    """Yield the document's data; items that are made one by one are written so."""
    data = document.data()
    if isinstance(data, Iterator):
        separator = "["
        for item in data:
            yield separator + (item if isinstance(item, Json) else dumps(item))
            separator = ","
        yield "[]\n" if separator == "[" else "]\n"
    else:
        yield f"{dumps(data)}\n"
