"""Pointers of a stranger's commit, with harmless content: none is placed, removed or read there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import DVC, PROJECT, Git, GitEnded, Gitexp, commit_all, write
from tests.workshop import git as run_git

CONTENT = "harmless\n"
PLACES = (
    ".git/placed",
    ".GIT/hooks/placed",
    "sub/.git/placed",
    "git~1/placed",
    ".dvc/tmp/placed",
    ".gitexp/placed",
    "link/placed",
    "sub/link/placed",
)


def md5_of(content: str) -> str:
    return hashlib.md5(content.encode()).hexdigest()


def pointer(path: str, content: str = CONTENT) -> str:
    found = f"md5: {md5_of(content)}\n  size: {len(content)}\n  hash: md5"
    return f"outs:\n- {found}\n  path: {path}\n"


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project of DVC's whose cache has the content."""
    digest = md5_of(CONTENT)
    return {**PROJECT, **DVC, f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}": CONTENT}


@pytest.fixture
def outside(work_tree: Path) -> Path:
    """A folder outside of the repository, which links of the commit lead to."""
    place = work_tree.parent / "outside"
    place.mkdir()
    return place


def strange_commit(top: Path, outside: Path, path: str) -> None:
    """Commit a pointer on a branch of its own, with links; go back to main."""
    run_git("switch", "--quiet", "--create", "strange", cwd=top)
    write(top, {"x.dvc": pointer(path), "sub/a": ""})
    (top / "link").symlink_to(outside)
    (top / "sub/link").symlink_to("../link")
    commit_all(top, "strange")


def is_placed(top: Path, outside: Path, path: str) -> bool:
    found = [*outside.rglob("placed"), *top.rglob("placed")]
    return bool(found) or os.path.lexists(top / path)


@pytest.mark.parametrize("path", PLACES)
def test_a_switch_places_no_data_where_a_commit_must_not_write(
    path: str, work_tree: Path, outside: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    strange_commit(work_tree, outside, path)
    git("switch", "--quiet", "main")
    gitexp("hooks", "install")

    ended = git_ended("switch", "--quiet", "strange")

    assert (ended.returncode, is_placed(work_tree, outside, path)) == (0, False)
    assert f"no data may lie at '{path}'" in ended.stderr


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"x.dvc": pointer("placed") + "wdir: .git/info\n"}, ".git/info/placed"),
        ({"x.dvc": pointer("placed") + "wdir: sub/../link\n"}, "link/placed"),
        ({"sub/x.dvc": pointer("../.git/hooks/placed")}, ".git/hooks/placed"),
        (
            {
                "sub/dvc.yaml": "stages: {a: {cmd: 'true', wdir: ../.git, outs: [placed]}}\n",
                "sub/dvc.lock": (
                    "schema: '2.0'\nstages:\n  a:\n    cmd: 'true'\n    outs:\n"
                    f"    - path: placed\n      hash: md5\n      md5: {md5_of(CONTENT)}\n"
                ),
            },
            ".git/placed",
        ),
    ],
    ids=["wdir in .git", "wdir through a link", "up from a folder", "stage with a wdir"],
)
def test_a_switch_places_no_data_there_by_a_folder_of_the_pointers_own(
    files: Mapping[str, str],
    place: str,
    work_tree: Path,
    outside: Path,
    git: Git,
    git_ended: GitEnded,
    gitexp: Gitexp,
) -> None:
    strange_commit(work_tree, outside, "fine")
    (work_tree / "x.dvc").unlink()
    write(work_tree, files)
    commit_all(work_tree, "more")
    git("switch", "--quiet", "main")
    gitexp("hooks", "install")

    ended = git_ended("switch", "--quiet", "strange")

    assert (ended.returncode, is_placed(work_tree, outside, place)) == (0, False)
    assert f"no data may lie at '{place}'" in ended.stderr


@pytest.mark.parametrize("path", PLACES)
def test_a_run_with_such_a_pointer_is_not_applied_and_gives_no_files(
    path: str, work_tree: Path, outside: Path, git: Git, gitexp: Gitexp
) -> None:
    strange_commit(work_tree, outside, path)
    assert gitexp("run", "-n", "one").code == 0
    git("checkout", "--quiet", "--force", "main")
    git("clean", "--quiet", "-fd")

    applied = gitexp("apply", "--force", "one")
    got = gitexp("get", "one", ".", "-o", work_tree / "got")

    for ended in (applied, got):
        assert (ended.code, ended.out) == (2, "")
        assert f"error: no data may lie at '{path}'" in ended.err
    assert not is_placed(work_tree, outside, path)
    assert not (work_tree / "got").exists()
    assert git("status", "--short") == ""


@pytest.mark.parametrize("options", [(), ("--temp",)])
def test_a_run_does_not_read_what_a_commits_link_leads_to(
    options: tuple[str, ...], work_tree: Path, outside: Path, git: Git, gitexp: Gitexp
) -> None:
    strange_commit(work_tree, outside, "link/placed")
    private = "somebody's own\n"
    write(outside, {"placed": private})

    ended = gitexp("run", *options)

    digest = md5_of(private)
    assert ended.code == 0, ended.err
    assert "'link' is a link that came with a commit" in ended.err
    assert not (work_tree / f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}").exists()
    assert git("show", "experiments:x.dvc") == pointer("link/placed")


def test_a_link_that_an_applied_run_left_is_still_a_commits(
    work_tree: Path, outside: Path, gitexp: Gitexp
) -> None:
    (work_tree / "link").symlink_to(outside)
    assert gitexp("run", "-n", "with-link").code == 0
    (work_tree / "link").unlink()
    write(work_tree, {"x.dvc": pointer("link/placed")})
    assert gitexp("run", "-n", "with-pointer").code == 0
    (work_tree / "x.dvc").unlink()
    assert gitexp("apply", "with-link").code == 0
    assert (work_tree / "link").is_symlink()

    ended = gitexp("apply", "with-pointer")

    assert (ended.code, list(outside.iterdir())) == (2, [])
    assert "'link' is a link that came with a commit" in ended.err


def test_a_link_that_a_person_made_for_this_clone_is_followed(
    work_tree: Path, outside: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    write(work_tree, {".git/info/exclude": "scratch\n", "x.dvc": pointer("scratch/placed")})
    git("switch", "--quiet", "--create", "data")
    commit_all(work_tree)
    git("switch", "--quiet", "main")
    (work_tree / "scratch").symlink_to(outside)
    gitexp("hooks", "install")

    ended = git_ended("switch", "--quiet", "data")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert (outside / "placed").read_text() == CONTENT


@pytest.mark.parametrize("path", ["../placed", "/nowhere/placed", "file:///nowhere/placed"])
def test_a_path_out_of_the_repository_is_refused_beside_a_harmless_one(
    path: str, work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    git("switch", "--quiet", "--create", "strange")
    write(work_tree, {"x.dvc": pointer(path), "fine.dvc": pointer("fine"), ".gitignore": "/fine\n"})
    commit_all(work_tree, "strange")
    assert gitexp("run", "-n", "one").code == 0
    git("switch", "--quiet", "--force", "main")
    git("clean", "--quiet", "-fdx", "-e", ".dvc")

    applied = gitexp("apply", "--no-code", "one")
    gitexp("hooks", "install")
    switched = git_ended("switch", "--quiet", "strange")

    assert (applied.code, applied.out) == (2, "")
    assert f"error: no data may lie at '{path}': git takes no such path" in applied.err
    assert f"'{path}' could not follow its pointer: no data may lie at" in switched.stderr
    assert (work_tree / "fine").read_text() == CONTENT
