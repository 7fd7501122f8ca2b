from __future__ import annotations

from gitexp.rendering.formats.text import render
from gitexp.rendering.table import BLANK, Column, Document, Flat, Group, Table


def document(*tables: Table, log: tuple[str, ...] = ()) -> Document:
    return Document(lambda: None, lambda: Flat((), ()), lambda: tables, log=log)


def test_columns_with_nothing_to_say_are_left_out() -> None:
    table = Table((Column("a"), Column("b"), Column("c")), [("1", "", "2"), ("3", "", "4")], "T")

    assert render(document(table)) == "T\n  1   2\n  3   4\n"


def test_nothing_is_joined_to_an_empty_cell() -> None:
    columns = (Column("a", "value"), Column("b", "value", joined=" → "), Column("c"))

    text = render(document(Table(columns, [(1, 2, "x"), (3, BLANK, "y"), (BLANK, 4, "z")], "T")))

    assert text == "T\n  1 → 2   x\n  3       y\n    → 4   z\n"


def test_the_columns_that_were_left_out_are_named_as_far_as_there_is_room() -> None:
    columns = (Column("a"), *(Column(f"column {at}", rank=at) for at in range(1, 5)))
    table = Table(columns, [["x" * 30] * 5])

    said = {
        width: render(document(table), width=width).splitlines()[1]
        for width in (60, 50, 37, 29, 20)
    }

    assert said == {
        60: "Too wide to show: column 1, column 2 and 2 more (see --json)",
        50: "Too wide to show: column 1 and 3 more (see --json)",
        37: "Too wide to show: column 1 and 3 more",
        29: "Too wide to show: 4 columns",
        20: "Too wide to show: 4…",
    }


def test_every_mark_has_its_colour() -> None:
    marks = ["better", "worse", "~ within tolerance", "lost", "timed out", "done", ""]
    table = Table((Column("m", "mark"), Column("x")), [(mark, "x") for mark in marks])

    assert render(document(table), colour=True).splitlines() == [
        "\x1b[32mbetter\x1b[0m               x",
        "\x1b[31mworse\x1b[0m                x",
        "\x1b[2m~ within tolerance\x1b[0m   x",
        "\x1b[31mlost\x1b[0m                 x",
        "\x1b[33mtimed out\x1b[0m            x",
        "done                 x",
        "                     x",
    ]


def test_a_log_is_shown_whole_and_harmless() -> None:
    log = document(log=("a\tb", "\x1b[2J", "x" * 100))

    assert render(log, width=20) == f"Log\n  a       b\n  \\x1b[2J\n  {'x' * 100}\n"


def test_nothing_is_nothing() -> None:
    assert render(document()) == ""


def test_notes_are_wrapped_and_a_legend_tells_what_is_marked() -> None:
    table = Table((Column("a"),), [("1",), ("2",)], best=frozenset({(1, 0)}))
    noted = Document(
        lambda: None, lambda: Flat((), ()), lambda: [table], notes=("so it is said",), legend="best"
    )

    assert render(noted, width=9) == "1\n2 *\n* best\nso it is\nsaid\n"
    assert render(noted, colour=True).splitlines()[1] == "\x1b[32m2 *\x1b[0m"


def test_groups_stand_in_one_table() -> None:
    groups = (Group(0, "Metrics", "m.json"), Group(1, "Params"))
    table = Table((Column("a"), Column("b")), [("x", "1"), ("yy", "2")], header=True, groups=groups)

    assert render(document(table)) == "  a    b\nMetrics (m.json)\n  x    1\nParams\n  yy   2\n"
