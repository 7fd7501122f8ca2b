"""One module for each output format."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Protocol

from gitexp.rendering.table import Document


class Render(Protocol):
    """What every format has."""

    def __call__(
        self, document: Document, *, width: int | None = None, colour: bool = False
    ) -> str:
        """Return the document as text that ends in a line feed, if it is not empty."""


def _late(name: str) -> Render:
    """Return what imports a format when it is needed: each takes a millisecond."""

    def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
        found: Render = _module(name).render
        return found(document, width=width, colour=colour)

    return render


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


FORMATS: dict[str, Render] = {
    "text": _late("text"),
    "json": _late("json"),
    "csv": _late("csv"),
    "md": _late("markdown"),
}

_STREAMED = ("json", "csv")


def pieces(
    format_name: str, document: Document, *, width: int | None = None, colour: bool = False
) -> Iterator[str]:
    """Yield the document's text; in formats for programs a piece of it at a time."""
    if format_name in _STREAMED:
        yield from _module(format_name).pieces(document)
    else:
        yield FORMATS[format_name](document, width=width, colour=colour)
