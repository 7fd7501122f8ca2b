"""Which paths git holds itself, however many are asked about."""

from __future__ import annotations

from pathlib import Path

from gitexp.git.repository import Repository
from gitexp.hooks.held import held_by_git


def test_more_paths_can_be_asked_about_than_a_command_takes(work_tree: Path) -> None:
    many = {f"{'images/' * 25}{number}.png" for number in range(15_000)}

    with Repository.open(work_tree) as repository:
        held = held_by_git(repository, many | {"train.py", ".dvc"})

    assert held == {"train.py", ".dvc"}
