"""Stat signatures."""

from __future__ import annotations

import os
from pathlib import Path

from gitexp.data.signatures import signature


def test_a_signature_changes_with_every_write_and_not_with_reading(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one")
    found = path.stat()
    before = signature(path)

    path.read_text()
    after_reading = signature(path)
    path.write_text("two")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    assert after_reading == before
    assert signature(path) != before


def test_a_folder_has_the_signatures_of_all_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a").write_text("a")
    (folder / "broken").symlink_to("nowhere")
    first = signature(folder)
    assert signature(folder) == first

    (folder / "sub" / "b").touch()
    second = signature(folder)
    (folder / "sub" / "b").rename(folder / "sub" / "c")
    third = signature(folder)
    (folder / "sub" / "c").unlink()

    assert len({first, second, third}) == 3
    assert signature(folder) == first


def test_what_is_not_there_has_no_signature(tmp_path: Path) -> None:
    assert signature(tmp_path / "nothing") is None
