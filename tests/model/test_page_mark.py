"""Pages and pictures of gitexp's own are known again by their mark."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gitexp.execution.work_tree.own_pages import own_pages
from gitexp.model.page_mark import marked
from gitexp.rendering.page import page

from tests.ui.workshop import png

PICTURES = {
    "plot.svg": b'<svg width="1" height="1" xmlns="http://www.w3.org/2000/svg"><g/></svg>',
    "plot.png": png(),
    "plot.pdf": b"%PDF-1.7\n1 0 obj\n%%EOF",
    "card.md": b"---\nlicense: mit\n---\n# digits\n",
    "report.HTML": page("a report", "<p>words</p>").encode(),
}


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_marked_is_known_again_and_what_is_not_is_left(tmp_path: Path, name: str) -> None:
    content = marked(PICTURES[name])
    (tmp_path / name).write_bytes(content)
    others = b"<!doctype html><p>" if name.endswith("HTML") else PICTURES[name]
    (tmp_path / f"other-{name}").write_bytes(others)

    assert own_pages(tmp_path, [name, f"other-{name}"]) == {name}
    assert marked(content) == content


def test_a_marked_picture_is_still_one() -> None:
    assert ET.fromstring(marked(PICTURES["plot.svg"])).get("width") == "1"

    rest, kinds = marked(PICTURES["plot.png"])[8:], []
    while rest:
        [length] = struct.unpack(">I", rest[:4])
        body, given = rest[4 : 8 + length], rest[8 + length : 12 + length]
        assert given == struct.pack(">I", zlib.crc32(body))
        kinds.append(body[:4])
        rest = rest[12 + length :]
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]


def test_links_pipes_and_what_is_gone_are_no_pages(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PICTURES["report.HTML"])
    (tmp_path / "link.html").symlink_to("page.html")
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "empty.svg").touch()

    names = ["page.html", "link.html", "folder.html", "empty.svg", "gone.png"]
    assert own_pages(tmp_path, names) == {"page.html"}
