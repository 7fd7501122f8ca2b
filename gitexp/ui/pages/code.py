"""What differs in the code and the outputs of revisions, and the patch between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.text import harmless
from gitexp.presenting.comparison import differences_among
from gitexp.project import Project
from gitexp.rendering.differences import differences_document
from gitexp.revisions.code import CodeDiff
from gitexp.revisions.sides import RevisionSide, read_several
from gitexp.ui.page import Asked, Page
from gitexp.ui.shown import ShownTable, shown, widened

_MOST_LINES = 5000
"""More of a patch than anybody reads on a page."""
_HEADS = ("diff ", "index ", "--- ", "+++ ", "similarity ", "rename ", "new file", "deleted file")
_TWO = 2


class PatchLine(Struct, frozen=True):
    """A line of a patch, and what kind it is."""

    text: str
    kind: str


class ShownCode(Struct, frozen=True):
    """What is shown of code."""

    tables: tuple[ShownTable, ...]
    patch: tuple[PatchLine, ...]
    """Of two sides alone."""


def code_page(project: Project, asked: Asked) -> Page:
    """Return what differs in the code of what is asked for."""
    sides = read_several(project, asked.every("run"))
    labels = [one.side.label for one in sides]
    return Page("code.html", "Code", {"code": code_among(project, sides), "labels": labels})


def code_among(project: Project, sides: Sequence[RevisionSide]) -> ShownCode:
    """Return what differs in the code of sides, from the first."""
    if len(sides) < _TWO:
        return ShownCode((), ())
    found = differences_among(project, sides)
    alone = replace(
        found, params=(), metrics=(), data=(), environment=None, machine=None, commands=()
    )
    document = differences_document(alone, [one.oid for one in sides])
    tables = tuple(shown(widened(table)) for table in document.tables())
    two = len(sides) == _TWO and bool(found.code)
    return ShownCode(tables, tuple(_patch(project, sides[0], sides[1])) if two else ())


def _patch(project: Project, old: RevisionSide, new: RevisionSide) -> Iterator[PatchLine]:
    with CodeDiff(project, old, new) as changed:
        text = changed.patch(colour=False).decode(errors="replace")
    yield from _lines(text.split("\n")[:_MOST_LINES])


def _lines(texts: Iterable[str]) -> Iterator[PatchLine]:
    for text in texts:
        yield PatchLine(harmless(text.replace("\t", "    ")), _kind(text))


def _kind(text: str) -> str:
    if text.startswith(_HEADS):
        return "head"
    return {"+": "add", "-": "del", "@": "hunk"}.get(text[:1], "")
