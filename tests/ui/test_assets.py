"""The files that pages load: those of others are as they were published."""

from __future__ import annotations

import json
import re
from hashlib import sha256

from gitexp.ui import assets
from gitexp.ui.templating import _FOLDER

OURS = {"gitexp.css", "icon.svg", "curves.js", "parallel.js", "table.js", "live.js"}
MANIFEST = json.loads((assets.FOLDER / "manifest.json").read_bytes())


def test_what_others_made_is_what_the_manifest_says() -> None:
    assert {*assets.versions()} == OURS | {*MANIFEST}
    for name, said in MANIFEST.items():
        assert sha256((assets.FOLDER / name).read_bytes()).hexdigest() == said["sha256"], name
        text = (assets.FOLDER / said["license_file"]).read_text()
        assert said["license"] in text
        assert said["package"].lower() in "uplot"
        assert re.fullmatch(r"\d+\.\d+\.\d+", said["version"])


def test_nothing_of_ours_asks_anybody_else_or_makes_markup_of_text() -> None:
    for name in OURS - {"icon.svg"}:
        text = (assets.FOLDER / name).read_text()
        assert not re.search(
            r"https?://|innerHTML|outerHTML|insertAdjacent|eval\(|Function\(", text
        )


def test_no_function_with_options_takes_the_place_in_a_list_for_one() -> None:
    """`values.map(text)` calls `text(value, place)`, and the page stays blank for some values."""
    for name in OURS - {"icon.svg", "gitexp.css"}:
        text = (assets.FOLDER / name).read_text()
        bare = re.findall(r"\.(?:map|forEach|filter|flatMap)\(([a-z]\w*)\)", text)
        taken = [
            one for one in bare if re.search(rf"function {one}\([^)]*,|{one} = \([^)]*,", text)
        ]
        assert taken == [], name


def test_templates_neither_trust_a_value_nor_hold_scripts_and_styles() -> None:
    for path in _FOLDER.glob("*.html"):
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path
        text = text.replace("<style>{{ style }}</style>", "")  # ours, which the policy names
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        assert all("src=" in tag or "json" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "<" not in assets.style()


def test_every_asset_that_a_template_names_is_there() -> None:
    named = set()
    for path in _FOLDER.glob("*.html"):
        named |= set(re.findall(r"asset\('([^']+)'\)", path.read_text()))

    assert named == {*assets.versions()}
