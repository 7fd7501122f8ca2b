"""What is said of damage that git complains of."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.git.damage import OBJECTS_HINT, hint_for
from gitexp.git.failing import GitCommandFailed
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository

from tests.workshop import Git, Gitexp


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("fatal: packed object 1a70 (stored in x.pack) is corrupt", "git fsck"),
        ("error: wrong index v2 file size in x.idx", "git fsck"),
        ("error: object file .git/objects/26/8f is empty\nfatal: unable to read 268f", "git fsck"),
        ("fatal: .git/index: index file smaller than expected", "git's index is damaged"),
        ("error: bad signature 0x00000000\nfatal: index file corrupt", "git's index is damaged"),
        ("fatal: Unable to create 'x/index.lock': File exists.", "If no git is at work here"),
    ],
)
def test_damage_that_git_tells_of_comes_with_what_mends_it(said: str, hint: str) -> None:
    error = GitCommandFailed(("show", "HEAD"), 128, said)

    assert error.hint is not None
    assert hint in error.hint


def test_the_index_that_is_damaged_is_named() -> None:
    """That of a linked work tree, and the one that GIT_INDEX_FILE names in a hook."""
    said = "fatal: index file corrupt"

    for place, mends in (
        ("/r/.git/worktrees/w t/index", "`rm '/r/.git/worktrees/w t/index' && git reset`"),
        ("/r/.git/next-index-7", "`rm /r/.git/next-index-7`"),
    ):
        error = GitCommandFailed(("ls-files",), 128, said, Path(place))
        assert mends in str(error.hint)


def test_a_copy_of_a_damaged_index_names_the_one_to_mend(
    work_tree: Path, tmp_path: Path, git: Git
) -> None:
    linked = tmp_path / "linked"
    git("worktree", "add", "--quiet", "--detach", linked)
    for top in (work_tree, linked):
        with Repository.open(top) as repository:
            users = repository.git_dir / "index"
            users.write_bytes(b"DIRC" + users.read_bytes()[4:].replace(b"\0", b"\1"))
            index = PrivateIndex.copied(repository, tmp_path / "own.index")

            for ask in (lambda: [*index.stats()], index.listing, index.write_tree):  # noqa: B023
                with pytest.raises(GitCommandFailed, match="fatal: ") as raised:
                    ask()
                assert f"`rm {users} && git reset`" in str(raised.value.hint)


def test_a_run_says_that_the_index_is_damaged(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / ".git" / "index").write_bytes(b"no index")

    ended = gitexp("run", "--", "true")

    assert ended.code != 0
    assert "index file smaller than expected" in ended.err
    assert f"`rm {work_tree / '.git' / 'index'} && git reset` makes it anew" in ended.err


def test_what_git_says_of_other_things_is_not_taken_for_damage() -> None:
    assert hint_for("fatal: could not read Username for 'https://host': terminal prompts") is None
    assert hint_for("fatal: 'origin' does not appear to be a git repository") is None
    assert hint_for("") == OBJECTS_HINT
