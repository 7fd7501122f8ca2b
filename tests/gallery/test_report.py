"""`gitexp report` and `gitexp review --html`: pages that need no more than a browser."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gitexp.plots.chart import Axis as ParallelAxis
from gitexp.plots.chart import Curve, Given, Image, Images, Lines, Matrix, Parallel, Points
from gitexp.rendering.html import document_html
from gitexp.rendering.page import markdown, page
from gitexp.rendering.pictures import figures
from gitexp.rendering.table import Column, Document, Flat, Table

from tests.workshop import Gitexp

EVIL = "</td></script><script>alert(1)</script><img src=x onerror=alert(2)>\"' `{{}}` \x1b[2J"


class Tags(HTMLParser):
    """The elements of a page, and which of their attributes are ever used."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]


ALLOWED = set(
    "html head meta title style body main h1 h2 h3 p ul li table thead tbody tr th td small code"
    " strong pre section figure figcaption img div details summary em blockquote".split()
)


def assert_inert(html: str) -> None:
    tags = Tags(html)
    assert tags.found <= ALLOWED
    assert tags.attributes <= set(
        "lang charset name content http-equiv scope tabindex src alt class".split()
    )
    assert all(re.match(r"data:image/[a-z+]+;base64,[\w+/=]+$", one) for one in tags.sources)
    assert "\x1b" not in html


@pytest.fixture
def _no_vl_convert(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nobody has installed what draws pictures."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)


@pytest.mark.usefixtures("_no_vl_convert")
def test_a_table_of_a_thinned_curve_says_that_rows_are_left_out() -> None:
    def shown(points: int) -> str:
        curve = Curve("a", list(range(points)), [1.0] * points)
        return figures([Lines("loss", "step", "loss", (curve,))], lacking="lacking")

    assert "rows are left out" in shown(5_000)
    assert "rows are left out" not in shown(40)


@pytest.mark.usefixtures("_no_vl_convert")
def test_names_and_values_stay_text_whatever_they_are() -> None:
    table = Table((Column(EVIL), Column("b")), [(EVIL, EVIL)], EVIL, EVIL, header=True)
    document = Document(
        data=dict, flat=lambda: Flat((), ()), tables=lambda: [table], notes=(EVIL,), log=(EVIL,)
    )
    charts = (
        Lines(EVIL, EVIL, EVIL, (Curve(EVIL, [0], [1.0]),), EVIL),
        Points(EVIL, EVIL, EVIL, (EVIL,), (EVIL,), (1.0,), note=EVIL),
        Matrix(EVIL, (EVIL,), (EVIL,), ((1,),), EVIL),
        Parallel(EVIL, (EVIL,), (ParallelAxis(EVIL, (EVIL,)),), EVIL),
        Images(EVIL, (Image(EVIL, "image/svg+xml", EVIL.encode()),), EVIL),
        Given(EVIL, {}, ({EVIL: EVIL},)),
    )

    body = document_html(document) + figures(charts, lacking="lacking") + markdown(EVIL)
    html = page(EVIL, body)

    assert_inert(html)
    assert html.count("alert(1)") > len(charts)


@pytest.mark.usefixtures("drawn", "_no_vl_convert")
def test_a_report_says_what_show_and_diff_say(gitexp: Gitexp, tmp_path: Path) -> None:
    one, two, many = (tmp_path / f"{name}.html" for name in ("one", "two", "many"))

    code, out, err = gitexp("report", "fast", "-o", one)
    said = (
        f"note: '{one}' is written\nnote: (\\d+) pictures are left out, because vl-convert is not"
    )
    undrawn = re.match(said, err)
    assert (code, out) == (0, "")
    assert undrawn is not None
    assert int(undrawn[1]) == one.read_text().count("This picture needs")
    assert gitexp("report", "slow", "fast", "-o", two).code == 0
    assert gitexp("report", "--where", "rate > 0", "-o", many).code == 0

    shown = one.read_text()
    assert "<h1>fast</h1>" in shown
    rate, number = '<td class="whole">rate</td>', '<td class="right">'
    assert f"{rate}{number}0.5</td>{number}0.1</td>" in shown
    assert f"{rate}{number}0.1</td>{number}0.5</td>" in two.read_text()
    assert re.search(r'<td class="whole">\d{4}-\d\d-\d\d \d\d:\d\d UTC</td>', many.read_text())
    assert "<h2>loss over 3 runs</h2>" in many.read_text()
    for path in (one, two, many):
        assert_inert(path.read_text())
        assert "needs `pip install vl-convert-python`" in path.read_text()


@pytest.mark.usefixtures("drawn", "_no_vl_convert")
def test_a_picture_without_the_library_is_refused_with_what_to_install(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    for name in ("a.svg", "a.png", "a.pdf", "a.html"):
        code, out, err = gitexp("plot", "slow", "-o", tmp_path / name)

        assert (code, out) == (2, "")
        assert err.startswith("error: vl-convert, which draws pictures, is not installed\n")
        assert "`pip install vl-convert-python`" in err
        assert not (tmp_path / name).exists()


@pytest.mark.usefixtures("drawn")
def test_a_report_is_of_what_there_is(gitexp: Gitexp) -> None:
    for args, said in (
        (["absent"], "error: no run or rev 'absent'\n"),
        (["HEAD"], "error: 'HEAD' is no run\nhint: Name a run, or what to compare"),
        (["--where", "rate > 9"], "error: no run matches\n"),
        (["fast", "--where", "rate > 0"], "error: a report is of runs or of a query\n"),
        (["fast", "-o", "a.pdf"], "error: a report is not written as 'a.pdf'\n"),
    ):
        code, out, err = gitexp("report", *args)

        assert (code, out) == (2, "")
        assert err.startswith(said)


@pytest.mark.usefixtures("drawn", "_no_vl_convert")
def test_a_review_is_a_page_with_the_answer_first(gitexp: Gitexp) -> None:
    code, out, err = gitexp("review", "HEAD", "fast", "--html")

    assert code == 0
    assert "(`pip install vl-convert-python`)\n" in err
    assert_inert(out)
    assert "<h1>Review of fast</h1>\n<p><strong>✅ passed: " in out
    assert '<div class="beside">' in out
