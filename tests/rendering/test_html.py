"""What a notebook shows: tables in which nothing that somebody wrote is live."""

from __future__ import annotations

from gitexp.rendering.html import html_of
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m&"
SHOWN = "&lt;img src=x onerror=alert(1)&gt;"


def document(*tables: Table, **more: object) -> Document:
    return Document(
        data=list,
        flat=lambda: Flat((), []),
        tables=lambda: tables,
        **more,  # type: ignore[arg-type]
    )


def test_names_values_notes_and_logs_are_text() -> None:
    columns = (Column(HOSTILE, "name"), Column("v", "value"))
    table = Table(columns, [(HOSTILE, HOSTILE)], HOSTILE, HOSTILE, header=True)

    found = html_of(document(table, heading=(HOSTILE,), notes=(HOSTILE,), log=(HOSTILE,)))

    assert found.count(SHOWN) == 8
    assert "<img" not in found
    assert "\x1b" not in found


def test_numbers_stand_on_the_right_and_a_column_without_a_word_is_left_out() -> None:
    columns = (Column("name"), Column("v", "value"), Column("none"))

    found = html_of(document(Table(columns, [("a", 0.1 + 0.2, BLANK), ("b", 2, BLANK)])))

    assert found == (
        '<div><table><tbody><tr><td>a</td><td style="text-align: right">0.3</td></tr>'
        '<tr><td>b</td><td style="text-align: right">2</td></tr></tbody></table></div>'
    )
