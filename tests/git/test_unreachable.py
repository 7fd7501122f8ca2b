from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.git.unreachable import delete_unreachable, expire_reflog

from tests.workshop import Git, shell


@pytest.fixture
def lost(repository: Repository, work_tree: Path) -> dict[str, str]:
    """Oids of a commit that no branch has any more, of its only file, and of a file it shares."""
    history = """
        echo secret > secret
        git add secret
        git commit --quiet -m 'with a secret'
        git rev-parse HEAD HEAD:secret HEAD:train.py
        git reset --quiet --hard HEAD~1
    """
    oids = shell(history, work_tree).split()
    expire_reflog(repository, ["HEAD", "refs/heads/main"])
    return dict(zip(("commit", "secret", "shared"), oids, strict=True))


def there(repository: Repository, oid: str) -> bool:
    return repository.attempt("cat-file", "-e", oid).returncode == 0


@pytest.mark.parametrize("packed", [False, True])
def test_a_lost_commit_goes_with_what_it_alone_needs(
    repository: Repository, git: Git, lost: dict[str, str], packed: bool
) -> None:
    if packed:
        git("pack-objects", "--all", "--quiet", repository.common_dir / "objects/pack/pack")
        git("repack", "-A", "-d", "--quiet")

    delete_unreachable(repository, [lost["commit"]], lambda _: False)

    assert [there(repository, lost[name]) for name in ("commit", "secret", "shared")] == [
        False,
        False,
        True,
    ]
    assert git("fsck", "--full", "--strict") == ""


def test_what_a_lost_commit_of_the_users_needs_stays(
    repository: Repository, git: Git, lost: dict[str, str]
) -> None:
    users = git("commit-tree", "-m", "mine", f"{lost['commit']}^{{tree}}").strip()

    delete_unreachable(repository, [lost["commit"], lost["secret"]], lambda _: False)

    assert there(repository, lost["secret"])
    assert git("show", f"{users}:secret") == "secret\n"
    git("fsck", "--full", "--strict", "--no-dangling")


def test_a_lost_commit_of_ours_that_needs_some_of_it_goes_along(
    repository: Repository, git: Git, lost: dict[str, str]
) -> None:
    ours = git("commit-tree", "-m", "ours", f"{lost['commit']}^{{tree}}").strip()
    other = git("commit-tree", "-m", "ours", "HEAD^{tree}").strip()

    delete_unreachable(repository, [lost["commit"]], lambda content: b"ours" in content)

    assert not there(repository, lost["secret"])
    assert not there(repository, ours)
    assert there(repository, other)


def test_what_is_still_needed_is_not_touched(repository: Repository, git: Git) -> None:
    delete_unreachable(repository, [git("rev-parse", "HEAD").strip(), "0" * 40], lambda _: True)

    assert git("fsck", "--full", "--strict") == ""


def test_what_another_work_tree_has_staged_stays(
    repository: Repository, git: Git, lost: dict[str, str], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git("worktree", "add", "--quiet", other)
    (other / "mine").write_text("secret\n")
    git("-C", other, "add", "mine")

    delete_unreachable(repository, [lost["commit"]], lambda _: False)

    assert not there(repository, lost["commit"])
    git("-C", other, "commit", "--quiet", "-m", "mine")
    git("fsck", "--full", "--strict", "--no-dangling")


def test_what_somebody_asks_for_meanwhile_stays(
    repository: Repository, git: Git, lost: dict[str, str], work_tree: Path
) -> None:
    (work_tree / "mine").write_text("secret\n")

    def adding(_: bytes) -> bool:
        git("add", "mine")
        return False

    git("commit-tree", "-m", "asked about", "HEAD^{tree}")
    delete_unreachable(repository, [lost["commit"]], adding)

    assert not there(repository, lost["commit"])
    git("commit", "--quiet", "-m", "mine")
    git("fsck", "--full", "--strict", "--no-dangling")


def test_nothing_is_deleted_from_a_damaged_repository(
    repository: Repository, git: Git, lost: dict[str, str]
) -> None:
    tree = git("rev-parse", "HEAD^{tree}").strip()
    (repository.common_dir / "objects" / tree[:2] / tree[2:]).unlink()

    delete_unreachable(repository, [lost["commit"]], lambda _: False)

    assert there(repository, lost["commit"])
    assert there(repository, lost["shared"])


def test_a_ref_to_a_branch_that_is_gone_is_no_damage(
    repository: Repository, git: Git, lost: dict[str, str]
) -> None:
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")

    delete_unreachable(repository, [lost["commit"]], lambda _: False)

    assert not there(repository, lost["commit"])


def test_a_ref_that_git_did_not_see_when_it_judged_is_needed_all_the_same(
    repository: Repository, git: Git, lost: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder that it cannot look at, `git fsck` says nothing, and ends with 0."""
    git("branch", "again", lost["commit"])
    refs, attempt = repository.common_dir / "refs", repository.attempt

    def seeing_less(*args: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        away = refs.parent / "away"
        if args[0] == "fsck":
            (refs / "heads").rename(away)
            (refs / "heads").mkdir()
        ended = attempt(*args, **options)
        if args[0] == "fsck":
            (refs / "heads").rmdir()
            away.rename(refs / "heads")
        return ended

    monkeypatch.setattr(repository, "attempt", seeing_less)

    delete_unreachable(repository, [lost["commit"]], lambda _: True)

    assert git("show", "again:secret") == "secret\n"
    git("fsck", "--full", "--strict")


def test_nothing_is_deleted_beside_refs_that_git_cannot_look_at(
    repository: Repository, git: Git, lost: dict[str, str]
) -> None:
    """Git passes over them, as over a folder that is somebody else's; root may look at all."""
    place = repository.common_dir / "refs/heads/topic"
    place.symlink_to(place)
    assert git("for-each-ref", "--format=%(refname)") == "refs/heads/main\n"

    with pytest.raises(
        GitexpError, match=r"^git cannot look at '\.git/refs/heads/topic': "
    ) as told:
        delete_unreachable(repository, [lost["commit"]], lambda _: False)

    assert "`ls -ld .git/refs/heads/topic`" in str(told.value.hint)
    assert there(repository, lost["commit"])


def test_a_ref_that_is_only_a_link_to_nothing_hides_nothing(
    repository: Repository, lost: dict[str, str]
) -> None:
    (repository.common_dir / "refs/heads/gone").symlink_to("nothing")

    delete_unreachable(repository, [lost["commit"]], lambda _: False)

    assert not there(repository, lost["commit"])
