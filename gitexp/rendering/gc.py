"""What `gitexp gc` would free, and `gitexp purge` would take out."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import asdict

from gitexp.rendering.table import BLANK, Column, Document, Flat, Table


class Part(Struct, frozen=True):
    """Something that can go."""

    run: str
    """The name of the run that had it; empty for what belongs to several."""
    what: str
    size: int | None = None
    """Bytes; None if unknown."""


def parts_document(parts: Sequence[Part], notes: Sequence[str] = ()) -> Document:
    """List what can go, with the sum of it."""
    rows = [(part.run, part.what, part.size) for part in parts]
    return Document(
        data=lambda: [asdict(part) for part in parts],
        flat=lambda: Flat(("run", "what", "size"), rows),
        tables=lambda: [_table(parts)] if parts else [],
        notes=tuple(notes),
    )


def _table(parts: Sequence[Part]) -> Table:
    rows: list[tuple[object, ...]] = [
        (part.run, part.what, BLANK if part.size is None else part.size) for part in parts
    ]
    sizes = [part.size for part in parts if part.size is not None]
    if len(sizes) > 1:
        rows.append(("", "together", sum(sizes)))
    columns = (Column("run", "name"), Column("what"), Column("size", "size"))
    return Table(columns, rows, header=True)
