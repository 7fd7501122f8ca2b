"""Remotes as git serves them over file://: what comes, what goes, and what is refused how."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git.remotes import (
    EVERYTHING,
    PushRejected,
    Remote,
    RemoteFailed,
    RemoteMoved,
    choose_remote,
)
from gitexp.git.repository import Repository

from tests.workshop import Git


@pytest.fixture
def other(hub: Path, tmp_path: Path, git: Git) -> Path:
    """Another clone of the hub, one commit ahead on main."""
    place = tmp_path / "other"
    git("clone", "--quiet", f"file://{hub}", place)
    git("commit", "--quiet", "--allow-empty", "-m", "ahead", cwd=place)
    return place


def hook(hub: Path, *lines: str) -> None:
    place = hub / "hooks" / "pre-receive"
    place.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    place.chmod(0o755)


@pytest.mark.usefixtures("hub")
def test_tips_are_those_of_the_refs_that_the_remote_has(repository: Repository) -> None:
    main = repository.objects.commit("main")

    tips = Remote(repository, "origin").tips("refs/heads/main", "refs/heads/none")

    assert tips == {"refs/heads/main": main}


def test_fetch_takes_what_is_asked_for_and_nothing_else(
    repository: Repository, other: Path, git: Git
) -> None:
    git("tag", "v1", cwd=other)
    git("push", "--quiet", "origin", "main", "main:extra", "v1", cwd=other)

    Remote(repository, "origin").fetch("+refs/heads/extra:refs/remotes/origin/extra")

    refs = repository.line("for-each-ref", "--format=%(refname)").splitlines()
    assert refs == ["refs/heads/main", "refs/remotes/origin/extra", "refs/remotes/origin/main"]
    assert not (repository.git_dir / "FETCH_HEAD").exists()


def test_fetch_deepens_one_branch_and_no_other(
    hub: Path, other: Path, tmp_path: Path, git: Git
) -> None:
    git("checkout", "--quiet", "--orphan", "runs", cwd=other)
    for _ in range(3):
        git("commit", "--quiet", "--allow-empty", "-m", "run", cwd=other)
    git("push", "--quiet", "origin", "runs", "main", cwd=other)
    shallow = tmp_path / "shallow"
    git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{hub}", shallow)

    with Repository.open(shallow) as repository:
        refspec = "+refs/heads/runs:refs/remotes/origin/runs"
        Remote(repository, "origin").fetch(refspec, depth=EVERYTHING)

    assert git("rev-list", "--count", "origin/runs", cwd=shallow) == "3\n"
    assert git("rev-list", "--count", "origin/main", cwd=shallow) == "1\n"


def test_push_moves_the_branch(repository: Repository, hub: Path, git: Git) -> None:
    Remote(repository, "origin").push("main:refs/heads/copy")

    assert git("rev-parse", "copy", cwd=hub) == git("rev-parse", "main")


def test_push_forces_nothing(repository: Repository, hub: Path, other: Path, git: Git) -> None:
    git("push", "--quiet", "origin", "main", cwd=other)
    git("commit", "--quiet", "--allow-empty", "-m", "elsewhere")

    with pytest.raises(RemoteMoved):
        Remote(repository, "origin").push("main:refs/heads/main")

    assert git("rev-parse", "main", cwd=hub) == git("rev-parse", "main", cwd=other)


def test_a_push_that_is_refused_has_the_words_of_the_remote(
    repository: Repository, hub: Path
) -> None:
    hook(hub, "echo 'commits must be signed'", "exit 1")

    with pytest.raises(PushRejected) as refused:
        Remote(repository, "origin").push("main:refs/heads/copy")

    assert refused.value.said == ("remote: commits must be signed", "pre-receive hook declined")


def test_a_remote_that_cannot_write_is_no_race(repository: Repository, hub: Path) -> None:
    blocked = hub / "refs" / "heads" / "copy.lock"
    hook(hub, "echo \"cannot lock ref: Unable to create 'x.lock': Permission denied\"", "exit 0")
    blocked.touch()

    with pytest.raises(PushRejected) as refused:
        Remote(repository, "origin").push("main:refs/heads/copy")

    assert "failed to update ref" in refused.value.said


def test_a_hook_of_the_user_that_refuses_is_heard(repository: Repository, hub: Path) -> None:
    place = repository.git_dir / "hooks" / "pre-push"
    place.parent.mkdir(exist_ok=True)
    place.write_text("#!/bin/sh\necho 'not on Fridays' >&2\nexit 1\n")
    place.chmod(0o755)

    with pytest.raises(RemoteFailed, match="not on Fridays"):
        Remote(repository, "origin").push("main:refs/heads/copy")

    assert not (hub / "refs/heads/copy").exists()


@pytest.mark.usefixtures("hub")
def test_progress_is_told_and_is_no_error(repository: Repository) -> None:
    told: list[str] = []

    oid = repository.line("commit-tree", "HEAD^{tree}", "-m", "new")
    Remote(repository, "origin", told.append).push(f"{oid}:refs/heads/three")

    assert any(line.startswith("Writing objects: 100%") for line in told)


def test_a_remote_that_is_not_there_is_told_in_its_words(repository: Repository, git: Git) -> None:
    git("remote", "add", "gone", f"file://{repository.top}/none.git")

    with pytest.raises(RemoteFailed, match="does not appear to be a git repository") as failed:
        Remote(repository, "gone").tips("refs/heads/main")

    assert failed.value.hint == "Check the URL: `git remote -v`."


def test_a_ref_of_a_remote_that_is_damaged_comes_with_what_names_it(
    repository: Repository, hub: Path
) -> None:
    branch = hub / "refs" / "heads" / "main"
    branch.write_text(f"{'f6' * 20}\n")

    with pytest.raises(RemoteFailed, match="not our ref") as failed:
        Remote(repository, "origin").fetch("refs/heads/main:refs/heads/fetched")

    assert "`git fsck` there names what is damaged" in str(failed.value.hint)


def test_the_environment_names_no_repository(
    repository: Repository, hub: Path, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet", tmp_path / "wrong")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "wrong" / ".git"))

    Remote(repository, "origin").push("main:refs/heads/copy")

    assert (hub / "refs/heads/copy").exists()


def test_the_remote_is_the_branchs_own_else_origin_else_the_only_one(
    work_tree: Path, git: Git
) -> None:
    def chosen() -> str:
        with Repository.open(work_tree) as repository:
            return choose_remote(repository, "experiments")

    git("remote", "add", "up.stream", "file:///nowhere")
    only = chosen()
    git("remote", "add", "origin", "file:///nowhere")
    origin = chosen()
    git("config", "branch.experiments.remote", "up.stream")

    assert (only, origin, chosen()) == ("up.stream", "origin", "up.stream")


def test_a_remote_that_cannot_be_chosen_is_an_error(work_tree: Path, git: Git) -> None:
    def refused(named: str | None = None) -> tuple[str, str | None]:
        with Repository.open(work_tree) as repository, pytest.raises(GitexpError) as error:
            choose_remote(repository, "experiments", named)
        return str(error.value), error.value.hint

    none = refused()
    git("remote", "add", "one", "file:///nowhere")
    git("remote", "add", "two", "file:///nowhere")

    assert none == (
        "this repository has no remote",
        "Add one with `git remote add origin URL`.",
    )
    assert refused() == ("there are 2 remotes: 'one', 'two'", "Name one of them.")
    assert refused("three") == ("no remote 'three'", "The remotes are 'one', 'two'.")
