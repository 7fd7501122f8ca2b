"""What is said of damage that git complains of."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.git.damage import OBJECTS_HINT, hint_for
from gitexp.git.failing import GitCommandFailed


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


def test_what_git_says_of_other_things_is_not_taken_for_damage() -> None:
    assert hint_for("fatal: could not read Username for 'https://host': terminal prompts") is None
    assert hint_for("fatal: 'origin' does not appear to be a git repository") is None
    assert hint_for("") == OBJECTS_HINT
