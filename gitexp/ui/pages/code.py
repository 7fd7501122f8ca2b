"""The patch between two revisions, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from gitexp.model.text import harmless
from gitexp.project import Project
from gitexp.revisions.code import CodeDiff
from gitexp.revisions.sides import read_several
from gitexp.ui.page import Asked, Page

_MOST_LINES = 5000
"""More of a patch than anybody reads on a page."""
_HEADS = ("diff ", "index ", "--- ", "+++ ", "similarity ", "rename ", "new file", "deleted file")


class PatchLine(Struct, frozen=True):
    """A line of a patch, and what kind it is."""

    text: str
    kind: str


def patch_part(project: Project, asked: Asked) -> Page:
    """Return the patch from the first revision that is asked for to the second."""
    sides = read_several(project, asked.every("run")[:2])
    lines: list[PatchLine] = []
    if len(sides) > 1:
        with CodeDiff(project, sides[0], sides[1]) as changed:
            found = changed.changes()
            text = changed.patch(colour=False).decode(errors="replace") if found else ""
        lines = list(_lines(text.splitlines()[:_MOST_LINES]))
    return Page("code.html", "Code", {"lines": lines, "labels": [one.side.label for one in sides]})


def _lines(texts: Iterable[str]) -> Iterator[PatchLine]:
    for text in texts:
        yield PatchLine(harmless(text.replace("\t", "    ")), _kind(text))


def _kind(text: str) -> str:
    if text.startswith(_HEADS):
        return "head"
    return {"+": "add", "-": "del", "@": "hunk"}.get(text[:1], "")
