"""The cache: what DVC finds in it afterwards, and what must never happen to it."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from dvc_data.hashfile.hash_info import HashInfo
from dvc_objects.fs import localfs

from gitexp.data.cache import CacheWriteFailed, ChangedWhileRead, DataCache, preload
from gitexp.data.chunks import Unreadable, chunks_of
from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.dvc_project import open_project
from gitexp.data.hash_table import FILE_NAME
from gitexp.data.hashing import let_the_clock_tick
from gitexp.data.ignore import with_ignored
from gitexp.data.known_hashes import KnownHashes
from gitexp.data.listing import File
from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError

from tests.data.workshop import Dvc
from tests.workshop import git

CLEAN = "Data and pipelines are up to date."
LARGE = b"0123456789abcdef" * (1 << 18)


def store(root: Path, path: str) -> Pointer:
    with DataCache(root) as cache:
        return cache.store(path)


def track(root: Path, path: str) -> Pointer:
    """Leave in the work tree what `dvc add` would."""
    pointer = store(root, path)
    (root / f"{path}.dvc").write_bytes(dvc_file_bytes(pointer))
    ignore = (root / path).parent / ".gitignore"
    before = ignore.read_bytes() if ignore.exists() else None
    ignore.write_bytes(with_ignored(before, (root / path).name))
    return pointer


def objects(root: Path) -> dict[str, bytes]:
    folder = root / ".dvc" / "cache" / "files" / "md5"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def md5_path(content: bytes) -> str:
    name = hashlib.md5(content).hexdigest()
    return f"{name[:2]}/{name[2:]}"


def make_folder(folder: Path) -> None:
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "größe").write_text("b")
    (folder / "a").write_text("a")
    (folder / "link").symlink_to("a")
    (folder / "large").write_bytes(LARGE)
    (folder / "larger").write_bytes(LARGE + b"!")


def test_dvc_pushes_pulls_and_checks_out_what_was_stored(
    project: Path, tmp_path: Path, dvc: Dvc
) -> None:
    (project / "model.bin").write_bytes(LARGE)
    make_folder(project / "data")
    track(project, "model.bin")
    track(project, "data")

    status, _, _, _, after_checkout, _, after_pull = dvc(
        project,
        ["status"],
        ["remote", "add", "--default", "here", str(tmp_path / "remote")],
        ["push", "--quiet"],
        ["rm", "-r", "data", "model.bin"],
        ["checkout", "--quiet"],
        ["status"],
        ["rm", "-r", "data", "model.bin", ".dvc/cache"],
        ["pull", "--quiet"],
        ["status"],
    )

    assert status.strip() == CLEAN
    assert after_checkout.strip() == CLEAN
    assert after_pull.strip() == CLEAN
    assert (project / "model.bin").read_bytes() == LARGE
    assert (project / "data" / "sub" / "größe").read_text() == "b"


def test_cache_and_pointers_are_those_of_dvc_add(project: Path, tmp_path: Path, dvc: Dvc) -> None:
    theirs = tmp_path / "theirs"
    for root in (project, theirs):
        make_folder(root / "data")
        (root / "none").mkdir()
        (root / "empty").touch()
        (root / "run.sh").write_text("#!/bin/sh\n")
        (root / "run.sh").chmod(0o755)
    git("init", "--quiet", theirs)
    names = ("data", "none", "empty", "run.sh")

    dvc(theirs, ["init", "--quiet"], ["add", "--quiet", *names])
    for name in names:
        track(project, name)

    assert objects(project) == objects(theirs)
    for name in (*(f"{name}.dvc" for name in names), ".gitignore"):
        assert (project / name).read_bytes() == (theirs / name).read_bytes()
    cache = project / ".dvc" / "cache" / "files" / "md5"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in cache.rglob("*") if path.is_file()}
    assert modes == {0o444}
    assert (project / "data" / "a").stat().st_mode & 0o200


def put_other_content(path: Path) -> None:
    """Turn a file's bytes round, with inode, size and modification time as they were."""
    found = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert path.stat().st_ino == found.st_ino


def test_dvc_hashes_nothing_again_that_we_have_hashed(project: Path, dvc: Dvc) -> None:
    (project / "ours").write_bytes(LARGE)
    track(project, "ours")
    put_other_content(project / "ours")  # DVC would notice if it read the file

    (status,) = dvc(project, ["status"])

    assert status.strip() == CLEAN


def test_what_dvc_has_hashed_is_not_hashed_again(project: Path) -> None:
    (project / "theirs").write_bytes(LARGE)
    known = KnownHashes(open_project(project))
    known.state.save(str(project.resolve() / "theirs"), localfs, HashInfo("md5", "0" * 32))
    known.release()

    with DataCache(project) as cache:
        assert cache.hash("theirs").md5 == "0" * 32


@pytest.mark.parametrize("hashed_by", ["us", "dvc"])
def test_bytes_with_the_times_and_the_size_of_others_are_hashed(
    project: Path, dvc: Dvc, hashed_by: str
) -> None:
    (project / "file").write_bytes(LARGE)
    if hashed_by == "us":
        track(project, "file")
    else:
        dvc(project, ["add", "--quiet", "file"])
    put_other_content(project / "file")

    with DataCache(project) as cache:
        hashed, stored = cache.hash("file"), cache.store("file")

    wanted = hashlib.md5(LARGE[::-1]).hexdigest()
    assert (hashed.md5, stored.md5) == (wanted, wanted)
    assert objects(project)[md5_path(LARGE[::-1])] == LARGE[::-1]


def test_one_file_of_a_folder_with_its_times_put_back_makes_another_folder(project: Path) -> None:
    make_folder(project / "data")
    first = store(project, "data")
    put_other_content(project / "data" / "large")

    second = store(project, "data")

    assert second.md5 != first.md5
    assert md5_path(LARGE[::-1]) in objects(project)


def test_members_of_an_archive_have_one_time_and_are_told_apart(project: Path) -> None:
    for content in (b"1" * 1000, b"2" * 1000, b"3" * 1000):
        (project / "model").write_bytes(content)
        os.utime(project / "model", (1e9, 1e9))
        assert store(project, "model").md5 == hashlib.md5(content).hexdigest()


def test_a_damaged_table_of_hashes_costs_nothing_but_time(project: Path) -> None:
    (project / "file").write_bytes(LARGE)
    first = store(project, "file")
    table = next((project.parent).rglob(FILE_NAME))
    table.write_bytes(b"no database, but long enough to look like one" * 100)

    assert store(project, "file") == first
    put_other_content(project / "file")
    assert store(project, "file").md5 == hashlib.md5(LARGE[::-1]).hexdigest()


def test_dvc_removes_what_was_stored_when_its_pointer_is_gone(project: Path, dvc: Dvc) -> None:
    (project / "model").write_text("model")
    make_folder(project / "data")
    (project / "data" / "link").unlink()
    for name in ("model", "data"):
        track(project, name)
        (project / f"{name}.dvc").unlink()

    dvc(project, ["checkout", "--quiet"])

    assert not (project / "model").exists()
    assert not (project / "data").exists()


def test_the_file_itself_is_left_alone(project: Path) -> None:
    path = project / "model"
    path.write_bytes(LARGE)
    before = path.stat()

    store(project, "model")

    after = path.stat()
    assert after.st_ino == before.st_ino
    assert after.st_mtime_ns == before.st_mtime_ns
    assert after.st_mode == before.st_mode
    assert after.st_nlink == 1


@pytest.mark.parametrize("kind", ["hardlink", "symlink"])
def test_links_into_the_cache_are_made_where_they_are_configured(
    project: Path, dvc: Dvc, kind: str
) -> None:
    (project / ".dvc" / "config").write_text(f"[cache]\n    type = 'reflink,{kind},copy'\n")
    (project / "model").write_bytes(LARGE)
    (project / "empty").touch()
    make_folder(project / "data")

    pointers = {name: track(project, name) for name in ("model", "empty", "data")}
    again = {name: track(project, name) for name in pointers}
    (status,) = dvc(project, ["status"])

    target = project / ".dvc" / "cache" / "files" / "md5" / md5_path(LARGE)
    for path in (project / "model", project / "data" / "large"):
        assert path.samefile(target)
        assert path.is_symlink() == (kind == "symlink")
        assert path.read_bytes() == LARGE
    assert not (project / "empty").is_symlink()
    assert again == pointers
    assert status.strip() == CLEAN
    assert not list(project.rglob("*.tmp"))


def test_a_broken_object_in_the_cache_is_replaced(project: Path) -> None:
    (project / "model").write_bytes(LARGE)
    store(project, "model")
    broken = project / ".dvc" / "cache" / "files" / "md5" / md5_path(LARGE)
    broken.chmod(0o644)
    broken.write_bytes(LARGE[:100])
    broken.chmod(0o444)

    store(project, "model")

    assert broken.read_bytes() == LARGE


def test_killing_it_leaves_only_whole_objects_in_the_cache(project: Path) -> None:
    (project / "model").write_bytes(LARGE * 16)
    script = (
        "import sys; from pathlib import Path; from gitexp.data.cache import DataCache;"
        "print('go', flush=True); DataCache(Path(sys.argv[1])).store('model')"
    )
    workshops = project / ".dvc" / "cache" / "files" / "md5"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(project)], stdout=subprocess.PIPE
    ) as child:
        while child.poll() is None and not list(workshops.glob(".gitexp-*/*")):
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)

    named = {name for name in objects(project) if not name.startswith(".gitexp-")}
    left = next(workshops.glob(".gitexp-*"), None)
    if left is not None:
        os.utime(left, (0, 0))
    store(project, "model")

    assert named <= {md5_path(LARGE * 16)}
    assert (project / "model").read_bytes() == LARGE * 16
    assert objects(project) == {md5_path(LARGE * 16): LARGE * 16}


def test_many_small_files_are_stored(project: Path) -> None:
    folder = project / "data"
    folder.mkdir()
    for number in range(100):
        (folder / str(number)).write_text(str(number // 2))

    pointer = store(project, "data")

    assert (pointer.nfiles, pointer.size) == (100, 180)
    assert len(objects(project)) == 51


def test_a_full_cache_still_gives_the_pointer(project: Path) -> None:
    limit = (
        "import resource, signal, sys; from pathlib import Path;"
        "from gitexp.data.cache import CacheWriteFailed, DataCache;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000));\n"
        "try: DataCache(Path(sys.argv[1])).store('model')\n"
        "except CacheWriteFailed as exc: print(exc.pointer.md5, exc)"
    )
    (project / "model").write_bytes(LARGE)

    answer = subprocess.run(
        [sys.executable, "-c", limit, str(project)], capture_output=True, text=True, check=True
    )

    md5, _, message = answer.stdout.strip().partition(" ")
    assert md5 == hashlib.md5(LARGE).hexdigest()
    assert message.endswith(os.strerror(errno.EFBIG))
    assert objects(project) == {}


def test_a_cache_that_cannot_be_written_still_gives_the_pointer(project: Path) -> None:
    make_folder(project / "data")
    (project / ".dvc" / "cache").write_text("in the way")

    with DataCache(project) as cache, pytest.raises(CacheWriteFailed) as caught:
        cache.store("data")

    with DataCache(project) as cache:
        assert caught.value.pointer == cache.hash("data")


def test_hashing_needs_no_cache_and_makes_none(project: Path) -> None:
    make_folder(project / "data")

    with DataCache(project) as cache:
        hashed = cache.hash("data")

    assert not (project / ".dvc" / "cache").exists()
    assert hashed == store(project, "data")


def test_the_hash_of_dvc_2_reads_windows_line_ends_as_ours(project: Path) -> None:
    (project / "text").write_bytes(b"a\r\nb\r\n")

    with DataCache(project) as cache:
        old = cache.hash("text", "md5-dos2unix")
        new = cache.hash("text")

    assert old == Pointer("text", hashlib.md5(b"a\nb\n").hexdigest(), 6, None, "md5-dos2unix")
    assert new == Pointer("text", hashlib.md5(b"a\r\nb\r\n").hexdigest(), 6)


def test_a_file_that_is_written_on_and_on_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "growing"
    path.write_bytes(LARGE)

    def ticked(files: Sequence[File]) -> None:
        """Write once it has been looked at, and the clock has gone on."""
        let_the_clock_tick(files)
        os.utime(path)

    monkeypatch.setattr("gitexp.data.cache.let_the_clock_tick", ticked)

    with DataCache(project) as cache, pytest.raises(ChangedWhileRead, match="'growing'"):
        cache.store("growing")


def test_a_write_during_hashing_is_hashed_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "model"
    path.write_bytes(LARGE * 8)
    written: list[Path] = []

    def chunks(source: BinaryIO, name: Path) -> Iterator[bytes]:
        """Write once something has been read."""
        rest = chunks_of(source, name)
        yield next(rest)
        if not written:
            written.append(name)
            path.write_bytes(b"new")
        yield from rest

    monkeypatch.setattr("gitexp.data.objects.chunks_of", chunks)

    pointer = store(project, "model")

    assert written
    assert pointer.md5 == hashlib.md5(b"new").hexdigest()
    for name, content in objects(project).items():
        assert name == md5_path(content)


def test_a_change_right_after_storing_is_never_missed(project: Path) -> None:
    path = project / "model"
    for number in range(5):
        path.write_text(f"version {number}")

        pointer = store(project, "model")

        assert pointer.md5 == hashlib.md5(f"version {number}".encode()).hexdigest()


def test_what_is_no_data_is_named_and_never_waited_for(project: Path) -> None:
    folder = project / "data"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    os.mkfifo(project / "pipe")
    (project / "broken").mkdir()
    (project / "broken" / "link").symlink_to("nowhere")

    with DataCache(project) as cache:
        for path, name in (
            ("pipe", "pipe"),
            ("data", "data/pipe"),
            ("broken", "broken/link"),
            ("nothing", "nothing"),
        ):
            with pytest.raises(Unreadable, match=f"{name}'"):
                cache.store(path)


def test_dvcignore_is_respected(project: Path, dvc: Dvc) -> None:
    make_folder(project / "data")
    (project / "data" / "log.tmp").write_text("x")
    (project / "data" / ".git").write_text("x")
    (project / "data" / "repo" / ".dvc").mkdir(parents=True)
    (project / "data" / "repo" / "file").write_text("x")
    with DataCache(project) as cache:
        plain = cache.hash("data")
    with (project / ".dvcignore").open("a") as file:
        file.write("*.tmp\n")

    ours = store(project, "data")
    dvc(project, ["add", "--quiet", "data"])

    assert parse_dvc_file((project / "data.dvc").read_bytes(), "data.dvc") == (ours,)
    assert (ours.nfiles, plain.nfiles) == (5, 6)


def test_a_path_that_dvc_ignores_is_refused(project: Path) -> None:
    (project / ".dvcignore").write_text("*.tmp\n")
    (project / "a.tmp").write_text("a")
    (project / "b.tmp").mkdir()
    (project / "data").mkdir()
    (project / "data" / ".dvcignore").touch()

    with DataCache(project) as cache:
        for path in ("a.tmp", "b.tmp", "data"):
            with pytest.raises(GitexpError, match=f"'{path}' .*'.dvcignore'"):
                cache.store(path)


@pytest.mark.parametrize("obstacle", ["file", "damaged"])
def test_without_the_state_database_it_works_all_the_same(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    (project / "model").write_bytes(LARGE)
    if obstacle == "file":
        (tmp_path / "file").touch()
        monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "file"))
    else:
        store(project, "model")
        for database in (tmp_path / "home" / "dvc-site").rglob("cache.db"):
            database.write_bytes(b"damaged" * 1000)

    pointer = store(project, "model")

    assert pointer == Pointer("model", hashlib.md5(LARGE).hexdigest(), len(LARGE))


def test_many_at_once_store_the_same_file(project: Path) -> None:
    (project / "model").write_bytes(LARGE)
    pointers: list[Pointer] = []
    threads = [
        threading.Thread(target=lambda: pointers.append(store(project, "model"))) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(pointers) == 4
    assert len(set(pointers)) == 1
    assert objects(project) == {md5_path(LARGE): LARGE}


def test_a_cache_prepared_in_the_background_serves_several_threads(project: Path) -> None:
    (project / "model").write_bytes(LARGE)
    pointers: list[Pointer] = []

    def hash_inputs() -> None:
        preload()
        pointers.append(cache.hash("model"))
        cache.release()

    with DataCache(project) as cache:
        background = threading.Thread(target=hash_inputs)
        background.start()
        pointers.append(cache.store("model"))
        background.join()
        pointers.append(cache.store("model"))

    assert len(set(pointers)) == 1
