"""Links into DVC's cache: no command writes through one, and no earlier run is damaged by it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise

from tests.execution.workshop import Runs, Sh
from tests.workshop import Git, Gitexp, commit_all, dvc

LINKS = ("hardlink", "symlink")


@pytest.fixture(params=LINKS)
def linking(request: pytest.FixtureRequest, work_tree: Path) -> str:
    """A project whose DVC links files from its cache, as committed settings say."""
    initialise(work_tree)
    config = work_tree / ".dvc" / "config"
    config.write_text(f"{config.read_text()}[cache]\n    type = {request.param}\n")
    commit_all(work_tree)
    return str(request.param)


def is_linked(path: Path) -> bool:
    """Return whether a file shares its content with another."""
    return path.is_symlink() or path.stat().st_nlink > 1


def damaged(work_tree: Path) -> list[str]:
    """Return the objects of the cache whose content is not their name."""
    return [
        str(path)
        for path in (work_tree / ".dvc/cache/files/md5").glob("??/*")
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        != f"{path.parent.name}{path.name}".removesuffix(".dir")
    ]


@pytest.mark.usefixtures("linking")
def test_a_model_that_is_written_again_leaves_that_of_the_earlier_run(
    work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    for name in ("one", "two", "three"):
        assert sh(f"echo {name} > model.pt", "-n", name).code == 0
        assert is_linked(work_tree / "model.pt")

    for name in ("one", "two", "three"):
        gitexp("get", name, "model.pt", "-o", f"{name}.got")
        assert Path(f"{name}.got").read_text() == f"{name}\n"
    assert damaged(work_tree) == []


@pytest.mark.usefixtures("linking")
def test_a_file_in_a_folder_of_models_is_protected_and_the_rest_is_recorded_as_it_was(
    work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: [models/]\n")
    commit_all(work_tree)
    sh("mkdir models; echo 1 > models/a; echo 1 > models/b", "-n", "one")

    assert sh("echo two >> models/b", "-n", "two").code == 0

    gitexp("get", "one", "models", "-o", "first")
    gitexp("get", "two", "models", "-o", "second")
    assert [Path(f"first/{name}").read_text() for name in "ab"] == ["1\n", "1\n"]
    assert [Path(f"second/{name}").read_text() for name in "ab"] == ["1\n", "1\ntwo\n"]
    assert damaged(work_tree) == []


@pytest.mark.usefixtures("linking")
def test_what_an_earlier_run_wrote_is_protected_though_nothing_declares_it(
    work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("max_file_size: 100\n")
    commit_all(work_tree)
    sh("seq 100 > table.bin", "-n", "one")
    assert is_linked(work_tree / "table.bin")

    assert sh("seq 200 > table.bin", "-n", "two").code == 0

    gitexp("get", "one", "table.bin", "-o", "got")
    assert Path("got").read_text().split()[-1] == "100"
    assert damaged(work_tree) == []


@pytest.mark.usefixtures("linking")
def test_a_model_whose_pointer_is_on_another_branch_is_protected(
    work_tree: Path, sh: Sh, gitexp: Gitexp, git: Git
) -> None:
    sh("echo one > model.pt", "-n", "one")
    git("switch", "--quiet", "-c", "topic")
    commit_all(work_tree, "with the model")
    git("switch", "--quiet", "main")
    assert not (work_tree / "model.pt.dvc").exists()
    assert is_linked(work_tree / "model.pt")

    assert sh("echo two > model.pt", "-n", "two").code == 0

    gitexp("get", "one", "model.pt", "-o", "got")
    assert Path("got").read_text() == "one\n"
    assert damaged(work_tree) == []


@pytest.mark.usefixtures("linking")
def test_a_model_is_protected_after_apply_and_after_a_checkout_by_dvc(
    work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    sh("echo one > model.pt", "-n", "one")
    sh("echo two > model.pt", "-n", "two")
    assert gitexp("apply", "one", "--force").code == 0
    assert (work_tree / "model.pt").read_text() == "one\n"
    assert is_linked(work_tree / "model.pt")

    sh("echo three > model.pt", "-n", "three")
    (work_tree / "model.pt").unlink()
    dvc("checkout", "-q", "-f")
    sh("echo four > model.pt", "-n", "four")

    assert damaged(work_tree) == []


def test_a_model_that_somebody_made_writable_to_train_again_is_protected(
    work_tree: Path, sh: Sh, linking: str
) -> None:
    sh("echo one > model.pt", "-n", "one")
    (work_tree / "model.pt").chmod(0o644)  # and the object with it

    sh("echo two > model.pt", "-n", "two")

    assert damaged(work_tree) == [], linking


def test_a_link_to_an_object_that_is_gone_is_not_written_through(work_tree: Path, sh: Sh) -> None:
    initialise(work_tree)
    (work_tree / ".dvc/config").write_text("[cache]\n    type = symlink\n")
    sh("echo one > model.pt", "-n", "one")
    (work_tree / "model.pt").resolve().unlink()

    assert sh("echo two > model.pt", "-n", "two").code == 0

    assert damaged(work_tree) == []


@pytest.mark.usefixtures("linking")
def test_data_that_a_command_only_reads_stays_a_link(
    work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    (work_tree / "data.csv").write_text("1,2\n")
    gitexp("track", "data.csv")
    commit_all(work_tree)
    assert is_linked(work_tree / "data.csv")

    sh("cat data.csv > model.pt", "-n", "one")
    sh("cat data.csv > model.pt", "-n", "two")

    assert is_linked(work_tree / "data.csv")


@pytest.mark.usefixtures("linking")
def test_the_command_finds_the_model_of_before_with_its_times(
    work_tree: Path, sh: Sh, runs: Runs
) -> None:
    sh("echo one > model.pt", "-n", "one")
    before = (work_tree / "model.pt").stat().st_mtime_ns

    sh("cat model.pt > seen.txt", "-n", "two")

    kept = runs()[0]
    assert kept.text("seen.txt") == "one\n"
    assert (work_tree / "model.pt").stat().st_mtime_ns == before
    assert [(one.path, one.role) for one in kept.record.pointers] == [("model.pt", "input")]


@pytest.mark.usefixtures("linking")
def test_a_copy_holds_no_link_into_the_cache(work_tree: Path, sh: Sh, gitexp: Gitexp) -> None:
    (work_tree / ".gitignore").write_text("/local\n")
    commit_all(work_tree)
    sh("echo one > model.pt", "-n", "one")
    (work_tree / "local").mkdir()
    os.link(work_tree / "model.pt", work_tree / "local/base.pt", follow_symlinks=False)

    line = "echo two >> model.pt; echo two >> local/base.pt"
    copied = gitexp("run", "--temp", "--copy", "local", "-n", "two", "--", "sh", "-c", line)
    alone = gitexp("run", "--temp", "--copy", "local/base.pt", "--", "sh", "-c", line)

    assert (copied.code, alone.code) == (0, 0)
    assert damaged(work_tree) == []
    assert (work_tree / "model.pt").read_text() == "one\n"
