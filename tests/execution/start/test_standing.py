"""A copy of the work tree in which one run follows another."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.execution.stages import Request
from gitexp.execution.start.look import OWN_EYES, look
from gitexp.execution.start.prepare import prepare
from gitexp.execution.start.standing import Frozen, Standing, standing_copy
from gitexp.execution.work_tree.files import signatures
from gitexp.execution.work_tree.snapshot import take_snapshot, with_tree
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.project import Project

from tests.workshop import Git


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Some files, in folders as well."""
    return {
        "params.yaml": "rate: 0.1\n",
        "metrics.json": "{}\n",
        "src/deep/code.py": "x = 1\n",
        "run.sh": "true\n",
        ".gitignore": "cache/\n.env\n",
    }


@pytest.fixture
def standing(work_tree: Path, tmp_path: Path) -> Iterator[Standing]:
    """A copy of a work tree with an edit, a new file, and an ignored one that is copied."""
    (work_tree / "run.sh").chmod(0o755)
    (work_tree / "new.txt").write_text("new\n")
    (work_tree / ".env").write_text("PLACE=here\n")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Project.open(work_tree) as project:
        snapshot = with_tree(take_snapshot(project, scratch, ()))
        assert snapshot.head.oid is not None
        frozen = Frozen(snapshot, snapshot.head.oid, TopPath(""), copied=(".env",))
        with standing_copy(project, frozen) as copy:
            copy.restore()
            yield copy


def contents(top: Path) -> dict[str, tuple[int, str]]:
    """Return what lies in a work tree: modes and contents, folders too."""
    found = {}
    for folder, folders, names in os.walk(top):
        for name in [*folders, *names]:
            path = Path(folder, name)
            text = "" if path.is_dir() else path.read_text()
            if name != ".git":
                found[str(path.relative_to(top))] = (path.lstat().st_mode, text)
    return found


def _overwrite(top: Path) -> None:
    (top / "params.yaml").write_text("rate: 0.9\n")
    (top / "metrics.json").unlink()


def _add(top: Path) -> None:
    (top / "cache" / "deep").mkdir(parents=True)
    (top / "cache" / "deep" / "data").write_text("1\n")
    (top / "empty").mkdir()
    (top / "out.txt").write_text("2\n")


def _take_away(top: Path) -> None:
    shutil.rmtree(top / "src")
    (top / ".env").write_text("PLACE=elsewhere\n")


def _lead_away(top: Path) -> None:
    outside = top.parent.parent / "outside" / "deep"
    outside.mkdir(parents=True, exist_ok=True)
    (outside / "code.py").write_text("theirs\n")
    shutil.rmtree(top / "src")
    (top / "src").symlink_to(outside.parent)


def _commit(top: Path) -> None:
    (top / "src" / "deep" / "code.py").write_text("x = 2\n")
    for words in (("add", "--all"), ("commit", "--quiet", "-m", "by the run")):
        subprocess.run(["git", *words], cwd=top, check=True)


def _same_size(top: Path) -> None:
    file = top / "params.yaml"
    before = file.stat()
    file.write_text("rate: 0.2\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("damage", [_overwrite, _add, _take_away, _lead_away, _commit, _same_size])
def test_the_next_run_finds_what_the_first_one_found(
    standing: Standing, damage: Callable[[Path], None], git: Git
) -> None:
    top = standing.project.repository.top
    before, head = contents(top), git("rev-parse", "HEAD", cwd=top)

    for _ in range(2):  # the second time, what was put back by git before is known
        damage(top)
        standing.restore()

        assert contents(top) == before
        assert git("rev-parse", "HEAD", cwd=top) == head
    outside = top.parent.parent / "outside" / "deep" / "code.py"
    assert not outside.exists() or outside.read_text() == "theirs\n"


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_what_is_known_of_the_copy_is_what_a_look_at_it_finds(
    standing: Standing, tmp_path: Path, runs: int
) -> None:
    project = standing.project
    for _ in range(runs):  # git puts back what the first one wrote, and we what the second one did
        for name in ("metrics.json", "new.txt"):
            (project.root / name).write_text("of a run\n")
        standing.restore()
    plan = prepare(project, Request(("true",), ("rate=0.5",)))
    (project.root / "params.yaml").write_text("rate: 0.5\n")
    looks = []
    for name in ("known", "seen"):
        scratch = tmp_path / name
        scratch.mkdir()
        sight = standing.sight if name == "known" else OWN_EYES
        looks.append(look(project, plan, scratch, print, rewritten=["params.yaml"], sight=sight))

    known, seen = looks
    for field in ("entries", "tracked", "untracked", "refused", "head", "tree"):
        assert getattr(known.snapshot, field) == getattr(seen.snapshot, field), field
    assert known.snapshot.signatures.items() >= seen.snapshot.signatures.items()
    top = project.repository.top
    assert known.snapshot.signatures == signatures(top, known.snapshot.signatures)
    for field in ("params", "ignored", "links", "watched", "metrics", "outside"):
        assert getattr(known, field) == getattr(seen, field), field
    assert known.snapshot.changed == ("new.txt", "params.yaml", "run.sh")


def test_a_copy_is_one_processs_own(standing: Standing, repository: Repository) -> None:
    home = Project(repository, TopPath(""), TopPath(""))
    with standing_copy(home, standing._frozen) as other:
        assert other.project.repository.top != standing.project.repository.top
    home.close()
