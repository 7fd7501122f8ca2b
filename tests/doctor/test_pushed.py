"""What is said of runs that are nowhere else."""

from __future__ import annotations

from pathlib import Path

from gitexp.cli.main import main
from gitexp.doctor.pushed import examine_pushed
from gitexp.project import Project
from gitexp.store.tags_left import remember_tags

from tests.doctor.workshop import Examine
from tests.workshop import Git


def test_runs_that_are_in_this_clone_alone_are_counted(
    tmp_path: Path, examine: Examine, git: Git
) -> None:
    assert examine(examine_pushed, fine=True) == []  # there is nowhere else

    git("init", "--quiet", "--bare", tmp_path / "hub.git")
    git("remote", "add", "origin", tmp_path / "hub.git")
    text = "1 run not pushed to 'origin'"
    assert examine(examine_pushed, fine=True) == [("ok", "push", text)]

    git("config", "gitexp.push", "never")
    assert examine(examine_pushed, fine=True) == [("ok", "push", text)]

    git("config", "gitexp.push", "after-run")
    assert examine(examine_pushed) == [("note", "push", text)]

    assert main(["push"]) == 0
    every = ("ok", "push", "'origin' has every run")
    assert examine(examine_pushed, fine=True) == [every]

    git("tag", "--annotate", "-m", "a model", "digits@v0.0.1", "experiments")
    with Project.open(Path()) as project:
        remember_tags(project.repository, left=["digits@v0.0.1", "deleted@v0.0.1"])
    text = "1 tag of models made here and not seen on 'origin'"
    assert examine(examine_pushed, fine=True) == [every, ("note", "push", text)]
