"""Documents as JSON, strict and on one line, as DVC writes it."""

from __future__ import annotations

from gitexp.model.values import dumps
from gitexp.rendering.table import Document


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document's data; neither width nor colour matters."""
    del width, colour
    return f"{dumps(document.data())}\n"
