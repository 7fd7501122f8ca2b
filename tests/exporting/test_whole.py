"""Where exports may be written to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.exporting.whole import made, whole


def test_what_a_link_leads_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("mine\n")
    target = tmp_path / "runs.csv"
    target.symlink_to("other.csv")

    with whole(target) as place:
        place.write_text("theirs\n")

    assert (tmp_path / "other.csv").read_text() == "mine\n"
    assert target.read_text() == "theirs\n"
    assert not target.is_symlink()


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(GitexpError, match="is no file"), whole(pipe):
        pass

    assert pipe.is_fifo()


@pytest.mark.parametrize("name", [".gitignore", "runs"])
def test_a_folder_with_links_is_refused(tmp_path: Path, name: str) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "crate"
    outside.write_text("mine\n")
    folder.mkdir()
    (folder / name).symlink_to(outside)

    with pytest.raises(GitexpError, match=f"has links, such as '{name}'"):
        made(folder, ["runs"])

    assert outside.read_text() == "mine\n"


def test_what_a_killed_export_left_is_no_file_of_others(tmp_path: Path) -> None:
    (tmp_path / "set" / ".gitexp-abcdefgh").mkdir(parents=True)

    assert made(tmp_path / "set", ["runs.csv"]) == tmp_path / "set"
