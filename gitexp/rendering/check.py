"""What `gitexp check` shows."""

from __future__ import annotations

from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.review.checks import Check, check_data

_COLUMNS = (Column("mark", "mark", head=""), Column("check"), Column("finding", limit=0))
_FLAT = ("rev", "check", "mark", "subject", "words")


def check_document(check: Check) -> Document:
    """Show each finding as a line, and the answer below."""
    findings = check.findings
    return Document(
        data=lambda: check_data(check),
        flat=lambda: Flat(
            _FLAT, [(check.label, one.topic, one.mark, one.subject, one.words) for one in findings]
        ),
        tables=lambda: [Table(_COLUMNS, [(one.mark, one.topic, one.words) for one in findings])],
        heading=(check.label,),
        notes=(_ending(check),),
    )


def _ending(check: Check) -> str:
    wrong = sum(one.mark == "wrong" for one in check.findings)
    return f"not passed: {wrong} of {len(check.findings)}" if wrong else "passed"
