"""Names that git refuses: git itself is asked, on harmless content, and says the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitexp.model.refused_names import is_refused

NAMES = (
    *(".git", ".GIT", ".gIt", "a/.git", "a/.git/b", ".git/config", "git~1", "GIT~1", "a/git~1/b"),
    *(".git ", ".git.", ".git. .", ".git::$INDEX_ALLOCATION", ".git:x", "git~1.", "a\\.git\\b"),
    *(".g\u200cit", "\u200e.git", ".git\ufeff", ".gi\u206ft", "a/.g\u202dit/b", ".\u200dGIT"),
    *(".", "..", "a/..", "a/../b", "a//b", "/a", "a/", "./a", "a/./b"),
    *("a", "a.git", "git", ".gita", ".gitignore", ".github/x", "git~2", "git~10", "gi~1", ".git_"),
    *("a/git/b", ".g\u00e4t", "x.git/y", ".git-x", "...", "..a", "a..b", ".dvc/x", "-a", "a b"),
    *(".git\u00a0", "\u200cgit", "a:b", "git ~1"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_refused_where_git_refuses_it(name: str, tmp_path: Path) -> None:
    asked = ["git", "-c", "core.protectHFS=true", "-c", "core.protectNTFS=true"]
    subprocess.run([*asked, "init", "-q", str(tmp_path)], check=True)
    blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # the empty one

    taken = subprocess.run(
        [*asked, "-C", str(tmp_path), "update-index", "--add", "--cacheinfo", "100644", blob, name],
        capture_output=True,
        check=False,
    )

    assert is_refused(name) == (taken.returncode != 0)
