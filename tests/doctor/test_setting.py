"""What is said of git, the identity, the settings and locks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.doctor.examination import examine as everything
from gitexp.doctor.setting import examine_setting

from tests.doctor.workshop import Examine
from tests.workshop import Git


def test_what_is_well_set_up_is_fine(examine: Examine) -> None:
    found = examine(examine_setting, fine=True)

    assert [(mark, subject) for mark, subject, _ in found] == [
        ("ok", "git"),
        ("ok", "identity"),
        ("ok", "settings"),
        ("ok", "locks"),
    ]
    assert found[1][2] == "Ada <ada@example.com>"


def test_settings_that_cannot_be_read_are_wrong_and_end_nothing(
    work_tree: Path, examine: Examine
) -> None:
    (work_tree / "gitexp.yaml").write_text("brunch: x\n")

    found = examine(everything, fine=True)

    assert [one for one in found if one[0] == "wrong"] == [
        ("wrong", "settings", "gitexp.yaml, line 1: unknown setting 'brunch'")
    ]
    assert "journal" in {subject for _, subject, _ in found}


def test_an_identity_that_git_does_not_know_is_wrong(examine: Examine, git: Git) -> None:
    git("config", "--global", "--unset-all", "user.name")
    git("config", "--global", "--unset-all", "user.email")
    git("config", "--global", "user.useConfigOnly", "true")

    assert examine(examine_setting) == [
        (
            "wrong",
            "identity",
            "git does not know your name and email address, which every run carries",
        )
    ]


@pytest.mark.parametrize("ref", ["heads/experiments", "gitexp/running/3f9a72c1ab"])
def test_a_lock_that_a_git_left_is_wrong_once_it_is_old(
    work_tree: Path, examine: Examine, ref: str
) -> None:
    lock = work_tree / ".git" / "refs" / f"{ref}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    young = examine(examine_setting)
    os.utime(lock, (1, 1))

    assert young == []
    assert examine(examine_setting) == [
        ("wrong", "locks", f"'{lock}' was left by a git that was killed")
    ]
