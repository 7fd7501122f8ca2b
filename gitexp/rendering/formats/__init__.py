"""One module for each output format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from gitexp.rendering.formats import csv, json, markdown, text
from gitexp.rendering.table import Document


class Render(Protocol):
    """What every format has."""

    def __call__(
        self, document: Document, *, width: int | None = None, colour: bool = False
    ) -> str:
        """Return the document as text that ends in a line feed, if it is not empty."""


FORMATS: dict[str, Render] = {
    "text": text.render,
    "json": json.render,
    "csv": csv.render,
    "md": markdown.render,
}

_STREAMED: dict[str, Callable[[Document], Iterator[str]]] = {
    "json": json.pieces,
    "csv": csv.pieces,
}


def pieces(
    format_name: str, document: Document, *, width: int | None = None, colour: bool = False
) -> Iterator[str]:
    """Yield the document's text; in formats for programs a piece of it at a time."""
    if format_name in _STREAMED:
        yield from _STREAMED[format_name](document)
    else:
        yield FORMATS[format_name](document, width=width, colour=colour)
