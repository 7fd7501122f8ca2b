"""What `gitexp check` shows."""

from __future__ import annotations

from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.review.checks import Answer, Check, check_data

_MARKS: dict[Answer, str] = {"yes": "ok", "note": "note", "no": "no"}
_COLUMNS = (
    Column("answer", "mark", head=""),
    Column("check"),
    Column("finding", limit=0),
)
_FLAT = ("rev", "check", "answer", "subject", "words")


def check_document(check: Check) -> Document:
    """Show each finding as a line, and the answer below."""
    return Document(
        data=lambda: check_data(check),
        flat=lambda: Flat(
            _FLAT,
            [
                (check.label, one.topic, one.answer, one.subject, one.words)
                for one in check.findings
            ],
        ),
        tables=lambda: [
            Table(
                _COLUMNS,
                [(_MARKS[one.answer], one.topic, one.words) for one in check.findings],
            )
        ],
        heading=(check.label,),
        notes=(_ending(check),),
    )


def _ending(check: Check) -> str:
    refused = sum(one.answer == "no" for one in check.findings)
    return f"not passed: {refused} of {len(check.findings)}" if refused else "passed"
