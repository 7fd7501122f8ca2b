"""Folders known as a whole, against each of their files read."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from gitexp.data import known_folders
from gitexp.data.cache import DataCache
from gitexp.data.listing import list_files
from gitexp.data.manifests import folder_members
from gitexp.data.pointers import Pointer
from gitexp.data.signatures import signature
from gitexp.data.unprotecting import links_below, may_be_link
from gitexp.errors import GitexpError

Step = Callable[[Path, Path, random.Random], object]


def any_file(folder: Path, chance: random.Random) -> Path:
    return chance.choice(sorted(path for path in folder.rglob("*.txt") if not path.is_symlink()))


def write(folder: Path, _: Path, chance: random.Random) -> None:
    """In the same second as before, and of the same size."""
    any_file(folder, chance).write_text(str(chance.randrange(10, 100)))


def put_back(folder: Path, _: Path, chance: random.Random) -> None:
    """Another content with the old time."""
    file = any_file(folder, chance)
    found = file.stat()
    file.write_text(str(chance.randrange(10, 100)))
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def add(folder: Path, _: Path, chance: random.Random) -> None:
    (folder / f"{chance.randrange(100)}.txt").write_text("new")


def rename(folder: Path, _: Path, chance: random.Random) -> None:
    any_file(folder, chance).rename(folder / f"{chance.randrange(100)}.txt")


def swap(folder: Path, _: Path, chance: random.Random) -> None:
    one, other = any_file(folder, chance), any_file(folder, chance)
    between = folder / "between"
    one.rename(between)
    if other.exists():
        other.rename(one)
    between.rename(other)


def link(folder: Path, root: Path, chance: random.Random) -> None:
    place = folder / "link.txt"
    place.unlink(missing_ok=True)
    place.symlink_to(chance.choice((root / "outside", root / "outside", folder / "sub")))


def write_outside(_: Path, root: Path, chance: random.Random) -> None:
    (root / "outside").write_text(str(chance.randrange(100)))


def leave_out(_: Path, root: Path, chance: random.Random) -> None:
    (root / ".dvcignore").write_text(chance.choice(("", "", "*7.txt\n", "sub\n")))


def make_project(folder: Path, _: Path, chance: random.Random) -> None:
    """An empty `.dvc`, for which DVC leaves out what is around it."""
    place = folder / "sub" / ".dvc"
    if place.exists():
        place.rmdir()
    elif chance.random() < 0.7:
        place.mkdir()


def objects(root: Path) -> list[Path]:
    return sorted(path for path in (root / ".dvc/cache/files/md5").rglob("*") if path.is_file())


def damage(_: Path, root: Path, chance: random.Random) -> None:
    if found := objects(root):
        path = chance.choice(found)
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        path.chmod(0o444)


def unprotected(_: Path, root: Path, chance: random.Random) -> None:
    if found := objects(root):
        chance.choice(found).chmod(0o644)


def lose(_: Path, root: Path, chance: random.Random) -> None:
    if found := objects(root):
        chance.choice(found).unlink()


STEPS: tuple[Step, ...] = (
    *(write, put_back, add, rename, swap, link, write_outside),
    *(leave_out, make_project, damage, unprotected, lose),
)


def put_right(folder: Path, root: Path) -> None:
    """Take away what keeps a folder from being known, as DVC leaves something out of it."""
    (folder / "link.txt").unlink(missing_ok=True)
    (root / ".dvcignore").unlink(missing_ok=True)
    if (folder / "sub" / ".dvc").exists():
        (folder / "sub" / ".dvc").rmdir()


def plain(root: Path) -> Pointer:
    """What the folder is, with each of its files read."""
    files = list_files(root, "data")
    listed = [
        {"md5": hashlib.md5(Path(one.path).read_bytes()).hexdigest(), "relpath": one.name}
        for one in files
    ]
    text = str(listed).replace("'", '"').encode()
    size = sum(one.found.st_size for one in files)
    return Pointer("data", f"{hashlib.md5(text).hexdigest()}.dir", size, len(files))


def test_what_is_known_is_what_is_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any of what happens to folders, to their files and to the objects of a cache."""
    monkeypatch.setattr(known_folders, "_FEW", 1)
    chance = random.Random(15)
    folder = project / "data"
    (folder / "sub").mkdir(parents=True)
    (project / "outside").write_text("o")
    for number in range(6):
        (folder / ("sub" if number % 2 else "") / f"{number}7.txt").write_text(str(number))
    with DataCache(project) as cache:
        for step in chance.sample(STEPS, len(STEPS)):
            put_right(folder, project)
            pointer = cache.store("data")
            assert cache.known("data", signature(folder) or "") == pointer == plain(project)
            assert cache._untouched("data", is_seen=True) == pointer
            for one in (step, *chance.sample(STEPS, chance.randrange(2))):
                one(folder, project, chance)
            expected = plain(project)
            assert cache.known("data", signature(folder) or "") in (None, expected), step.__name__
            if chance.random() < 0.3:
                assert cache.hash("data") == expected, step.__name__
            assert cache.store("data") == expected, step.__name__
            there = {f"{path.parent.name}{path.name}": path for path in objects(project)}
            members = folder_members(there[expected.md5].read_bytes())
            for md5 in (*members.values(), expected.md5):
                content = there[md5].read_bytes()
                assert hashlib.md5(content).hexdigest() == md5.removesuffix(".dir"), step.__name__
                assert there[md5].stat().st_mode & 0o777 == 0o444, step.__name__
        (project / ".dvcignore").write_text("/data\n")
        with pytest.raises(GitexpError, match="ignored"):
            cache.store("data")


def test_links_below_a_folder_are_those_that_could_be(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    for name in ("plain", "sub/hard", "sub/plain"):
        (folder / name).write_text(name)
    (tmp_path / "object").hardlink_to(folder / "sub" / "hard")
    (folder / "soft").symlink_to(tmp_path / "object")
    (folder / "broken").symlink_to("nowhere")
    (folder / "sub" / "to-folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    walked = (Path(at, name) for at, _, names in os.walk(folder) for name in names)

    assert sorted(links_below(str(folder))) == sorted(
        str(one) for one in walked if may_be_link(one)
    )
    assert len(list(links_below(str(folder)))) == 3
    assert list(links_below(str(tmp_path / "none"))) == []
