from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gitexp.rendering.formats.markdown import code, inline, phrase, render
from gitexp.rendering.table import Column, Document, Flat, Table

LIVE = re.compile(r"<(?!/?(?:p|code|table|thead|tbody|tr|th|td|h3)\b)")
"""A tag that is neither a table's nor a code span's."""
HTML = MarkdownIt("gfm-like", {"linkify": False, "html": True})

hostile = st.text(
    st.sampled_from("|`\\*_~[]()<>@#!&:/ \nab1") | st.characters(), min_size=1, max_size=30
)


def document(*rows: tuple[str, str]) -> Document:
    table = Table((Column("a", "name"), Column("b")), rows, header=True)
    return Document(lambda: None, lambda: Flat((), ()), lambda: [table])


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=4))
def test_no_cell_gets_out_of_its_place_or_is_markup(rows: list[tuple[str, str]]) -> None:
    html = HTML.render(render(document(*rows)))

    assert not LIVE.search(html)
    assert html.count("<td") == 2 * len(rows)
    assert html.count("<tr>") == len(rows) + 1


@given(hostile)
def test_a_line_of_text_is_one_paragraph_without_markup(text: str) -> None:
    html = HTML.render(inline(text))

    assert not LIVE.search(html)
    assert html.count("<p>") == (1 if inline(text).strip() else 0)


@given(hostile)
def test_no_phrase_is_markup(text: str) -> None:
    html = HTML.render(phrase(text))

    assert not LIVE.search(html)
    assert html.count("<p>") == (1 if phrase(text).strip() else 0)


def test_a_phrase_keeps_its_words_beside_what_has_to_be_code() -> None:
    assert phrase("looser: val_loss: max 1 → 2, @all") == "looser: `val_loss`: max 1 → 2, `@all`"
    assert phrase("no metric is called 'a'; did you mean 'b.c'?") == (
        "no metric is called `a`; did you mean `b.c`?"
    )
    assert phrase("run `gitexp pull`@all") == "run `gitexp pull` `@all`"


@pytest.mark.parametrize(
    "text",
    [
        "@all",
        "ada@example.com",
        "#12",
        "GH-12",
        "gh-12",
        "PROJ-12",
        "%v1",
        "org/repo#1",
        "https://example.com",
        "www.example.com",
        "3f2a1b2",
        "0123456789abcdef0123456789abcdef01234567",
        ":smile:",
        "_x_",
        "*x*",
        "~~x~~",
        "<b>",
        "&amp;",
        "![x](y)",
        "$x$",
        "- item",
        "1. item",
    ],
)
def test_what_github_would_act_upon_is_code(text: str) -> None:
    assert inline(text) == f"`{text}`"


@pytest.mark.parametrize("text", ["0.5", "1234567", "-1e-07", "+2.0 %", "adam", "1.2 MB → 2 MB"])
def test_what_is_plain_stays_so(text: str) -> None:
    assert inline(text) == text


def test_backticks_are_fenced_by_more_backticks() -> None:
    assert code("a`b``c") == "```a`b``c```"
    assert code("`a`") == "`` `a` ``"
    assert code("") == ""


def test_a_log_cannot_close_its_fence() -> None:
    log = Document(lambda: None, lambda: Flat((), ()), list, log=("```", "<b>", "````"))

    assert render(log) == "**Log**\n\n`````text\n```\n<b>\n````\n`````\n"


def test_a_heading_is_inert() -> None:
    heading = Document(lambda: None, lambda: Flat((), ()), list, heading=("@all", "main"))

    assert render(heading) == "### `@all` → `main`\n"
