"""Pictures and pages, drawn by the real library and opened in a real browser.

It takes `pip install vl-convert-python playwright`, Chromium on the PATH, and for the rules of
accessibility `npm install axe-core` somewhere, with AXE_JS naming the `axe.min.js` of it.
"""

from __future__ import annotations

import os
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitexp.plots.chart import (
    Axis,
    Chart,
    Curve,
    Given,
    Image,
    Images,
    Lines,
    Matrix,
    Parallel,
    Points,
)
from gitexp.rendering.html import text
from gitexp.rendering.page import page
from gitexp.rendering.pictures import figures

from tests.workshop import Gitexp

pytestmark = pytest.mark.pictures
pytest.importorskip("vl_convert")
sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(os.environ.get("AXE_JS", ""))
SCREENS = ((400, "dark"), (1000, "light"))
EVIL = "</svg></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'\\x41{{x}}\x01\x1b"
LOADING = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "data": {"values": [{"a": 1, "u": "http://127.0.0.1:9/x.png"}]},
    "mark": {"type": "point", "href": "javascript:alert(3)"},
    "encoding": {"x": {"field": "a"}, "href": {"field": "u"}},
}
SCRIPT = b"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(4)">
<script>alert(5)</script><image href="http://127.0.0.1:9/y.png" width="9" height="9"/></svg>"""
HOSTILE: tuple[Chart, ...] = (
    Lines(
        EVIL, EVIL, EVIL, (Curve(EVIL, [0, 1], [1.0, 2.0]), Curve("b", [0, 1], [2.0, 1.0])), EVIL
    ),
    Points(EVIL, EVIL, EVIL, (EVIL, "b"), (EVIL, "c"), (1.0, 2.0), front=(0,), note=EVIL),
    Matrix(EVIL, (EVIL, "b"), (EVIL, "b"), ((1, 2), (3, 4)), EVIL),
    Parallel(EVIL, (EVIL, "b"), (Axis(EVIL, (EVIL, "d")), Axis("n", (1, 2))), EVIL),
    Images(EVIL, (Image(EVIL, "image/svg+xml", SCRIPT),), EVIL),
    Given(EVIL, LOADING, ({EVIL: EVIL},)),
)
_PATIENCE = 180_000
"""Milliseconds: a page of many pictures takes a second, but not where all cores are busy."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, which is not downloaded."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def look(browser: Any, path: Path) -> list[str]:
    """Open a page as people with all sorts of screens do; return what is wrong with it."""
    wrong: list[str] = []
    for width, scheme in SCREENS:
        screen = {"width": width, "height": 800}
        context = browser.new_context(viewport=screen, color_scheme=scheme)
        context.set_default_timeout(_PATIENCE)
        tab = context.new_page()
        listen(tab, path, wrong)
        tab.goto(path.as_uri())
        if path.suffix == ".html":
            wrong += [f"{width} {scheme}: {one}" for one in in_page(tab)]
        context.close()
    return wrong


def listen(tab: Any, path: Path, wrong: list[str]) -> None:
    tab.on("console", lambda message: wrong.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    tab.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    tab.on("request", lambda request: wrong.extend(elsewhere(request.url, path)))


def elsewhere(url: str, path: Path) -> list[str]:
    return [] if url == path.as_uri() or url.startswith("data:image/") else [f"request: {url}"]


def in_page(tab: Any) -> Iterator[str]:
    if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield "wider than the screen"
    broken = "[...document.images].filter(one => !one.naturalWidth).map(one => one.alt)"
    yield from (f"no picture: {one}" for one in tab.evaluate(broken))
    if AXE.is_file():
        # The page lets no script in: this one comes from the browser's own side.
        session = tab.context.new_cdp_session(tab)
        session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        answer = session.send(
            "Runtime.evaluate",
            {
                "expression": "axe.run().then(all => all.violations.map(one =>"
                " one.id + ': ' + one.nodes.map(node => node.html.slice(0, 90)).join(' | ')))",
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        yield from answer["result"]["value"]


@pytest.mark.usefixtures("drawn")
def test_pages_are_whole_in_every_light_and_ask_nobody(
    browser: Any, gitexp: Gitexp, tmp_path: Path
) -> None:
    made = {
        "plots.html": ("plot", "slow", "fast", "--smooth", "0.6", "-o"),
        "front.html": ("plot", "loss", "size", "--kind", "pareto", "-o"),
        "parallel.html": ("plot", "loss", "--kind", "parallel", "-o"),
        "run.html": ("report", "fast", "-o"),
        "two.html": ("report", "slow", "fast", "-o"),
        "many.html": ("report", "--where", "rate > 0", "-o"),
        "curves.svg": ("plot", "slow", "fast", "loss", "-o"),
        "dvc.svg": ("plot", "slow", "fast", "--kind", "dvc", "-o"),
    }
    for name, args in made.items():
        said = gitexp(*args, tmp_path / name)
        assert said.code == 0, said.err
    (tmp_path / "review.html").write_text(gitexp("review", "HEAD", "fast", "--html").out)
    (tmp_path / "story.html").write_text(gitexp("story", "--html").out)

    found = {name: look(browser, tmp_path / name) for name in (*made, "review.html", "story.html")}

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert (tmp_path / "plots.html").read_text().count("<img ") == 9


def test_what_comes_from_a_repository_stays_inert(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(page(EVIL, f"<h1>{text(EVIL)}</h1>{figures(HOSTILE)}"))

    assert look(browser, path) == []


@pytest.mark.usefixtures("drawn")
def test_pictures_are_what_their_names_say(gitexp: Gitexp, tmp_path: Path) -> None:
    starts = {"a.svg": b"<svg ", "a.png": b"\x89PNG", "a.pdf": b"%PDF"}
    for name, start in starts.items():
        assert gitexp("plot", "slow", "fast", "loss", "-o", tmp_path / name).code == 0
        assert (tmp_path / name).read_bytes().startswith(start)

    svg = (tmp_path / "a.svg").read_text()
    ET.fromstring(svg)
    assert "prefers-color-scheme:dark" in svg
    assert re.findall(r">(slow|fast)</text>", svg) == ["slow", "fast"]
