"""`dvc gc`: whose models it deletes, as docs/how-to/use-with-dvc.md warns."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

import pytest

from tests.workshop import Git, Gitexp, dvc


class Cached(Protocol):
    """Return whose models are left in the cache after `dvc gc OPTIONS...`, of three runs."""

    def __call__(self, *options: str) -> list[str]: ...


@pytest.fixture
def cached(gitexp: Gitexp, work_tree: Path) -> Cached:
    """Return whose models are left in the cache after `dvc gc OPTIONS...`, of three runs."""
    for name in ("one", "two", "three"):
        gitexp("run", "-n", name, "--", "sh", "-c", f"printf {name} > model.pt")
    cache, kept = work_tree / ".dvc" / "cache", work_tree.with_name("kept")
    shutil.copytree(cache, kept)

    def left(*options: str) -> list[str]:
        shutil.rmtree(cache)
        shutil.copytree(kept, cache)
        dvc("gc", "--force", *options)
        return sorted(path.read_text() for path in cache.rglob("*") if path.is_file())

    return left


def test_only_gc_of_all_commits_keeps_the_models_of_all_runs(
    cached: Cached, git: Git, work_tree: Path
) -> None:
    (work_tree / "model.pt.dvc").unlink()  # else the work tree holds on to the last one
    git("add", "--all")
    git("commit", "--quiet", "-m", "DVC")

    left = {options: cached(*options) for options in (("-w",), ("-w", "-a"), ("-w", "-A"))}

    assert left == {
        ("-w",): [],
        ("-w", "-a"): ["three"],
        ("-w", "-A"): ["one", "three", "two"],
    }
