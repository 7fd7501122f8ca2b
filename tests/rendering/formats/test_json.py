from __future__ import annotations

import math

from gitexp.rendering.formats.json import pieces, render
from gitexp.rendering.table import Document, Flat


def test_json_is_strict_and_on_one_line() -> None:
    document = Document(lambda: {"a": [math.nan, "\n"]}, lambda: Flat((), ()), list)

    assert render(document, width=10, colour=True) == '{"a":[{"$float":"nan"},"\\n"]}\n'


def test_what_is_made_one_by_one_is_a_list_that_is_written_in_pieces() -> None:
    document = Document(lambda: iter([{"a": math.nan}, {"b": 1}]), lambda: Flat((), ()), list)

    assert list(pieces(document)) == ['[{"a":{"$float":"nan"}}', ',{"b":1}', "]\n"]


def test_no_items_are_an_empty_list() -> None:
    assert render(Document(lambda: iter([]), lambda: Flat((), ()), list)) == "[]\n"


def test_a_list_in_a_mapping_is_written_in_pieces_too() -> None:
    document = Document(
        lambda: {"metric": "loss", "runs": iter([1, 2]), "none": iter([]), "without": 3},
        lambda: Flat((), ()),
        list,
    )

    assert render(document) == '{"metric":"loss","runs":[1,2],"none":[],"without":3}\n'
