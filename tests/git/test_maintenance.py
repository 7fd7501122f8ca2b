from __future__ import annotations

import time
from pathlib import Path

import pytest

from gitexp.git.maintenance import start_maintenance
from gitexp.git.repository import Repository


def is_packed(repository: Repository) -> bool:
    loose = repository.line("count-objects").split()[0]
    return loose == "0" and not list(repository.common_dir.glob("gc.pid*"))


@pytest.fixture
def many_loose(repository: Repository, tmp_path: Path) -> None:
    """Two objects in the folder that git counts, with a limit that one of them is above."""
    repository.git("config", "gc.auto", "200")
    repository.git("config", "gc.autoDetach", "false")
    contents = [b"%d\n" % number for number in range(900)]
    places = [tmp_path / f"blob{number}" for number in range(len(contents))]
    for place, content in zip(places, contents, strict=True):
        place.write_bytes(content)
    names = "".join(f"{place}\n" for place in places).encode()
    oids = repository.line("hash-object", "-w", "--stdin-paths", stdin=names).split()
    entries = "".join(f"100644 blob {oid}\t{at}\n" for at, oid in enumerate(oids)).encode()
    tree = repository.line("mktree", stdin=entries)
    commit = repository.line("commit-tree", "-m", "much", tree)
    repository.git("update-ref", "refs/heads/much", commit)


@pytest.mark.usefixtures("many_loose")
def test_loose_objects_above_gits_own_limit_are_packed_in_the_background(
    repository: Repository,
) -> None:
    assert start_maintenance(repository)

    deadline = time.monotonic() + 180
    while not is_packed(repository):
        assert time.monotonic() < deadline, "nothing was packed"
        time.sleep(0.02)


@pytest.mark.usefixtures("many_loose")
@pytest.mark.parametrize(("key", "value"), [("gc.auto", "0"), ("maintenance.auto", "false")])
def test_who_turned_gits_maintenance_off_is_left_alone(
    repository: Repository, key: str, value: str
) -> None:
    repository.git("config", key, value)

    assert not start_maintenance(repository)


def test_a_repository_with_few_loose_objects_is_left_alone(repository: Repository) -> None:
    assert not start_maintenance(repository)
