"""Clones that lack a part, and repositories without a work tree of their own: gc and purge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.workshop import Clone, Run
from tests.workshop import Git, Gitexp, commit_all, only_once, write

SECRET = "the password is swordfish\n"


def has(place: Path, content: str = SECRET) -> bool:
    """Tell whether a repository has a blob, without making a partial clone fetch it."""
    named = subprocess.run(
        ["git", "hash-object", "--stdin"], input=content, capture_output=True, text=True, check=True
    )
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch-check"],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    return named.stdout.strip() in listed.stdout


@pytest.fixture
def leaked(run: Run, work_tree: Path, gitexp: Gitexp, hub: Path, git: Git) -> Path:
    """Two runs, the first with a secret in a folder; pushed to a hub that filters."""
    git("config", "uploadpack.allowFilter", "true", cwd=hub)

    def make() -> None:
        write(work_tree, {"notes/leaked.txt": SECRET})
        run("leaky")
        (work_tree / "notes" / "leaked.txt").unlink()
        run("clean")

    only_once("leaked, then clean", work_tree, make)
    assert gitexp("push").code == 0
    return work_tree


def purge(gitexp: Gitexp, place: Path) -> None:
    assert gitexp("-C", place, "purge", "--path", "notes", "--force").code == 0
    assert gitexp("-C", place, "push").code == 0


PARTIAL = pytest.mark.parametrize("kind", ["blob:none", "tree:0"])


@PARTIAL
def test_a_partial_clone_does_not_fetch_what_was_purged(
    leaked: Path, gitexp: Gitexp, clone: Clone, kind: str
) -> None:
    purge(gitexp, leaked)
    other = clone("other", f"--filter={kind}")

    pulled = gitexp("-C", other, "pull")

    assert pulled == (0, "2 runs came from origin/experiments\n", "")
    assert not has(other)


@PARTIAL
def test_a_partial_clone_loses_what_it_wrote_itself(
    leaked: Path, gitexp: Gitexp, clone: Clone, run: Run, git: Git, kind: str
) -> None:
    assert leaked.exists()
    other = clone("other", f"--filter={kind}")
    write(other, {"mine.txt": SECRET * 2})
    run("mine", other)
    before = git("rev-list", "--all", "--objects", "--missing=allow-any", cwd=other)

    freed = gitexp("-C", other, "gc", "--force")
    purged = gitexp("-C", other, "purge", "mine", "--force")

    assert (freed.code, purged.code) == (0, 0), freed.err + purged.err
    assert "still in this" not in purged.err
    assert not has(other, SECRET * 2)
    main = git("rev-list", "main", "--objects", "--missing=allow-any", cwd=other)
    assert set(main.splitlines()) <= set(before.splitlines())
    git("fsck", cwd=other)


@PARTIAL
def test_a_partial_clone_says_what_stays_of_what_it_has_fetched(
    leaked: Path, gitexp: Gitexp, clone: Clone, git: Git, kind: str
) -> None:
    other = clone("other", f"--filter={kind}")
    assert gitexp("-C", other, "pull").code == 0
    assert git("show", "experiments~1:notes/leaked.txt", cwd=other) == SECRET
    purge(gitexp, leaked)

    pulled = gitexp("-C", other, "pull", "--accept-purges")
    freed = gitexp("-C", other, "gc", "--force")

    kept = (
        "warning: some of what was purged is still in this partial clone\n"
        "hint: Git keeps what it has once fetched into one: clone again, and delete this one.\n"
    )
    assert pulled.err.endswith(kept)
    assert (freed.code, freed.err) == (0, kept)


@pytest.mark.parametrize(
    "options", [("--single-branch",), ("--depth=1",), ("--single-branch", "--no-tags")]
)
def test_no_ref_that_we_made_holds_what_was_purged(
    leaked: Path, gitexp: Gitexp, clone: Clone, git: Git, options: tuple[str, ...]
) -> None:
    assert leaked.exists()
    other = clone("other", "--branch=main", *options)
    assert gitexp("-C", other, "pull").code == 0
    assert has(other)

    purge(gitexp, other)

    assert git("rev-parse", "origin/experiments", cwd=other) == git(
        "rev-parse", "experiments", cwd=other
    )
    assert not has(other)


def test_precious_objects_stay(leaked: Path, gitexp: Gitexp, git: Git) -> None:
    git("config", "extensions.preciousObjects", "true")

    purged = gitexp("purge", "--path", "notes", "--force")
    pushed = gitexp("push")

    assert (purged.code, pushed.code) == (0, 0)
    assert (
        "warning: what was purged is still in this clone: its objects are precious\n"
        "hint: Once nothing else borrows them: "
        "`git config --unset extensions.preciousObjects`, then `gitexp gc`.\n"
    ) in pushed.err
    assert has(leaked)

    git("config", "--unset", "extensions.preciousObjects")
    freed = gitexp("gc", "--force")
    assert "note: what was purged is now gone from this clone\n" in freed.err
    assert not has(leaked)


@pytest.mark.parametrize("place", ["bare.git", "project/.git"])
def test_a_bare_repository_with_work_trees(
    work_tree: Path,
    tmp_path: Path,
    gitexp: Gitexp,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    bare = tmp_path / place
    git("clone", "--quiet", "--bare", work_tree, bare)
    git("worktree", "add", "--quiet", tmp_path / "one", "main", cwd=bare)
    git("worktree", "add", "--quiet", "-b", "other", tmp_path / "two", cwd=bare)
    monkeypatch.chdir(tmp_path / "one")
    script = f"printf '{SECRET.strip()}\\n' > leaked.txt"
    assert gitexp("run", "-n", "leaky", "--", "sh", "-c", script).code == 0
    Path("leaked.txt").unlink()
    assert gitexp("run", "-n", "copy", "--temp", "--", "true").code == 0

    freed = gitexp("gc", "--force")
    purged = gitexp("purge", "leaky", "--force")

    assert (freed.code, purged.code) == (0, 0), freed.err + purged.err
    assert not has(bare)
    assert git("log", "--format=%s", "experiments").splitlines()[0].startswith("copy")
    git("fsck")


def test_data_that_another_work_tree_needs_stays(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "bare.git"
    git("clone", "--quiet", "--bare", work_tree, bare)
    git("worktree", "add", "--quiet", tmp_path / "one", "main", cwd=bare)
    git("worktree", "add", "--quiet", "-b", "other", tmp_path / "two", cwd=bare)
    monkeypatch.chdir(tmp_path / "one")
    assert gitexp("init").code == 0
    commit_all(tmp_path / "one", "with DVC")
    for name in ("first", "second"):
        assert gitexp("run", "-n", name, "--", "sh", "-c", f"echo {name} > model.pt").code == 0
    pointer = git("show", "experiments~1:model.pt.dvc")
    (tmp_path / "two" / "model.pt.dvc").write_text(pointer)
    cache = tmp_path / "one" / ".dvc" / "cache" / "files" / "md5"
    assert gitexp("rm", "first").code == 0

    freed = gitexp("gc", "--force")

    assert freed.code == 0, freed.err
    assert sorted(path.read_text() for path in cache.glob("??/*")) == ["first\n", "second\n"]


def test_apply_in_a_partial_clone_brings_all_of_a_run_or_nothing(
    leaked: Path, gitexp: Gitexp, clone: Clone, hub: Path, git: Git
) -> None:
    assert leaked.exists()
    other = clone("other", "--filter=blob:none")
    assert gitexp("-C", other, "pull").code == 0
    away = hub.rename(hub.with_name("away"))

    without = gitexp("-C", other, "apply", "leaky")
    untouched = git("status", "--short", cwd=other)
    away.rename(hub)
    with_it = gitexp("-C", other, "apply", "leaky")

    assert (without.code, without.out, untouched) == (2, "", "")
    assert "cannot be read from git, so nothing was changed" in without.err
    assert "hint: This is a partial clone: `git fetch` shows whether" in without.err
    assert with_it.code == 0, with_it.err
    assert (other / "notes" / "leaked.txt").read_text() == SECRET
