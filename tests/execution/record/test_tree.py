"""What a run adds to its tree: without git where that makes no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from gitexp.execution.record.tree import RunTree, unlocked_index
from gitexp.execution.work_tree.snapshot import Snapshot, take_snapshot
from gitexp.git.trees import Entry
from gitexp.project import Project

from tests.workshop import git

PLAIN = ("metrics.json", "new.txt", "deep/er/new.txt", "tool.sh", "lines.txt", "kept.txt")


def _write(top: Path) -> None:
    (top / "deep" / "er").mkdir(parents=True)
    (top / "metrics.json").write_text('{"loss": 1}\n')
    (top / "new.txt").write_bytes(b"")
    (top / "deep" / "er" / "new.txt").write_text("ä\n")
    (top / "tool.sh").write_text("#!/bin/sh\n")
    (top / "tool.sh").chmod(0o755)
    (top / "lines.txt").write_bytes(b"one\r\ntwo\r\n$Id$\n")


def _nothing(_: Path) -> None:
    """All is plain."""


def _set(name: str, value: str) -> Callable[[Path], None]:
    def change(top: Path) -> None:
        git("config", name, value, cwd=top)

    return change


def _attributes(place: str, text: str) -> Callable[[Path], None]:
    def change(top: Path) -> None:
        (top / place).write_text(text)

    return change


def _link(top: Path) -> None:
    (top / "new.txt").unlink()
    (top / "new.txt").symlink_to("kept.txt")


def _link_above(top: Path) -> None:
    (top / "deep").rename(top / "moved")
    (top / "deep").symlink_to("moved")


def _repository_above(top: Path) -> None:
    git("init", "-q", top / "deep")


def _gone(top: Path) -> None:
    (top / "new.txt").unlink()


@pytest.fixture
def snapshot(work_tree: Path, tmp_path: Path) -> Iterator[tuple[Project, Snapshot]]:
    """A work tree as a run finds it; what it is to add is not there yet."""
    (work_tree / "kept.txt").write_text("kept\n")
    (work_tree / "tool.sh").write_text("#!/bin/sh\n")
    git("add", "--all", cwd=work_tree)
    git("commit", "-q", "-m", "more", cwd=work_tree)
    scratch = tmp_path / "snapshot"
    scratch.mkdir()
    with Project.open(work_tree) as project:
        yield project, take_snapshot(project, scratch, ())


@pytest.mark.parametrize(
    ("happens", "is_plain"),
    [
        (_nothing, True),
        (_attributes("deep/.gitattributes", "*.txt -text\n"), True),
        (_attributes("deep/.gitattributes", "*.txt text\n"), False),
        (_attributes(".gitattributes", "* text=auto\n"), False),
        (_attributes(".gitattributes", "lines.txt ident\n"), False),
        (_set("core.autocrlf", "input"), False),
        (_set("core.filemode", "false"), False),
        (_set("core.symlinks", "false"), False),
        (_link, False),
        (_link_above, False),
        (_repository_above, False),
        (_gone, False),
    ],
)
def test_what_is_added_without_git_is_what_git_adds(
    work_tree: Path,
    snapshot: tuple[Project, Snapshot],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[Path], None],
    is_plain: bool,
) -> None:
    _write(work_tree)
    happens(work_tree)
    snapshot[0].repository.forget_config()

    found, without_git = _added(snapshot, tmp_path / "quick", PLAIN)
    monkeypatch.setattr("gitexp.execution.record.tree._FEW", 0)
    wanted, _ = _added(snapshot, tmp_path / "slow", PLAIN)

    assert found == wanted
    assert without_git == is_plain
    assert len(found) >= len(PLAIN) - 2


def test_a_name_that_git_refuses_is_not_added(
    work_tree: Path, snapshot: tuple[Project, Snapshot], tmp_path: Path
) -> None:
    (work_tree / "git~1").write_text("x\n")
    assert _added(snapshot, tmp_path / "quick", ["git~1"]) == ({}, False)


def _added(
    snapshot: tuple[Project, Snapshot], scratch: Path, paths: Iterable[str]
) -> tuple[dict[str, Entry], bool]:
    project, known = snapshot
    scratch.mkdir()
    added = RunTree(project.repository, known, scratch).add(paths)
    return added, not any(scratch.glob("run-*.index"))


def test_a_lock_of_a_git_that_was_killed_keeps_no_run_from_being_recorded(tmp_path: Path) -> None:
    assert unlocked_index(tmp_path).name == "run-1.index"
    for name in ("run-1.index", "run-1.index.lock", "run-2.index.lock"):
        (tmp_path / name).touch()

    assert unlocked_index(tmp_path).name == "run-3.index"
