"""The pages in a real browser: nothing is run that is not ours, and everybody can use them.

It takes Chromium on the PATH and `pip install playwright`; with AXE_JS naming the `axe.min.js` of
an `npm install axe-core`, the pages are also held against the rules for accessibility.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workshop import sealed

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(os.environ.get("AXE_JS", ""))

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

NASTY_RUN = "run200000x"
PAGES = (
    "runs",
    "groups",
    f"run/{NASTY_RUN}",
    f"compare?run=run000000x&run={NASTY_RUN}",
    "compare?run=run000000x&run=run100000x",
    "story",
    "sweeps",
    "parallel",
    "models",
    "live",
    "runs?where=loss+%3C",
)


class Tab:
    """A tab of a browser, with all that should not have happened in it."""

    def __init__(self, page: Any, base: str) -> None:
        self.page = page
        self.base = base
        self.wrong: list[str] = []
        page.on("console", lambda said: self.wrong.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if not request.url.startswith(self.base):
            self.wrong.append(f"request: {request.url}")

    def open(self, name: str) -> None:
        """Open a page, and have it settle."""
        self.page.goto(f"{self.base}/{name}", wait_until="networkidle")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The first address of a page that may change things."""
    top = tmp_path_factory.mktemp("seen") / "work"
    shutil.copytree(original, top, symlinks=True)
    command = [sys.executable, "-m", "gitexp", "-C", str(top), "ui", "--edit", "--port", "0"]
    env = sealed(tmp_path_factory.mktemp("home"))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture(params=[("light", 1200), ("dark", 1200), ("light", 400)], ids=str)
def tab(chromium: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A tab at the page: in light and dark, wide and narrow."""
    scheme, width = request.param
    size = {"width": width, "height": 800}
    context = chromium.new_context(color_scheme=scheme, viewport=size)
    found = Tab(context.new_page(), address.partition("/runs?")[0])
    found.page.goto(address)
    yield found
    context.close()


def test_pages_run_nothing_ask_nobody_and_fit(tab: Tab) -> None:
    for name in PAGES:
        tab.open(name)
        assert tab.wrong == [], name
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.page.evaluate(wide) <= 0, name


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_JS names no axe.min.js")
def test_pages_keep_the_rules_for_accessibility(tab: Tab) -> None:
    for name in PAGES:
        tab.open(name)
        tab.page.evaluate(AXE.read_text())
        found = tab.page.evaluate("axe.run().then((found) => found.violations)")
        told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
        assert told == [], name


@pytest.fixture
def plain(chromium: Any, address: str) -> Iterator[Tab]:
    """A tab as most people have it."""
    context = chromium.new_context()
    found = Tab(context.new_page(), address.partition("/runs?")[0])
    found.page.goto(address)
    yield found
    context.close()


def test_the_table_is_sorted_and_searched_by_the_keyboard(plain: Tab) -> None:
    page = plain.page
    page.focus("thead a >> text=accuracy")
    page.keyboard.press("Enter")
    page.wait_for_selector("#main[data-shown='1']")
    focused = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_selector("#main[data-shown='2']")
    first = page.text_content("tbody tr:first-child th")
    page.keyboard.press("/")  # no: a link has the focus, not the text
    page.fill("#where", "status = done")
    page.keyboard.press("Enter")
    page.wait_for_selector("#main[data-shown='3']")
    page.go_back()
    page.wait_for_selector("#main[data-shown='4']")

    assert focused == "accuracy"
    assert first == "calm"
    assert "of 3" in page.text_content(".count")
    assert plain.wrong == []


def test_curves_are_drawn_over_one_another(plain: Tab) -> None:
    page = plain.page
    plain.open("compare?run=run000000x&run=run100000x")
    page.wait_for_selector("figure[data-drawn='2'] canvas")
    page.check("input[name=log]")
    page.fill("input[name=smooth]", "0.5")

    assert "smoothed by an exponential mean of 0.5" in page.text_content(".curve-options output")
    assert page.text_content(".u-legend tr:nth-child(2) .u-label") == "calm"
    assert "+rate = 1" in page.text_content("[data-part] pre")
    picture = page.locator("img[src$='map.png']").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 2
    assert plain.wrong == []


def test_curves_of_other_steps_are_smoothed_and_what_is_no_number_is_a_gap(plain: Tab) -> None:
    page = plain.page
    curves = [
        {"id": "a", "name": "a", "steps": [0, 1, 2, 3], "values": [1.0, None, 3.0, None]},
        {"id": "b", "name": "b", "steps": [0, 2], "values": [2.0, 4.0]},
    ]
    page.route("**/series?*", lambda route: route.fulfill(json=curves))
    plain.open("compare?run=run000000x&run=run100000x")
    page.wait_for_selector("figure[data-drawn='2'] canvas")
    page.fill("input[name=smooth]", "0.5")
    chart = "document.querySelector('figure.chart').chart"
    told = "(values) => values.map((one) => one === undefined ? 'none' : one)"
    drawn = page.evaluate(f"{chart}.data.slice(1).map({told})")
    alone = page.evaluate(f"{chart}.series[1].points.filter({chart}, 1, false)")

    assert drawn[0] == [1.0, None, pytest.approx(7 / 3), None]
    assert drawn[1] == [2.0, "none", pytest.approx(10 / 3), "none"]
    assert alone == [0, 2]
    assert plain.wrong == []


def test_ends_of_an_axis_keep_their_digits_and_an_axis_may_be_empty(plain: Tab) -> None:
    page = plain.page
    drawn = {
        "axes": ["metrics.size", "metrics.close", "metrics.none", "params.seed", "params.mixed"],
        "lines": [
            {"id": "a", "name": "a", "values": [1200.4, 1200.5, None, 2**70, 0.5]},
            {"id": "b", "name": "b", "values": [2000000, 1200.7, None, 3, "abc"]},
        ],
    }
    page.add_init_script("""
        window.written = [];
        const fill = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
          window.written.push(text);
          return fill.call(this, text, ...rest);
        };
    """)

    def answer(route: Any) -> None:
        found = route.fetch()
        block = 'class="parallel-data">'
        head, _, rest = found.text().partition(block)
        tail = rest.partition("</script>")[2]
        route.fulfill(response=found, body=f"{head}{block}{json.dumps(drawn)}</script>{tail}")

    page.route("**/parallel?*", answer)
    plain.open("parallel?column=params.rate")
    page.wait_for_selector("canvas[data-drawn='2']")
    written = page.evaluate("window.written")

    assert {"1200", "2000000", "1200.5", "1200.7", "0.5", "abc"} <= set(written)
    assert "12" not in written
    assert not any("Infinity" in one or "NaN" in one for one in written)
    assert plain.wrong == []


def test_a_line_for_each_run_crosses_the_axes(plain: Tab) -> None:
    plain.open("parallel?column=params.rate&column=metrics.accuracy")
    plain.page.wait_for_selector("canvas[data-drawn='3']")
    box = plain.page.locator("canvas").bounding_box()
    plain.page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 20)
    plain.page.mouse.down()
    plain.page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 120)
    plain.page.mouse.up()

    plain.page.wait_for_selector("canvas[data-drawn='1']")
    assert plain.page.text_content(".parallel-told") == "1 run: calm"
    assert plain.wrong == []


def test_ranges_of_axes_are_set_by_the_keyboard(plain: Tab) -> None:
    plain.open("parallel?column=params.rate&column=metrics.accuracy")
    page = plain.page
    page.wait_for_selector("canvas[data-drawn='3']")
    page.focus("details.ranges summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("End")

    page.wait_for_selector("canvas[data-drawn='1']")
    assert page.text_content(".parallel-told").startswith("1 run: ")
    said = "document.activeElement.getAttribute('aria-valuetext')"
    assert page.evaluate(said) == page.text_content("fieldset label:last-child output")
    if AXE.is_file():
        page.evaluate(AXE.read_text())
        assert page.evaluate("axe.run().then((found) => found.violations.length)") == 0
    page.keyboard.press("Home")
    page.wait_for_selector("canvas[data-drawn='3']")
    assert plain.wrong == []


def test_a_live_page_says_when_nobody_answers_and_goes_on(plain: Tab) -> None:
    page = plain.page
    plain.open("live")
    page.route("**/live", lambda route: route.abort())
    page.wait_for_selector("[role=status].problem >> text=not up to date")
    page.unroute("**/live")

    page.wait_for_selector("[role=status]:not(.problem)", state="attached")
    assert page.text_content("[role=status]") == ""


def test_a_tag_is_given_by_the_form(plain: Tab) -> None:
    plain.open("run/calm")
    plain.page.fill("form:has([value=tag]) [name=text]", "from-the-page")
    plain.page.click("form:has([value=tag]) button")

    plain.page.wait_for_selector("button >> text=Take away the tag from-the-page")
    assert plain.wrong == []


def test_pages_as_files_work_from_the_disk(chromium: Any, original: Path, tmp_path: Path) -> None:
    site = tmp_path / "a site"
    command = [sys.executable, "-m", "gitexp", "-C", str(original), "ui", "--export", str(site)]
    subprocess.run(command, check=True, capture_output=True)
    tab = Tab(chromium.new_page(), "file://")
    for path in sorted(site.rglob("*.html")):
        tab.page.goto(path.as_uri(), wait_until="networkidle")
    tab.page.goto((site / "compare.html").as_uri())
    tab.page.wait_for_selector("figure[data-drawn='3'] canvas")
    tab.page.goto((site / "index.html").as_uri())
    tab.page.click("th button >> text=accuracy")

    assert tab.page.text_content("tbody tr:first-child th") == "calm"
    assert tab.wrong == []
