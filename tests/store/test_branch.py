"""The experiments branch: every run arrives on it once, whatever others do meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from gitexp.git.refs import ABSENT, Move, RefMoved, list_refs
from gitexp.git.repository import Repository
from gitexp.store.branch import BranchUnusable, check_branch, check_ours, root_commit, root_oid
from gitexp.store.pending import append

from tests.store.workshop import RecordRun
from tests.workshop import DEADLINE, Git

APPEND = """
import sys
from pathlib import Path
from gitexp.git.repository import Repository
from gitexp.store.pending import append

with Repository.open(Path()) as repository:
    tree = repository.line("rev-parse", "HEAD^{tree}")
    for number in range(int(sys.argv[2])):
        name = f"{sys.argv[1]}-{number}"
        append(repository, "experiments", tree=tree, message=f"{name}\\n", run_id=name)
"""


def subjects(git: Git) -> list[str]:
    """Return how the subjects on the branch begin, oldest first."""
    lines = git("log", "--reverse", "--format=%s", "experiments").splitlines()
    return [line.partition(":")[0] for line in lines]


def test_the_root_of_the_branch_is_the_same_in_every_clone(
    repository: Repository, tmp_path: Path, git: Git
) -> None:
    git("init", "--quiet", tmp_path / "other")
    git("config", "i18n.commitEncoding", "ISO-8859-1", cwd=tmp_path / "other")

    with Repository.open(tmp_path / "other") as other:
        assert root_commit(repository) == root_commit(other) == root_oid("sha1")


def test_the_root_of_a_sha256_repository_is_known_too(tmp_path: Path, git: Git) -> None:
    git("init", "--quiet", "--object-format=sha256", tmp_path / "other")

    with Repository.open(tmp_path / "other") as other:
        assert root_commit(other) == root_oid("sha256")


def test_runs_are_appended_in_a_row_and_head_stays(
    repository: Repository, record_run: RecordRun, git: Git
) -> None:
    before = git("rev-parse", "HEAD")
    first = record_run(repository, "first")
    second = record_run(repository, "second")

    assert second.parent == first.oid
    assert git("rev-parse", "experiments").strip() == second.oid
    assert subjects(git) == [
        "The runs recorded by gitexp begin here",
        "first",
        "second",
    ]
    assert git("rev-parse", "HEAD") == before
    assert git("reflog", "experiments", "--format=%gs").splitlines()[0] == "gitexp: record a run"


def test_runs_appended_by_many_processes_at_once_are_all_kept(work_tree: Path, git: Git) -> None:
    command = [sys.executable, "-c", APPEND]
    processes = [subprocess.Popen([*command, str(n), "6"], cwd=work_tree) for n in range(8)]

    assert [process.wait(DEADLINE) for process in processes] == [0] * 8
    found = subjects(git)[1:]
    assert sorted(found) == sorted(f"{n}-{k}" for n in range(8) for k in range(6))
    assert git("rev-list", "--merges", "experiments") == ""
    assert git("fsck", "--strict", "--no-dangling") == ""


def test_runs_appended_by_threads_without_the_lock_are_all_kept(work_tree: Path, git: Git) -> None:
    git("config", "commit.gpgSign", "true")  # signing can take long, so it holds no lock
    git("config", "gpg.program", "false")

    def put(number: int) -> str:
        with Repository.open(work_tree) as repository:
            tree = repository.line("rev-parse", "HEAD^{tree}")
            name = str(number)
            return append(repository, "experiments", tree=tree, message=name, run_id=name).oid

    with ThreadPoolExecutor(8) as pool:
        oids = list(pool.map(put, range(16)))

    assert sorted(subjects(git)[1:]) == sorted(str(number) for number in range(16))
    assert len(set(oids)) == 16


def test_what_is_done_with_it_is_done_together_or_not_at_all(
    repository: Repository, git: Git
) -> None:
    head = git("rev-parse", "HEAD").strip()
    tree = git("rev-parse", "HEAD^{tree}").strip()
    git("update-ref", "refs/gitexp/running/a", head)
    done = (Move("refs/gitexp/running/a", new=ABSENT, old=head),)

    append(repository, "experiments", tree=tree, message="one", run_id="a", done=done)
    with pytest.raises(RefMoved):
        append(repository, "experiments", tree=tree, message="again", run_id="a", done=done)

    assert git("for-each-ref", "refs/gitexp/") == ""
    assert subjects(git)[1:] == ["one"]


FAILS_LATE = """\
#!/bin/sh
case "$*" in *'update-ref --create-reflog'*)
    if mkdir "$0.once" 2>/dev/null; then
        {git} "$@"
        {git} update-ref refs/heads/experiments \
            $({git} commit-tree -p experiments -m another 'experiments^{{tree}}' </dev/null)
        exit 1
    fi
esac
exec {git} "$@"
"""


def test_a_run_is_added_once_though_git_fails_late_and_another_run_follows(
    repository: Repository, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git("rev-parse", "HEAD").strip()
    tree = git("rev-parse", "HEAD^{tree}").strip()
    git("update-ref", "refs/gitexp/running/a", head)
    done = (Move("refs/gitexp/running/a", new=ABSENT, old=head),)
    append(repository, "experiments", tree=tree, message="first", run_id="b")
    late = tmp_path / "late" / "git"
    late.parent.mkdir()
    late.write_text(FAILS_LATE.format(git=shutil.which("git")))
    late.chmod(0o755)
    monkeypatch.setenv("PATH", f"{late.parent}{os.pathsep}{os.environ['PATH']}")

    with Repository.open(repository.top) as unlucky:
        append(unlucky, "experiments", tree=tree, message="one", run_id="a", done=done)

    assert subjects(git)[1:] == ["first", "one", "another"]


@pytest.mark.parametrize("where", ["here", "linked"])
def test_a_branch_that_is_checked_out_is_refused_with_the_way_out(
    repository: Repository,
    record_run: RecordRun,
    work_tree: Path,
    tmp_path: Path,
    git: Git,
    where: str,
) -> None:
    record_run(repository, "first")
    place = work_tree if where == "here" else tmp_path / "linked"
    if where == "here":
        git("switch", "--quiet", "experiments")
    else:
        git("worktree", "add", "--quiet", place, "experiments")

    with pytest.raises(BranchUnusable, match="is checked out in") as got:
        check_branch(list_refs(repository, "refs/heads/experiments"), "experiments")

    assert str(place) in str(got.value)
    assert "`git switch -`" in (got.value.hint or "")


def test_a_branch_below_its_name_is_refused_with_the_way_out(
    repository: Repository, git: Git
) -> None:
    git("branch", "experiments/old")

    with pytest.raises(BranchUnusable, match="'experiments/old' is in the way") as got:
        check_branch(list_refs(repository, "refs/heads/experiments"), "experiments")

    assert "`git branch -m experiments/old NEW-NAME`" in (got.value.hint or "")


def test_a_branch_that_does_not_exist_yet_has_no_tip(repository: Repository, git: Git) -> None:
    git("branch", "experiments-old")

    assert check_branch(list_refs(repository, "refs/heads/experiments"), "experiments") is None


def test_an_ordinary_branch_is_not_ours(
    repository: Repository, record_run: RecordRun, git: Git
) -> None:
    tip = record_run(repository, "first").oid
    head = git("rev-parse", "HEAD").strip()
    merged = git("commit-tree", "-p", tip, "-p", head, "-m", "m", f"{head}^{{tree}}").strip()

    check_ours(repository, "experiments", tip)
    for other in (head, merged):
        with pytest.raises(BranchUnusable, match="holds things other than runs") as got:
            check_ours(repository, "experiments", other)
        assert "`branch: runs`" in (got.value.hint or "")


def test_a_shallow_clone_of_the_branch_is_ours(
    repository: Repository, record_run: RecordRun, tmp_path: Path, git: Git
) -> None:
    for name in ("first", "second", "third"):
        record_run(repository, name)
    clone = tmp_path / "clone"
    url = f"file://{repository.top}"
    git("clone", "--quiet", "--depth=1", "--branch=experiments", url, clone)

    with Repository.open(clone) as shallow:
        check_ours(shallow, "experiments", git("rev-parse", "HEAD", cwd=clone).strip())


def test_a_lock_that_another_process_holds_is_waited_for(
    repository: Repository, record_run: RecordRun, work_tree: Path
) -> None:
    line = "import fcntl, sys; f = open('branch.lock', 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
    line += "print('held', flush=True); sys.stdin.read()"
    record_run(repository, "first")
    with (
        subprocess.Popen(
            [sys.executable, "-c", line],
            cwd=work_tree / ".git" / "gitexp",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        assert holder.stdout is not None
        holder.stdout.readline()

        waiting = pool.submit(record_run, repository, "second")
        done, _ = wait([waiting], timeout=0.2)
        holder.communicate()

        assert not done
        assert waiting.result(DEADLINE).warnings == ()
