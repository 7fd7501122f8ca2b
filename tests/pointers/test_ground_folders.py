"""Folders, links and lists of a stranger's commit, with harmless content."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.workshop import DVC, PROJECT, Git, GitEnded, Gitexp, commit_all, make_repository, write

CONTENT = "harmless\n"
PRIVATE = "somebody's own\n"


def md5_of(content: str) -> str:
    return hashlib.md5(content.encode()).hexdigest()


def in_cache(digest: str) -> str:
    return f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}"


def pointer(digest: str, path: str) -> str:
    return f"outs:\n- md5: {digest}\n  hash: md5\n  path: {path}\n"


def write_folder(top: Path, members: Sequence[str]) -> None:
    """Write a pointer to `data`, and its list of files into the cache."""
    listed = json.dumps([{"md5": md5_of(CONTENT), "relpath": name} for name in members])
    digest = f"{md5_of(listed)}.dir"
    write(top, {in_cache(digest): listed, "data.dvc": pointer(digest, "data")})


def change_tree(git: Git, top: Path, old: bytes, new: bytes) -> None:
    """Put something else before an entry of the newest run's tree, as only a stranger would."""

    def stored(kind: str, content: bytes) -> bytes:
        call = ["git", "hash-object", "-w", "--literally", "-t", kind, "--stdin"]
        return subprocess.run(call, cwd=top, input=content, capture_output=True, check=True).stdout

    def raw(kind: str, rev: str) -> bytes:
        call = ["git", "cat-file", kind, rev]
        return subprocess.run(call, cwd=top, capture_output=True, check=True).stdout

    tree = raw("tree", "experiments^{tree}").replace(old, new + old)
    rest = raw("commit", "experiments").partition(b"\n")[2]
    commit = stored("commit", b"tree " + stored("tree", tree) + rest)
    git("update-ref", "refs/heads/experiments", commit.decode().strip())


def folder_of(top: Path, mode: bytes, name: bytes, content: bytes) -> bytes:
    """Return the oid of a tree with one entry."""
    store = ["git", "hash-object", "-w", "--stdin"]
    oid = subprocess.run(store, cwd=top, input=content, capture_output=True, check=True).stdout
    entry = b"%s blob %s\t%s\n" % (mode, oid.strip(), name)
    make = ["git", "mktree"]
    tree = subprocess.run(make, cwd=top, input=entry, capture_output=True, check=True).stdout
    return bytes.fromhex(tree.decode())


def found_in(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("placed")]


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project of DVC's whose cache has the content."""
    return {**PROJECT, **DVC, in_cache(md5_of(CONTENT)): CONTENT}


@pytest.fixture
def outside(work_tree: Path) -> Path:
    """A folder outside of the repository, which links of the commit lead to."""
    place = work_tree.parent / "outside"
    place.mkdir()
    return place


@pytest.mark.parametrize("name", [".git/placed", "sub/.GIT/placed", ".dvc/placed", ".hg/placed"])
def test_a_list_of_files_that_leads_into_a_folder_of_tools_is_damaged(
    name: str, work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    git("switch", "--quiet", "--create", "strange")
    write_folder(work_tree, ["a", name])
    commit_all(work_tree)
    assert gitexp("run", "-n", "one").code == 0
    git("checkout", "--quiet", "--force", "main")
    git("clean", "--quiet", "-fd")

    assert gitexp("apply", "--force", "one").code == 1
    got = gitexp("get", "one", "data", "-o", work_tree / "got")
    git("clean", "--quiet", "-fd")
    gitexp("hooks", "install")
    assert git_ended("switch", "--quiet", "strange").returncode == 0

    assert (got.code, "is damaged" in got.err) == (2, True)
    assert found_in(work_tree) == []


@pytest.mark.parametrize("name", ["a", "link/placed"])
@pytest.mark.parametrize("command", [("apply", "--force", "one"), ("get", "one", ".", "-o", "got")])
def test_data_is_not_placed_through_a_link_in_its_folder(
    name: str, command: Sequence[str], work_tree: Path, outside: Path, git: Git, gitexp: Gitexp
) -> None:
    write_folder(work_tree, [name])
    commit_all(work_tree)
    assert gitexp("run", "-n", "one").code == 0
    link = name.partition("/")[0].encode()
    target = str(outside if "/" in name else outside / "placed").encode()
    inside = folder_of(work_tree, b"120000", link, target)
    change_tree(git, work_tree, b"100644 data.dvc\0", b"40000 data\0" + inside)

    ended = gitexp(*command)

    assert (ended.code, list(outside.iterdir())) == (2, [])
    assert f"'data/{link.decode()}' in it is a link that came with a commit" in ended.err


def test_data_is_not_placed_through_a_link_that_a_person_made_in_its_folder(
    work_tree: Path, outside: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    git("switch", "--quiet", "--create", "strange")
    write_folder(work_tree, ["link/placed"])
    write(work_tree, {".gitignore": "/data\n"})
    commit_all(work_tree)
    git("switch", "--quiet", "main")
    (work_tree / "data").mkdir()
    (work_tree / "data/link").symlink_to(outside)
    gitexp("hooks", "install")

    ended = git_ended("switch", "--quiet", "strange")

    assert (ended.returncode, list(outside.iterdir())) == (0, [])
    assert "cannot write 'data': 'link' in it is a link" in ended.stderr


def test_a_run_does_not_store_what_a_link_in_a_folder_of_data_leads_to(
    work_tree: Path, outside: Path, gitexp: Gitexp
) -> None:
    write(outside, {"private": PRIVATE})
    write_folder(work_tree, ["a"])
    write(work_tree, {"data/a": CONTENT})
    (work_tree / "data/link").symlink_to(outside / "private")
    commit_all(work_tree)

    ended = gitexp("run")

    assert ended.code == 0, ended.err
    assert "'data/link' in it is a link that came with a commit" in ended.err
    assert not (work_tree / in_cache(md5_of(PRIVATE))).exists()


def test_data_is_not_placed_through_a_link_of_a_submodule(
    work_tree: Path, outside: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    other = make_repository(work_tree.parent / "other", {})
    (other / "link").symlink_to(outside)
    commit_all(other)
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    git(*add, other, "module")
    commit_all(work_tree)
    git("switch", "--quiet", "--create", "strange")
    write(work_tree, {"x.dvc": pointer(md5_of(CONTENT), "module/link/placed")})
    commit_all(work_tree)
    git("switch", "--quiet", "main")
    gitexp("hooks", "install")

    ended = git_ended("switch", "--quiet", "strange")

    assert (ended.returncode, list(outside.iterdir())) == (0, [])
    assert "'module/link' is a link that came with a commit" in ended.stderr


@pytest.mark.parametrize("name", [b".git", b"data"])
def test_get_writes_no_file_that_git_would_not_write(
    name: bytes, work_tree: Path, outside: Path, git: Git, gitexp: Gitexp
) -> None:
    write(work_tree, {"data.csv": "1\n"})
    commit_all(work_tree)
    assert gitexp("run", "-n", "one").code == 0
    inside = folder_of(work_tree, b"100644", b"placed", b"x")
    link = folder_of(work_tree, b"120000", b"x", str(outside).encode())  # for its blob
    blob = bytes.fromhex(git("rev-parse", f"{link.hex()}:x").strip())
    before = b"40000 .gitexp\0" if name == b".git" else b"100644 gitexp.yaml\0"
    twice = b"120000 data\0" + blob if name == b"data" else b""
    change_tree(git, work_tree, before, twice + b"40000 " + name + b"\0" + inside)

    got = gitexp("get", "one", ".", "-o", work_tree / "got")

    assert (got.code, found_in(work_tree, outside)) == (2, [])
    assert f"has a file '{name.decode()}/placed', which git itself would not write" in got.err


def test_apply_writes_nothing_through_a_gitignore_that_is_a_link(
    work_tree: Path, outside: Path, gitexp: Gitexp
) -> None:
    write(outside, {"private": PRIVATE})
    write(work_tree, {"sub/x.dvc": pointer(md5_of(CONTENT), "x")})
    (work_tree / "sub/.gitignore").symlink_to(outside / "private")
    commit_all(work_tree)
    assert gitexp("run", "-n", "one").code == 0

    applied = gitexp("apply", "--no-code", "one")

    assert (applied.code, (work_tree / "sub/x").read_text()) == (0, CONTENT)
    assert (outside / "private").read_text() == PRIVATE


@pytest.mark.parametrize("link", [".gitignore", "model.dvc"])
def test_track_writes_nothing_through_a_link(
    link: str, work_tree: Path, outside: Path, gitexp: Gitexp
) -> None:
    write(work_tree, {"sub/model": "1"})
    (work_tree / "sub" / link).symlink_to(outside / "private")

    ended = gitexp("track", "sub/model")

    assert (ended.code, list(outside.iterdir())) == (2, [])
    assert f"'sub/{link}' is a link" in ended.err


def test_a_hash_that_leads_out_of_the_cache_is_no_pointer(
    work_tree: Path, outside: Path, gitexp: Gitexp
) -> None:
    write(outside, {"private": PRIVATE})
    write(work_tree, {"x.dvc": pointer(f"ab/{outside}/private", "placed")})
    commit_all(work_tree)
    assert gitexp("run", "-n", "one").code == 0

    got = gitexp("get", "one", "placed", "-o", work_tree / "got")

    assert (got.code, (work_tree / "got").exists()) == (2, False)
    assert "'x.dvc' is not what DVC writes" in got.err
