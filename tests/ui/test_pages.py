"""What each page says, and that nothing of a run is more than text on it."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from gitexp.cli.main import main
from gitexp.git.repository import Repository
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.model.paths import TopPath
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import Place
from gitexp.ui import app

from tests.ui.workshop import NASTY, SVG, Browser, png, records, write_run
from tests.workshop import git

NASTY_RUN = "run200000x"
PAGES = (
    "/runs",
    "/runs?column=message&column=params.rate&column=user",
    "/groups",
    f"/run/{NASTY_RUN}",
    f"/compare?run=run000000x&run={NASTY_RUN}",
    f"/code?run=run000000x&run={NASTY_RUN}",
    "/story",
    "/sweeps",
    "/parallel",
    "/models",
    "/live",
    "/runs?where=<script>alert(1)</script>",
    "/run/<script>alert(1)</script>",
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text that stands in none of ours."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words, with single spaces between them."""
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("target", PAGES)
def test_nothing_of_a_run_becomes_an_element(browser: Browser, target: str) -> None:
    page = browser.get(target)

    elements = Elements(page.text)
    for tag, attributes in elements.found:
        assert not any(name.startswith("on") or name == "style" for name in attributes), attributes
        assert attributes.get("src", "/")[:1] == "/", attributes  # type: ignore[index]
        assert not (attributes.get("href") or "/").lower().startswith(("javascript:", "data:"))
        if tag == "script":
            assert "src" in attributes or attributes.get("type") == "application/json"
    assert "&amp;49" not in page.text
    assert "\x1b" not in elements.text


def test_the_table_says_what_the_runs_are(browser: Browser) -> None:
    text = Elements(browser.get("/runs").text).text

    assert "1 to 3 of 3" in text
    assert re.search(r"brave done .* 0.6 0.25 .* good does it help\?", text), text
    assert "failed (1)" in text


def test_the_query_is_that_of_the_command_line(browser: Browser) -> None:
    found = Elements(browser.get("/runs?where=accuracy+>+0.55+and+status+=+done").text).text
    wrong = Elements(browser.get("/runs?where=acuracy+>+0.55").text).text

    assert "1 to 1 of 1" in found
    assert "Did you mean" in wrong


def test_runs_are_sorted_and_shown_a_page_at_a_time(browser: Browser) -> None:
    def names(query: str) -> list[str]:
        return re.findall(r'href="/run/(run\d)', browser.get(f"/runs?{query}").text)

    assert names("sort=metrics.accuracy&order=desc") == ["run2", "run1", "run0"]
    assert names("sort=metrics.accuracy&order=asc") == ["run0", "run1", "run2"]
    assert names("sort=metrics.f1&order=asc&skip=1") == ["run0", "run2"]
    assert names("sort=started&skip=2") == ["run0"]
    assert names("skip=99999999999999999999") == ["run2", "run1", "run0"]


def test_columns_are_those_that_somebody_chose(browser: Browser) -> None:
    page = Elements(browser.get("/runs?column=rate&column=message&column=nothing").text)

    heads = [dict(attributes) for tag, attributes in page.found if tag == "th"]
    assert len([one for one in heads if one.get("scope") == "col"]) == 3


def test_a_run_says_what_show_says(
    project: Path, browser: Browser, capfd: pytest.CaptureFixture[str]
) -> None:
    text = Elements(browser.get("/run/run100000x").text).text
    main(["-C", str(project), "show", "run100000x"])
    shown = capfd.readouterr().out

    for fact in ("does it help?", "accuracy", "0.6", "params.yaml", "plots/map.png"):
        assert fact in text
    without_curves = re.sub(r"\nCurves\n(.+\n)+", "", shown)  # the page draws them
    for word in re.findall(r"[a-z]{4,}", without_curves.partition("Log")[0]):
        assert word in text, word


def test_curves_are_those_of_the_runs(browser: Browser) -> None:
    found = json.loads(browser.get("/series?key=train/loss&run=run000000x&run=run100000x").text)

    assert found == [
        {"id": "run000000x", "name": "calm", "steps": [0, 1, 2], "values": [1.0, 0.5, 0.0]},
        {"id": "run100000x", "name": "brave", "steps": 0, "values": [1.0, 0.5, 0.25]},
    ]


def test_a_comparison_has_values_curves_pictures_and_the_patch(browser: Browser) -> None:
    page = browser.get("/compare?run=calm&run=brave").text
    code = Elements(browser.get("/code?run=calm&run=brave", x_part="1").text).text

    assert "<strong>0.6</strong>" in page
    assert "key=train%2Floss&amp;run=run000000x&amp;run=run100000x" in page
    assert page.count('src="/file/') == 6  # two that it wrote, and one that it logged, of each
    assert "-rate = 0" in code
    assert "+rate = 1" in code
    assert "run.json" not in code


def test_one_run_alone_is_no_comparison(browser: Browser) -> None:
    found = browser.get("/compare?run=calm")

    assert found.status == 400
    assert "one run alone is no comparison" in found.text


def test_the_story_tells_of_repeats_once(browser: Browser) -> None:
    text = Elements(browser.get("/story").text).text

    assert text.count("does it help?") == 2  # other params, so they are two chapters
    assert "No run says" not in text


def test_models_are_listed_with_their_history(project: Path, own_browser: Browser) -> None:
    git("tag", "-a", "digits@v1.0.0", "-m", "the first", "experiments~1", cwd=project)
    git("tag", "-a", "digits#prod#1", "-m", "good enough", "experiments~1", cwd=project)

    listed = Elements(own_browser.get("/models").text).text
    history = Elements(own_browser.get("/models/digits").text).text

    assert "digits" in listed
    assert "prod" in listed
    assert "brave" in listed
    assert "good enough" in history


def test_runs_that_come_meanwhile_are_seen(project: Path, own_browser: Browser) -> None:
    before = own_browser.get("/runs").text
    git("update-ref", "refs/heads/experiments", "experiments~1", cwd=project)
    after = own_browser.get("/runs").text

    assert ("of 3" in before, "of 2" in after) == (True, True)


def test_other_settings_are_seen(project: Path, own_browser: Browser) -> None:
    best = "<strong>0.6</strong>"
    before = own_browser.get("/compare?run=calm&run=brave").text
    (project / "gitexp.yaml").write_text("policy:\n  accuracy: {goal: min}\n")
    after = own_browser.get("/compare?run=calm&run=brave").text

    assert (best in before, best in after) == (True, False)


def test_runs_under_way_are_followed_to_their_end(project: Path, own_browser: Browser) -> None:
    here, top = Place.of(os.getpid()), TopPath("")
    entry = Entry("live00000x", NASTY, str(project), top, top, "2026-01-02T03:04:05+00:00", here)
    with Repository.open(project) as repository:
        journal = Journal(repository)
        journal.write(entry)
        scratch = journal.scratch(entry.id)
        (scratch / LOGGED_FOLDER).mkdir(parents=True)
        (scratch / "output.log").write_text(f"{NASTY}\n")
        log = scratch / LOGGED_FOLDER / "1-0-1.jsonl"
        log.write_text('{"step":0,"time":1.0,"log":{"loss":0.5}}\n')

        listed = own_browser.get("/live")
        followed = own_browser.get("/live/live00000x").text
        with log.open("a") as file:
            file.write('{"step":1,"time":2.0,"log":{"loss":0.25}}\n')
        curves = json.loads(own_browser.get("/series?live=live00000x&key=loss").text)
        journal.remove(entry)

    assert 'href="/live/live00000x"' in listed.text
    assert 'data-source="/series?key=loss&amp;live=live00000x"' in followed
    assert "&lt;img src=x onerror=alert(1)&gt;" in followed
    assert "<img" not in listed.text + followed
    assert (curves[0]["steps"], curves[0]["values"]) == ([0, 1], [0.5, 0.25])
    assert own_browser.get("/series?live=live00000x&key=loss").text == "[]"
    assert own_browser.get("/live/live00000x").status == 400
    assert "what it came to" in own_browser.get("/live/run000000x").text


def test_a_picture_is_one_by_what_it_holds(browser: Browser) -> None:
    picture = browser.get("/file/calm/plots/map.png")
    fake = browser.get("/file/calm/plots/fake.png")
    drawing = browser.get("/file/calm/plots%2Fevil.svg")
    page = browser.get("/run/run200000x").text

    assert (picture.body, picture.headers["content-type"]) == (png(), "image/png")
    for path in ("plots/evil.svg", ".gitexp/figures/graph.svg"):  # saved, but not seen
        address = quote(f"run200000x/{path}", safe="")
        assert f'<a href="/file/{address}" download>{path}</a>' in page
    for found in (fake, drawing):
        assert found.body == SVG
        assert found.headers["content-type"] == "application/octet-stream"
        assert found.headers["content-disposition"].startswith("attachment; ")
    for found in (picture, fake, drawing):
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("path", ["../work/train.py", "/etc/passwd", "plots", ".git/config", "x"])
def test_only_files_of_the_commit_are_served(browser: Browser, path: str) -> None:
    assert browser.get(f"/file/calm/{path}").status == 404


def test_what_is_not_there_is_said(browser: Browser) -> None:
    assert browser.get("/run/nobody").status == 404
    assert "no run &#39;nobody&#39;" in browser.get("/run/nobody").text
    assert browser.get("/nothing").status == 404
    assert browser.get("/assets/uPlot.LICENSE").status == 404


def test_without_runs_each_page_says_so(tmp_path: Path) -> None:
    git("init", "--quiet", tmp_path / "empty")
    with Browser.at(tmp_path / "empty") as browser:
        assert "No runs." in browser.get("/runs").text
        assert "No run says" in browser.get("/story").text
        assert "No sweeps" in browser.get("/sweeps").text
        assert "No models" in browser.get("/models").text
        assert "No run is under way" in browser.get("/live").text
        assert browser.get("/run/latest").status == 404


def test_settings_that_cannot_be_read_are_told_on_the_page_until_they_can(project: Path) -> None:
    with Browser.at(project) as browser:
        path = project / "gitexp.yaml"
        before = path.read_bytes()
        path.write_text("params: [\n")
        broken = browser.get("/runs")
        nowhere = browser.get("/nowhere")
        path.write_bytes(before)
        mended = browser.get("/runs")

    assert (broken.status, nowhere.status, mended.status) == (400, 404, 200)
    assert "gitexp.yaml" in Elements(broken.text).text


def test_what_is_not_allowed_is_not_called_missing(browser: Browser) -> None:
    answer = browser.get("/change/run000000x")

    assert answer.status == 405
    assert "Not allowed" in Elements(answer.text).text


def test_names_that_are_no_unicode_are_shown_and_their_files_served(project: Path) -> None:
    odd = "plots/a\udcff.bin"
    record = replace(
        next(records()),
        id="run900000x",
        outputs=(odd,),
        params={"params.yaml": {"word": "\ud800", "k\ud800": 1, "seed": 2**128, "huge": 10**400}},
    )
    write_run(project, record, {odd: b"odd"})
    with Browser.at(project) as browser:
        pages = ("/runs", "/run/run900000x", "/compare?run=run900000x&run=run000000x")
        found = [browser.get(one) for one in (*pages, "/parallel", "/groups", "/story")]
        file = browser.get("/file/run900000x%2Fplots%2Fa%FF.bin")

    assert [one.status for one in found] == [200] * 6
    assert "/file/run900000x%2Fplots%2Fa%FF.bin" in found[1].text
    assert (file.status, file.body) == (200, b"odd")
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''a%3F.bin"


def test_a_pattern_that_takes_too_long_is_said(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("regex", reason="regex is not installed")
    asked = "/runs?where=message ~ 'a'"
    before = browser.get(asked)
    monkeypatch.setattr(app, "_PATIENCE", 1e-9)

    after = browser.get(asked)

    assert (before.status, after.status) == (200, 400)
    assert "the pattern of `~` takes longer than 1e-09 seconds" in Elements(after.text).text
