"""What is said of the branch, of its runs and of those that wait."""

from __future__ import annotations

from pathlib import Path

from gitexp.cli.main import main
from gitexp.doctor.branch import examine_branch

from tests.doctor.workshop import Examine
from tests.workshop import Git


def test_a_branch_of_runs_is_fine(examine: Examine) -> None:
    assert examine(examine_branch, fine=True) == [
        ("ok", "branch", "'experiments' can take runs, and has 1 run"),
        ("ok", "runs", "every run can be read"),
        ("ok", "index", "in the git directory, and up to date"),
        ("ok", "waiting", "no run waits for its branch"),
        ("ok", "notes", "no tag, comment or other late fact yet"),
    ]


def test_a_removed_run_is_a_run(examine: Examine) -> None:
    main(["run", "-n", "second", "--", "true"])
    main(["rm", "first"])

    found = examine(examine_branch, fine=True)

    assert found[0] == (
        "ok",
        "branch",
        "'experiments' can take runs, and has 2 runs, 1 of them removed",
    )
    assert {mark for mark, _, _ in found} == {"ok"}


def test_before_the_first_run_nothing_is_wrong(examine: Examine, git: Git) -> None:
    git("update-ref", "-d", "refs/heads/experiments")

    assert examine(examine_branch) == []


def test_a_clone_without_the_branch_is_told_where_runs_are(
    work_tree: Path, examine: Examine, git: Git
) -> None:
    git("remote", "add", "origin", work_tree)
    tip = git("rev-parse", "experiments").strip()
    git("branch", "-D", "experiments")
    [found] = [one for one in examine(examine_branch, fine=True) if one[1] == "branch"]
    assert "is made by the first run, or by `gitexp pull` if others have runs" in found[2]

    git("update-ref", "refs/remotes/origin/experiments", tip)

    [found] = examine(examine_branch)
    assert found == ("note", "branch", "'origin/experiments' has runs; 'experiments' is not here")

    git("update-ref", "refs/remotes/origin/experiments", "HEAD")

    [found] = examine(examine_branch)
    assert found == ("wrong", "branch", "branch 'origin/experiments' holds things other than runs")


def test_a_run_that_waits_is_told_with_what_is_in_its_way(
    work_tree: Path, examine: Examine
) -> None:
    main(["run", "-n", "second", "--", "git", "switch", "-q", "-f", "experiments"])
    (place,) = (work_tree / ".git" / "gitexp" / "waiting").iterdir()

    assert examine(examine_branch) == [
        (
            "wrong",
            "branch",
            f"branch 'experiments', where runs are recorded, is checked out in '{work_tree}'",
        ),
        ("wrong", "waiting", f"1 run waits for the branch: {place.name}"),
    ]


def test_an_ordinary_branch_is_wrong(examine: Examine, git: Git) -> None:
    git("branch", "-f", "experiments", "main")

    assert examine(examine_branch) == [
        ("wrong", "branch", "branch 'experiments' holds things other than runs")
    ]


def test_commits_that_repeat_a_run_or_lack_its_record_are_found(examine: Examine, git: Git) -> None:
    message = git("log", "-1", "--format=%B", "experiments")
    tip, tree = git("rev-parse", "experiments", "experiments^{tree}").split()
    again = git("commit-tree", tree, "-p", tip, "-m", message).strip()
    empty = git("mktree").strip()
    other = message.replace("Gitexp-Run: ", "Gitexp-Run: x")
    without = git("commit-tree", empty, "-p", again, "-m", other).strip()
    git("update-ref", "refs/heads/experiments", without)

    assert examine(examine_branch) == [
        ("note", "runs", f"1 commit repeats a run: {again[:10]}; the first of each counts"),
        ("wrong", "runs", f"1 commit names a run without its record: {without[:10]}"),
    ]


def test_a_run_of_a_newer_gitexp_is_told(examine: Examine, git: Git, work_tree: Path) -> None:
    record = git("show", "experiments:.gitexp/run.json").replace('"version": 1', '"version": 2')
    (work_tree / "run.json").write_text(record.replace('"version":1', '"version":2'))
    git("read-tree", "--empty")
    blob = git("hash-object", "-w", "run.json").strip()
    git("update-index", "--add", "--cacheinfo", f"100644,{blob},.gitexp/run.json")
    tree, root = git("write-tree").strip(), git("rev-parse", "experiments^").strip()
    message = git("log", "-1", "--format=%B", "experiments")
    newer = git("commit-tree", tree, "-p", root, "-m", message).strip()
    git("update-ref", "refs/heads/experiments", newer)

    [(mark, subject, text)] = examine(examine_branch)

    assert (mark, subject) == ("wrong", "runs")
    assert text.startswith("'first' cannot be read: needs gitexp ≥ ")


def test_an_index_elsewhere_is_told(work_tree: Path, examine: Examine, tmp_path: Path) -> None:
    place = work_tree / ".git" / "gitexp"
    place.rename(place.with_name("kept"))
    place.touch()

    found = examine(examine_branch, fine=True)

    cache = tmp_path / "home" / ".cache" / "gitexp" / "indexes"
    assert any(f"in your cache folder, as '{cache}" in text for _, _, text in found)
