"""One module for each output format."""

from __future__ import annotations

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
