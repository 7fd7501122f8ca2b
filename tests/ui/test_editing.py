"""What the page may change, and who may have it do so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.project import Project

from tests.ui.workshop import Browser


@pytest.fixture
def editor(project: Path) -> Iterator[Browser]:
    """A browser at a page that may change what is said of runs."""
    with Browser.at(project, editing=True) as found:
        yield found


def secret(browser: Browser) -> str:
    found = re.search(r'name="secret" value="(\w+)"', browser.get("/run/calm").text)
    assert found is not None
    return found[1]


def test_tags_comments_and_hiding_are_late_facts(project: Path, editor: Browser) -> None:
    given = {"secret": secret(editor)}
    for what, text in (
        ("tag", "best  of-all"),
        ("untag", "good"),
        ("note", "a <b>\r\nc"),
        ("rm", ""),
    ):
        found = editor.post("/change/run000000x", {**given, "what": what, "text": text})
        assert (found.status, found.headers["location"]) == (303, "/run/run000000x")

    page = editor.get("/run/calm").text
    with Project.open(project) as opened:
        run = opened.runs.index.named("run000000x", "")[0]
    assert run.facts.removed
    assert run.record.tags == ("best", "of-all")
    assert [one.text for one in run.facts.comments] == ["a <b>\nc"]
    assert "a &lt;b&gt;" in page
    assert "(removed)" in page
    assert "of 2" in editor.get("/runs").text
    editor.post("/change/run000000x", {**given, "what": "restore"})
    assert "of 3" in editor.get("/runs").text


def test_what_cannot_be_a_tag_is_refused_and_nothing_is_changed(editor: Browser) -> None:
    given = {"secret": secret(editor)}

    refused = editor.post("/change/run000000x", {**given, "what": "tag", "text": "ok -no"})
    empty = editor.post("/change/run000000x", {**given, "what": "note", "text": "  "})
    unknown = editor.post("/change/run000000x", {**given, "what": "purge"})

    assert [found.status for found in (refused, empty, unknown)] == [400, 400, 400]
    assert "&#39;-no&#39; is not a valid tag" in refused.text
    assert "the comment is empty" in empty.text
    assert "Take away the tag ok" not in editor.get("/run/calm").text


def test_a_change_needs_the_secret_of_the_page_and_its_origin(editor: Browser) -> None:
    form = {"what": "rm", "secret": secret(editor)}

    answers = [
        editor.post("/change/run000000x", {"what": "rm"}),
        editor.post("/change/run000000x", {**form, "secret": "x" * 64}),
        editor.post("/change/run000000x", form, origin="http://elsewhere.example"),
        editor.post("/change/run000000x", form, content_type="text/plain"),
        editor.post("/change/run000000x", {**form, "text": "x" * 100_000}),
    ]

    assert [found.status for found in answers] == [403, 403, 403, 415, 413]
    assert editor.get("/change/run000000x").status == 405
    assert "of 3" in editor.get("/runs").text


def test_a_page_that_only_reads_has_no_forms_and_takes_none(browser: Browser) -> None:
    page = browser.get("/run/calm").text

    assert 'method="post"' not in page
    assert browser.post("/change/run000000x", {"what": "rm"}).status == 403
