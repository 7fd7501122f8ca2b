from __future__ import annotations

import math

from gitexp.rendering.formats.json import render
from gitexp.rendering.table import Document, Flat


def test_json_is_strict_and_on_one_line() -> None:
    document = Document(lambda: {"a": [math.nan, "\n"]}, lambda: Flat((), ()), list)

    assert render(document, width=10, colour=True) == '{"a":[{"$float":"nan"},"\\n"]}\n'
