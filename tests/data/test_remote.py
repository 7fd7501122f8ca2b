"""Data to and from DVC's remote, with DVC itself as the judge."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

from gitexp.data.cache import DataCache
from gitexp.data.dvc_project import initialise
from gitexp.data.remote import DataRemote, NoDataRemote
from gitexp.data.transfer import Moved
from gitexp.errors import GitexpError

from tests.workshop import dvc, git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A DVC project with a folder of data in its cache, and a remote in config.local."""
    place = tmp_path / "project"
    place.mkdir()
    git("init", "--quiet", place)
    initialise(place)
    (place / ".dvc" / "config.local").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path / 'store'}\n"
    )
    (place / "data").mkdir()
    for name in ("a", "b"):
        (place / "data" / name).write_text(name * 10)
    return place


@pytest.fixture
def stored(root: Path) -> str:
    """The hash of the folder, which is in the cache."""
    with DataCache(root) as cache:
        return cache.store("data").md5


def contents(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def push(root: Path, hashes: Iterable[str]) -> Moved:
    with DataRemote(root) as remote:
        return remote.push(hashes)


def fetch(root: Path, hashes: Iterable[str]) -> Moved:
    with DataRemote(root) as remote:
        return remote.fetch(hashes)


def test_a_folder_goes_and_comes_back_whole(root: Path, stored: str, tmp_path: Path) -> None:
    cache = root / ".dvc" / "cache" / "files"
    before = contents(cache)

    there = push(root, [stored])
    shutil.rmtree(cache)
    back = fetch(root, [stored])

    assert there == back == Moved(3)
    assert contents(cache) == contents(tmp_path / "store") == before


def test_what_is_there_is_not_copied_again(root: Path, stored: str) -> None:
    push(root, [stored])

    assert push(root, [stored]) == fetch(root, [stored]) == Moved(0)


def test_dvc_finds_what_was_pushed(root: Path, stored: str) -> None:
    (root / "data.dvc").write_text(f"outs:\n- md5: {stored}\n  hash: md5\n  path: data\n")
    push(root, [stored])

    status = dvc("status", "--cloud", cwd=root)

    assert status == "Cache and remote 'store' are in sync.\n"


def test_a_folder_that_is_not_whole_is_lost(root: Path, stored: str, tmp_path: Path) -> None:
    cache = root / ".dvc" / "cache" / "files" / "md5"
    [found] = [path for path in cache.rglob("*") if path.is_file() and path.read_text() == "a" * 10]
    found.unlink()

    assert push(root, [stored]) == Moved(1, frozenset({stored}))
    assert contents(tmp_path / "store") == [b"b" * 10]


def test_what_is_on_neither_side_is_lost(root: Path) -> None:
    nothing = ["0" * 32, f"{'1' * 32}.dir"]

    assert push(root, nothing) == fetch(root, nothing) == Moved(0, frozenset(nothing))


def test_data_of_dvc_2_goes_to_where_dvc_looks_for_it(root: Path, tmp_path: Path) -> None:
    cache = root / ".dvc" / "cache"
    (cache / "ab").mkdir(parents=True)
    name = "9f9d51bc70ef21ca5c14f307980a29d8"
    (cache / "9f").mkdir()
    (cache / "9f" / name[2:]).write_text("bob")

    there = push(root, [name])
    shutil.rmtree(cache)
    back = fetch(root, [name])

    assert there == back == Moved(1)
    assert (tmp_path / "store" / "9f" / name[2:]).read_text() == "bob"
    assert (cache / "9f" / name[2:]).read_text() == "bob"


def test_a_project_without_a_remote_says_so(root: Path) -> None:
    (root / ".dvc" / "config.local").unlink()

    with pytest.raises(NoDataRemote, match="no DVC remote is set up"):
        push(root, ["0" * 32])


def test_a_project_with_no_default_remote_says_so(root: Path, tmp_path: Path) -> None:
    (root / ".dvc" / "config.local").write_text(f"['remote \"other\"']\n    url = {tmp_path}\n")

    with pytest.raises(NoDataRemote, match="no DVC remote is the default"):
        push(root, ["0" * 32])


def test_a_remote_that_dvc_does_not_know_says_so(root: Path) -> None:
    (root / ".dvc" / "config.local").write_text("[core]\n    remote = none\n")

    with pytest.raises(NoDataRemote, match="none"):
        push(root, ["0" * 32])


def test_a_configuration_that_dvc_cannot_read_is_told(root: Path) -> None:
    (root / ".dvc" / "config.local").write_text("[core\n")

    with pytest.raises(GitexpError, match="the DVC remote could not be opened"):
        DataRemote(root)


def test_a_remote_that_cannot_be_written_to_is_told(
    root: Path, stored: str, tmp_path: Path
) -> None:
    (tmp_path / "store").write_text("a file is in the way")

    with pytest.raises(GitexpError, match="the DVC remote could not take the data"):
        push(root, [stored])


def test_progress_is_told(root: Path, stored: str) -> None:
    told: list[str] = []

    with DataRemote(root, told.append) as remote:
        remote.push([stored])

    assert told
    assert all(line.startswith("Copying data: ") for line in told)


def test_data_is_sent_to_the_remote_that_is_named(root: Path, stored: str, tmp_path: Path) -> None:
    _add_remote(root, "big", tmp_path / "big")

    with DataRemote(root) as remote:
        there = remote.push([stored], "big")

    assert there == Moved(3)
    assert not (tmp_path / "store").exists()
    assert len(contents(tmp_path / "big")) == 3


def test_data_comes_from_whichever_remote_has_it(root: Path, stored: str, tmp_path: Path) -> None:
    _add_remote(root, "big", tmp_path / "big")
    with DataRemote(root) as remote:
        remote.push([stored], "big")
    shutil.rmtree(root / ".dvc" / "cache" / "files")
    (tmp_path / "store").write_text("the default remote is down")

    assert fetch(root, [stored]) == Moved(3)


def test_where_no_remote_has_the_data_the_failure_of_one_is_told(
    root: Path, tmp_path: Path
) -> None:
    _add_remote(root, "big", tmp_path / "big")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "files").write_text("a file is in the way")

    with pytest.raises(GitexpError, match="the DVC remote could not give the data"):
        fetch(root, ["0" * 32])


def test_of_a_folder_that_is_not_wanted_whole_the_list_comes(root: Path, stored: str) -> None:
    push(root, [stored])
    cache = root / ".dvc" / "cache" / "files"
    shutil.rmtree(cache)

    with DataRemote(root) as remote:
        came = remote.fetch([stored], whole=False)

    assert came == Moved(1)
    assert len(contents(cache)) == 1


@pytest.mark.skipif(find_spec("dvc_gs") is not None, reason="the plug-in is installed")
def test_a_plug_in_of_dvc_that_is_missing_is_named(root: Path, stored: str) -> None:
    _add_remote(root, "google", "gs://bucket/place")

    with DataRemote(root) as remote, pytest.raises(GitexpError) as failed:
        remote.push([stored], "google")

    assert str(failed.value) == (
        "the DVC remote 'google' could not be used: "
        "gs is supported, but requires 'dvc-gs' to be installed"
    )


@pytest.mark.parametrize("kind", ["version_aware", "worktree"])
def test_a_cloud_versioned_remote_is_refused(root: Path, stored: str, kind: str) -> None:
    _add_remote(root, "cloud", f"s3://bucket/place\n    {kind} = true")

    with DataRemote(root) as remote, pytest.raises(NoDataRemote) as refused:
        remote.push([stored], "cloud")

    assert str(refused.value) == (
        "DVC remote 'cloud' is cloud-versioned and keeps no data by its hash"
    )


def _add_remote(root: Path, name: str, url: str | Path) -> None:
    with (root / ".dvc" / "config.local").open("a") as config:
        config.write(f"['remote \"{name}\"']\n    url = {url}\n")
