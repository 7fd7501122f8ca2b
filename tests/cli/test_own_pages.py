"""What gitexp draws and writes about runs is no part of later ones."""

from __future__ import annotations

from pathlib import Path

from tests.workshop import Git, Gitexp


def test_pages_of_gitexp_are_no_part_of_later_runs(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    gitexp("run", "-n", "first")
    gitexp("report", "first", "-o", "r.html")
    (work_tree / "story.html").write_text(gitexp("story", "--html").out)
    gitexp("ui", "--export", "site")
    (work_tree / "mine.html").write_text("<!doctype html><p>mine")

    code, _, err = gitexp("run", "-n", "second")

    held = git("ls-tree", "-r", "--name-only", "experiments").split()
    assert code == 0
    assert "mine.html" in held
    assert not [path for path in held if path in ("r.html", "story.html") or "site" in path]
    assert "r.html" not in err
    assert (work_tree / "r.html").is_file()
    assert "site" not in git("status", "--porcelain")

    git("add", "r.html")
    gitexp("run", "-n", "third")  # what the user adds is the user's

    assert "r.html" in git("ls-tree", "-r", "--name-only", "experiments").split()
