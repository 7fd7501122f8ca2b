"""Objects of a cache that are read by threads, and a look that is cut off."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise
from gitexp.doctor.depth import CutOff, Depth
from gitexp.doctor.objects import examine_objects
from gitexp.project import Project
from gitexp.store.own import own_folder

from tests.workshop import NewRepository

MANY = 100
WELL = f"all {MANY} objects are what their names say (890 B)"


@pytest.fixture
def top(new_repository: NewRepository) -> Path:
    """A repository without runs."""
    return new_repository("no-runs", {"a.txt": "a\n"})


def fill(top: Path) -> list[Path]:
    """Put many small objects into the cache."""
    initialise(top)
    made = []
    for number in range(MANY):
        content = b"object %d" % number
        md5 = hashlib.md5(content).hexdigest()
        path = top / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        made.append(path)
    return sorted(made)


def texts(top: Path, *, fresh: bool = False) -> list[tuple[str, str]]:
    with Project.open(top) as project:
        return [(one.mark, one.text) for one in examine_objects(project, Depth(fresh=fresh))]


def cut_off(top: Path) -> str:
    """Cut off a look as soon as something is read, and return what it says then."""

    def show(text: str) -> None:
        assert text.startswith("read ")
        raise KeyboardInterrupt

    with Project.open(top) as project, pytest.raises(CutOff) as raised:
        list(examine_objects(project, Depth(show=show)))
    return raised.value.words


def test_a_look_that_was_cut_off_goes_on_where_it_was(top: Path) -> None:
    fill(top)

    words = cut_off(top)
    again = texts(top)
    after = texts(top)
    cut_off(top)
    fresh = texts(top, fresh=True)

    read = int(words.split(" ", 1)[0])
    assert 0 < read < MANY
    assert words.endswith(
        " none of them damaged; the next `gitexp doctor --deep` goes on from here"
    )
    before = f"{read} of them before the last call was cut off"
    assert again == [("ok", WELL.replace("890 B", f"890 B, {before}"))]
    assert after == fresh == [("ok", WELL)]
    with Project.open(top) as project:
        assert not own_folder(project.repository).deep.exists()


def test_what_has_changed_since_a_look_was_cut_off_is_read_again(top: Path) -> None:
    paths = fill(top)
    cut_off(top)
    for path in paths:
        path.write_bytes(path.read_bytes().upper())

    found = texts(top)

    assert [mark for mark, _ in found] == ["wrong"] * MANY


def test_a_memory_that_is_damaged_or_cannot_be_written_costs_nothing_else(top: Path) -> None:
    fill(top)
    with Project.open(top) as project:
        place = own_folder(project.repository).made().deep
    place.write_bytes(b"no database\n" * 1000)

    damaged = texts(top)
    place.unlink(missing_ok=True)
    place.mkdir()
    unwritable = texts(top)

    assert damaged == unwritable == [("ok", WELL)]


def test_of_runs_without_data_it_is_said_that_there_is_none(top: Path) -> None:
    with Project.open(top) as project:
        bare = [one.text for one in examine_objects(project, Depth(runs=()))]
        assert list(examine_objects(project, Depth())) == []  # said by another examination
    initialise(top)

    assert bare == ["DVC is not set up here, so no data is behind a pointer"]
    assert texts(top) == [("ok", "there are no objects to look at")]


def test_an_object_that_cannot_be_read_is_named(top: Path) -> None:
    path = fill(top)[0]
    path.unlink()
    path.mkdir()

    [(mark, text)] = texts(top)

    assert mark == "wrong"
    assert str(path) in text
