"""What `gitexp doctor` shows: one line for each finding."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict

from gitexp.doctor.finding import Finding
from gitexp.rendering.table import Column, Document, Flat, Table

_COLUMNS = (Column("mark", "mark"), Column("subject"), Column("finding", limit=0))


def doctor_document(findings: Sequence[Finding]) -> Document:
    """Show findings in their order, each with what to do about it."""
    return Document(
        data=lambda: [asdict(one) for one in findings],
        flat=lambda: Flat(
            ("mark", "subject", "text", "hint"),
            [(one.mark, one.subject, one.text, one.hint or "") for one in findings],
        ),
        tables=lambda: [Table(_COLUMNS, [_row(one) for one in findings])],
    )


def _row(one: Finding) -> tuple[str, str, str]:
    return one.mark, one.subject, one.text if one.hint is None else f"{one.text}. {one.hint}"
