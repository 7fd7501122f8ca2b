"""What is said of DVC's set-up."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise
from gitexp.doctor.data import examine_data
from gitexp.project import Project

from tests.doctor.workshop import Examine
from tests.workshop import Git


def test_a_project_without_dvc_is_fine(examine: Examine) -> None:
    assert examine(examine_data, fine=True) == [
        ("ok", "data", "DVC is not set up here; the first model does it")
    ]


def test_a_project_as_gitexp_sets_it_up_lacks_a_remote_alone(
    work_tree: Path, examine: Examine
) -> None:
    initialise(work_tree)

    assert examine(examine_data, fine=True) == [
        ("ok", "cache", "nothing is in DVC's cache yet"),
        ("note", "remote", "no DVC remote is the default: data stays here"),
        ("ok", "analytics", "DVC sends nothing home"),
    ]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            "[core]\n    remote = gone\n",
            ("wrong", "remote", "the default DVC remote 'gone' is not configured"),
        ),
        ("[cache]\n    dir = ../away\n", ("note", "cache", "'{top}/away' is not there")),
        (
            "[core",
            ("wrong", "data", "DVC cannot read its configuration '{top}/.dvc/config': "),
        ),
        (
            "[core]\n    analytics = true\n",
            ("note", "analytics", "DVC sends usage data to its makers"),
        ),
    ],
    ids=["remote", "cache", "damaged", "analytics"],
)
def test_what_is_amiss_with_dvc_is_named(
    work_tree: Path,
    examine: Examine,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    expected: tuple[str, str, str],
) -> None:
    initialise(work_tree)
    monkeypatch.delenv("DVC_NO_ANALYTICS")
    (work_tree / ".dvc" / "config").write_text(config)
    mark, subject, text = expected

    found = examine(examine_data)

    assert any(
        one[:2] == (mark, subject) and one[2].startswith(text.format(top=work_tree))
        for one in found
    ), found


def test_a_linked_work_tree_without_the_cache_of_the_main_one_is_noted(
    work_tree: Path, git: Git
) -> None:
    initialise(work_tree)
    git("add", "--all")
    git("commit", "--quiet", "-m", "dvc")
    (work_tree / ".dvc/cache").mkdir()
    linked = work_tree.with_name("linked")
    git("worktree", "add", "--quiet", linked)

    def said() -> tuple[str, str]:
        with Project.open(linked) as project:
            found = next(iter(examine_data(project)))
        return found.mark, found.text

    words = "this linked work tree does not use the main one's DVC cache"
    assert said() == ("note", words)
    (linked / ".dvc/config.local").write_text(f"[cache]\n    dir = {work_tree}/.dvc/cache\n")
    assert said() == ("ok", f"'{work_tree}/.dvc/cache'")
    (linked / ".dvc/config.local").unlink()
    (work_tree / ".dvc/config.local").write_text("[core")
    assert said() == ("ok", "nothing is in DVC's cache yet")
    shared = work_tree.with_name("shared")
    shared.mkdir()
    (linked / ".dvc/config.local").write_text(f"[cache]\n    dir = {shared}\n")
    assert said() == ("ok", f"'{shared}'")


def test_each_dvc_project_is_looked_at_and_a_versioned_remote_takes_no_runs(
    work_tree: Path, examine: Examine
) -> None:
    (work_tree / "ml").mkdir()
    initialise(work_tree / "ml")
    remote = "['remote \"s3\"']\n    url = s3://data\n    version_aware = true\n"
    (work_tree / "ml/.dvc/config").write_text(f"[core]\n    remote = s3\n{remote}")

    alone = examine(examine_data, fine=True)
    initialise(work_tree)
    both = examine(examine_data, fine=True)

    versioned = "the default DVC remote 's3' is cloud-versioned: it has what `dvc push` "
    versioned += "sent of a commit, and takes no data of runs, which stays here"
    assert alone[1] == ("note", "remote", versioned)
    assert both[1] == (
        "note",
        "remote",
        "no DVC remote is the default: data stays here (in '.')",
    )
    assert both[4] == ("note", "remote", f"{versioned} (in 'ml')")
