from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from gitexp.comparison.changes import CodeChange, Side
from gitexp.comparison.diff import diff_sides
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import DataPointer
from gitexp.rendering.comment import GITHUB_LIMIT, Seen, comment, watermark
from gitexp.review.checks import Finding
from gitexp.review.freshness import Freshness
from gitexp.review.review import Course, End, Pictured, Review, Traced
from gitexp.review.verdict import judge

GITHUB = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""CommonMark with GitHub's tables, strike-through and autolinks."""

OURS = {
    "<!-- gitexp:review . -->",
    "</details>",
    *("<sub>", "</sub>"),
}
SUMMARY = re.compile(r"<details><summary>[A-Za-z ]+\(\d+( changes?)?\)</summary>")
ALLOWED = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("strong_open", "strong_close", "code_inline", "fence", "html_block", "html_inline"),
}
LIVE = re.compile(
    r"@\w|#\d|\bGH-\d|www\.|://|\w\.\w+/|:\w+:|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|[\u202a-\u202e\u2066-\u2069]",
    re.IGNORECASE,
)
"""What GitHub acts upon in text that is no code."""

FENCED = re.compile(
    r"gitexp pull\ngitexp apply [\w.-]+\n"
    r"|%%\{init: [\w\s:{}\",#]+\}%%\nxychart-beta\n[\s\w.\[\],>-]+",
    re.ASCII,
)

NASTY = (
    *("|", "a|b", r"\|", "`", "```", "``\n```", "<script>alert(1)</script>", "<!--", "-->"),
    *("</details>", "@everyone", "@ada", "[x](http://evil.example)", "](http://evil.example)"),
    *("![x](http://evil.example/x.png)", "www.evil.example", "http://evil.example", "#123"),
    *("GH-12", "ada/work#1", "a\nb", "a\r\n\r\n# b", "\u202egnp.exe", "\u2066x", "\x1b[31m"),
    *("&lt;b&gt;", "<http://evil.example>", "a@evil.example", ":tada:", "$x$", "~~x~~"),
    *("0123456789abcdef0123456789abcdef01234567", "```mermaid\nclick A call x()\n```", "---"),
    *("| a | b |\n| - | - |", "- x", "1. x", "> x", "    x", "\u2028", "\x00", "x" * 500, " "),
)
hostile = st.sampled_from(NASTY) | st.text(
    st.sampled_from("|`\\*_~[]()<>@#!&:/ \n\rab1\u202e") | st.characters(), min_size=1, max_size=40
)
values = hostile | st.floats() | st.integers() | st.none() | st.booleans() | st.lists(hostile)


def side(label: str, **found: object) -> Side:
    whole = {"params": {}, "metrics": {}, "pointers": {}, "environment": {}, **found}
    return Side(label, **whole)  # type: ignore[arg-type]


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    """A change in which whatever has a name or a value is as bad as can be."""
    texts = st.dictionaries(hostile, values, max_size=3)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    old, new = (
        side(
            draw(hostile),
            params={draw(hostile): draw(texts)},
            metrics={draw(hostile): draw(texts)},
            pointers={
                name: DataPointer(name, draw(hostile), 5, 2, "input")
                for name in draw(st.lists(hostile, max_size=2))
            },
            environment=draw(st.dictionaries(hostile, hostile, max_size=2)),
        )
        for _ in range(2)
    )
    names = [name for file in new.metrics.values() for name in file]
    policy = Policy(tuple((name, Rule("max", min=1.0, required=True)) for name in names))
    code = (CodeChange(draw(hostile), "renamed", 1, 2, draw(hostile)),)
    diff = diff_sides(old, new, code, policy)
    course = Course(draw(hostile), (draw(floats), draw(floats)), draw(floats | st.none()))
    return Review(
        "",
        End(draw(hostile), "a" * 40),
        End(draw(hostile), "b" * 40),
        judge(old, new, policy, diff=diff),
        diff,
        (Finding("files", "wrong", draw(hostile)), Finding("data", "note", draw(hostile))),
        (Freshness((draw(hostile),), draw(hostile), draw(st.just("k3j9d8s7f6"))),),
        lambda: (course,),
    )


def tokens(text: str) -> list[Token]:
    """Return all tokens, those within lines too."""
    found = []
    for token in GITHUB.parse(text):
        found += [token, *(token.children or [])]
    return found


@st.composite
def things_seen(draw: st.DrawFn) -> Seen:
    """Curves and pictures with names as bad as can be."""
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    pair = st.tuples(numbers, numbers)
    curve = Traced(draw(hostile), (0, 9.5), draw(pair), draw(pair | st.none()))
    raw = "https://example.com/raw/" + "a" * 40
    picture = Pictured(draw(hostile), f"{raw}/{quote(draw(hostile), errors='replace')}", None)
    return Seen((picture,), (curve,))


@given(reviews(), things_seen())
def test_nothing_but_our_own_structure_appears(review: Review, seen: Seen) -> None:
    text = comment(review, seen=seen)

    found = tokens(text)
    assert_whole(found)
    [picture] = [token for token in found if token.type == "image"]
    assert str(picture.attrs["src"]).startswith("https://example.com/raw/aaaa")
    for token in found:
        assert token.type in {*ALLOWED, "image"}, token
        if token.type in ("html_block", "html_inline"):
            for line in filter(None, token.content.splitlines()):
                assert line in OURS or SUMMARY.fullmatch(line), line
        if token.type == "text":
            assert not LIVE.search(token.content), token.content
        if token.type == "fence":
            assert token.info in ("sh", "mermaid")
            assert FENCED.fullmatch(token.content), token.content
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b\r]", text)
    assert len(text.encode()) <= GITHUB_LIMIT


def assert_whole(found: list[Token]) -> None:
    """See that each row has as many cells as its table has heads, and that what opens closes."""
    heads = cells = 0
    for token in found:
        if token.type == "thead_open":
            heads = 0
        elif token.type == "th_open":
            heads += 1
        elif token.type == "tr_open":
            cells = 0
        elif token.type == "td_open":
            cells += 1
        elif token.type == "tr_close":
            assert cells in (0, heads)
    html = "".join(token.content for token in found if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>")


def large(metrics: int, *, broken: bool = False) -> Review:
    """A change of very many metrics, params, packages and files with long names."""
    names = [f"metric_{number:05}_{'x' * 60}" for number in range(metrics)]
    old, new = (
        side(
            label,
            params={"params.yaml": dict.fromkeys(names, value)},
            metrics={"metrics.json": dict.fromkeys(names, value)},
            environment=dict.fromkeys(names, str(value)),
        )
        for label, value in (("base", 0.5), ("head", 0.4))
    )
    rule = Rule("max", max_drop=0.01) if broken else Rule("max")
    policy = Policy((("*", rule),))
    code = tuple(CodeChange(f"{name}.py", "added", 1, 0) for name in names)
    diff = diff_sides(old, new, code, policy)
    ends = End("base", "a" * 40), End("head", "b" * 40)
    return Review("", *ends, judge(old, new, policy, diff=diff), diff)


def test_ten_thousand_metrics_make_a_small_comment() -> None:
    text = comment(large(10_000))

    assert len(text.encode()) <= GITHUB_LIMIT
    assert "… and 9900 more" in text
    assert (
        text.splitlines()[1]
        == "### ✅ gitexp: passed: nothing is demanded of this change; 10000 metrics are worse"
    )


def test_a_thousand_files_and_runs_make_a_small_comment_that_shows_what_is_broken() -> None:
    names = [f"{number:04}.json" for number in range(1_000)]
    old, new = (
        side(label, params={name: {"a": value} for name in names}, metrics=metrics)
        for label, value, metrics in (
            ("base", 0.5, {name: {"a": 0.5} for name in names}),
            ("head", 0.4, {name: {"a": 0.6} for name in names} | {"0900.json": {"a": 0.4}}),
        )
    )
    policy = Policy((("a", Rule("max", max_drop=0.01)),))
    diff = diff_sides(old, new, (), policy)
    runs = tuple(Freshness((name,), f"run-{name}", f"id{at}") for at, name in enumerate(names))
    ends = End("base", "a" * 40), End("head", "b" * 40)

    text = comment(Review("", *ends, judge(old, new, policy), diff, (), runs))

    assert len(text.encode()) <= GITHUB_LIMIT
    assert "**Metrics** (`0900.json`)" in text
    assert [line for line in text.splitlines() if line.startswith("… and ")] == [
        "… and 980 more files with metrics",
        "… and 980 more runs",
        "… and 980 more files with params",
        "… and 899 more",
    ]
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("most", [65_536, 40_000, 20_000, 8_000, 3_000])
def test_what_matters_least_is_cut_first_and_that_is_said(most: int) -> None:
    review = large(2_000, broken=True)

    text = comment(review, most)

    assert len(text.encode()) <= most
    assert text.startswith(
        f"{watermark('')}\n### ❌ gitexp: not passed, for 2000 reasons; 2000 metrics are worse\n"
    )
    cut = re.search(r"Cut for lack of room: (.*)\.", text)
    order = ["environment", "code", "params", "notes", "metrics", "reasons"]
    if most < 65_536:
        assert cut is not None
        assert cut[1].split(", ") == order[: len(cut[1].split(", "))]
    assert text.count("<details>") == text.count("</details>")


def test_nothing_hides_that_a_change_moves_the_ground_it_is_judged_on() -> None:
    moved = Finding("policy", "note", "the change is judged by its own gitexp.yaml", "gitexp.yaml")
    noise = tuple(Finding("files", "note", f"note {number}") for number in range(200))

    text = comment(replace(large(2_000), findings=(*noise, moved)), most=3_000)

    assert text.splitlines()[2:4] == ["", "⚠️ the change is judged by its own gitexp.yaml"]
    assert text.count("judged by its own") == 1


def test_a_comment_tells_the_answer_first_then_what_moved() -> None:
    old = side(
        "base",
        params={"params.yaml": {"rate": 0.1}},
        metrics={"metrics.json": {"accuracy": 0.95, "loss": 0.4, "n": 3}},
        pointers={"data": DataPointer("data", "a" * 32, 100, 3, "input")},
    )
    new = replace(
        old,
        params={"params.yaml": {"rate": 0.2}},
        metrics={"metrics.json": {"accuracy": 0.92, "loss": 0.3, "n": 3, "f1": 0.5}},
        pointers={"data": DataPointer("data", "b" * 32, 2_000_000, 4, "input")},
    )
    policy = Policy((("accuracy", Rule("max", max_drop=0.01, min=0.9)), ("loss", Rule("min"))))
    code = (CodeChange("train.py", "modified", 3, 1),)
    diff = diff_sides(old, new, code, policy)
    runs = (Freshness(("metrics.json",), "brave-otter-7f", "7f00000000"),)
    review = Review(
        "models/a",
        End("merge base", "a" * 40),
        End("topic", "b" * 40),
        judge(old, new, policy, diff=diff),
        diff,
        (Finding("freshness", "note", "otter also had notes, which git does not have here"),),
        runs,
        lambda: (Course("accuracy", (0.9, 0.95, 0.92), 0.95, 2),),
    )

    assert comment(review).replace(review_version(review), "V") == EXPECTED


def review_version(review: Review) -> str:
    return comment(review).rpartition("by gitexp ")[2].removesuffix(".</sub>\n")


EXPECTED = """\
<!-- gitexp:review models/a -->
### ❌ gitexp `models/a`: not passed, for 1 reason; 1 metric is better, 1 is worse

- accuracy fell by 0.03, more than the 0.01 allowed

| metric | base | head | change | % | outcome |
| --- | --: | --: | --: | --: | --- |
| accuracy | 0.95 | 0.92 | -0.03 | -3.2 % | ❌ worse |
| loss | 0.4 | 0.3 | -0.1 | -25.0 % | 🟢 better |
| f1 | \N{EN DASH} | 0.5 |  |  | new |

1 metric did not change.

**Run** `brave-otter-7f` has the inputs that are here, and made these metrics. To get it:

```sh
gitexp pull
gitexp apply brave-otter-7f
```

`accuracy` over the last 3 runs, of which number 3 is behind this change; \
the level line is the base:

```mermaid
%%{init: {"xyChart": {"height": 240}, \
"themeVariables": {"xyChart": {"plotColorPalette": "#0969da, #8c959f"}}}}%%
xychart-beta
    x-axis [1, 2, 3]
    y-axis 0.896 --> 0.954
    line [0.9, 0.95, 0.92]
    line [0.95, 0.95, 0.95]
```

<details><summary>Params (1 change)</summary>

| name | old | new |
| --- | --: | --: |
| rate | 0.1 | 0.2 |

</details>

<details><summary>Data and models (1 change)</summary>

| path | old | new | files |
| --- | --: | --: | --- |
| data | 100 B | 2.0 MB | 3 → 4 files |

</details>

<details><summary>Code (1 change)</summary>

| path | status | lines |
| --- | --- | --- |
| train.py | modified | +3 -1 |

</details>

<details><summary>Demands that are kept (1)</summary>

- accuracy is 0.92, at least 0.9

</details>

**Notes**

- data changed: data
- otter also had notes, which git does not have here

<sub>The merge base `aaaaaaaaaa` against `bbbbbbbbbb`, by gitexp V.</sub>
"""
