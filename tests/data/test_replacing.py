from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from gitexp.data.replacing import drop_torn, replace_content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_what_a_killed_process_has_left_beside_a_file_goes_with_the_next_one(
    folder: Path,
) -> None:
    place, torn = folder / "params.yaml", folder / ".params.yaml.gitexp"
    place.write_text("rate: 1\n")
    place.chmod(0o640)
    torn.write_text("rate: 2, and much more that was not written to its end")

    replace_content(place, b"rate: 3\n")

    assert [path.name for path in folder.iterdir()] == ["params.yaml"]
    assert (place.read_text(), place.stat().st_mode & 0o777) == ("rate: 3\n", 0o640)

    torn.write_text("rate")
    drop_torn(place)
    drop_torn(place)
    assert [path.name for path in folder.iterdir()] == ["params.yaml"]


def test_a_file_that_another_process_is_writing_is_left_to_it(folder: Path) -> None:
    place, other = folder / "params.yaml", folder / ".params.yaml.gitexp"
    with other.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("rate: 2\n")
        file.flush()

        replace_content(place, b"rate: 3\n")
        drop_torn(place)

        assert (place.read_text(), other.read_text()) == ("rate: 3\n", "rate: 2\n")
        assert len(list(folder.iterdir())) == 2


def test_a_link_beside_a_file_is_neither_followed_nor_removed(folder: Path) -> None:
    """A repository can hold one, and it may lead anywhere."""
    place, link = folder / "params.yaml", folder / ".params.yaml.gitexp"
    outside = folder / "outside"
    outside.write_text("mine\n")
    link.symlink_to(outside)

    replace_content(place, b"rate: 3\n")
    drop_torn(place)

    assert (place.read_text(), outside.read_text()) == ("rate: 3\n", "mine\n")
    assert link.readlink() == outside


def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside_it(folder: Path) -> None:
    place = folder / "params.yaml"
    place.mkdir()

    with pytest.raises(IsADirectoryError):
        replace_content(place, b"rate: 3\n")

    assert [path.name for path in folder.iterdir()] == ["params.yaml"]
