"""What a run records of the project, and what it leaves alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.execution.workshop import Leftovers, Sh, TheRun
from tests.workshop import Git, NewRepository


@pytest.fixture
def users_view(
    work_tree: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], dict[str, Any]]:
    """Return all that git knows apart from the experiments branch."""
    monkeypatch.setenv("GIT_OPTIONAL_LOCKS", "0")  # looking must not refresh the index
    private = work_tree / ".git"

    def look() -> dict[str, Any]:
        refs = git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        logs = [path for path in (private / "logs").rglob("*") if path.is_file()]
        return {
            "head": (private / "HEAD").read_bytes(),
            "index": (private / "index").read_bytes(),
            "index time": (private / "index").stat().st_mtime_ns,
            "entries": git("ls-files", "-s", "--debug"),
            "status": git("status", "--porcelain=v2", "--branch"),
            "unstaged": git("diff"),
            "staged": git("diff", "--cached"),
            "stash": git("stash", "list", "--format=%H %gs"),
            "refs": [ref for ref in refs if "/experiments " not in ref],
            "logs": {path: path.read_bytes() for path in logs if path.name != "experiments"},
            "config": (private / "config").read_bytes(),
        }

    return look


@pytest.fixture
def half_done(work_tree: Path, git: Git) -> Path:
    """The project in the middle of somebody's work: staged, half staged, untracked, a stash."""
    (work_tree / "train.py").write_text("print('put away')\n")
    git("stash")
    (work_tree / "train.py").write_text("print('staged')\n")
    (work_tree / "new.py").write_text("new = 1\n")
    (work_tree / "planned.py").write_text("planned = 1\n")
    git("add", "train.py", "new.py")
    git("add", "--intent-to-add", "planned.py")
    git("branch", "other")
    (work_tree / "train.py").write_text("print('unstaged')\n")
    (work_tree / "notes.txt").write_text("untracked\n")
    return work_tree


def test_a_run_leaves_head_index_stash_and_branches_byte_for_byte(
    half_done: Path,
    users_view: Callable[[], dict[str, Any]],
    sh: Sh,
    the_run: TheRun,
    leftovers: Leftovers,
) -> None:
    before = users_view()

    sh("true")

    assert users_view() == before
    assert leftovers() == []
    assert (half_done / "train.py").read_text() == "print('unstaged')\n"
    assert the_run().files() == {
        "new.py": "100644 new = 1\n",
        "notes.txt": "100644 untracked\n",
        "params.yaml": "100644 rate: 0.1\nseed: 1\n",
        "planned.py": "100644 planned = 1\n",
        "train.py": "100644 print('unstaged')\n",
    }


def test_a_run_with_a_model_adds_its_pointer_and_stages_nothing(
    half_done: Path, users_view: Callable[[], dict[str, Any]], sh: Sh, git: Git
) -> None:
    before = users_view()

    sh("echo weights > model.joblib; echo '{\"loss\": 1}' > metrics.json")

    after = users_view()
    same = before.keys() - {"status"}
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert set(after["status"].splitlines()) - set(before["status"].splitlines()) == {
        "? .dvc/",
        "? .dvcignore",
        "? .gitignore",
        "? metrics.json",
        "? model.joblib.dvc",
    }
    assert (half_done / ".gitignore").read_text() == "/model.joblib\n"
    assert git("check-ignore", "model.joblib") == "model.joblib\n"


def test_the_tree_is_the_work_tree_at_the_start_whatever_became_of_each_file(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    odd = ["with space", 'a"quote', "new\nline", "tab\t", "ünïcödé", "-option", "#hash", "back\\"]
    for name in ("deleted", "removed", "old name", "script.sh", "to link", "folder/file", *odd):
        (work_tree / name).parent.mkdir(exist_ok=True)
        (work_tree / name).write_text(f"{name}\n" * 5)
    git("add", "--all")
    git("commit", "--quiet", "-m", "more")
    (work_tree / "deleted").unlink()
    git("rm", "--quiet", "removed")
    git("mv", "old name", "new name")
    (work_tree / "script.sh").chmod(0o755)
    (work_tree / "to link").unlink()
    (work_tree / "to link").symlink_to("nowhere at all")
    (work_tree / "folder" / "file").unlink()
    (work_tree / "folder").rmdir()
    (work_tree / "folder").write_text("a file now\n")
    for name in odd:
        (work_tree / name).write_text("changed\n")
        (work_tree / f"{name} too").write_text("untracked\n")
    (work_tree / ".gitignore").write_text("*.tmp\nbuild/\n")
    (work_tree / "some.tmp").write_text("ignored\n")
    (work_tree / "build").mkdir()
    (work_tree / "build" / "out").write_text("ignored\n")

    result = sh("true")

    found = the_run().files()
    assert result.code == 0
    assert {name: found.pop(name) for name in odd} == dict.fromkeys(odd, "100644 changed\n")
    assert {found.pop(f"{name} too") for name in odd} == {"100644 untracked\n"}
    assert found.pop("train.py")
    assert found == {
        ".gitignore": "100644 *.tmp\nbuild/\n",
        "folder": "100644 a file now\n",
        "new name": "100644 " + "old name\n" * 5,
        "params.yaml": "100644 rate: 0.1\nseed: 1\n",
        "script.sh": "100755 " + "script.sh\n" * 5,
        "to link": "120000 nowhere at all",
    }


def test_a_name_that_is_no_utf8_is_recorded_as_it_is(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    name = os.fsdecode(b"caf\xe9")
    (work_tree / f"{name}.py").write_text("there before\n")

    result = sh("echo written > $(printf 'caf\\351').txt")

    assert result.code == 0, result.err
    assert the_run().files()[f"{name}.txt"] == "100644 written\n"
    assert the_run().files()[f"{name}.py"] == "100644 there before\n"
    assert len(the_run().record.outputs) == 1


def test_a_command_line_that_is_no_utf8_is_recorded(sh: Sh, the_run: TheRun) -> None:
    result = sh(os.fsdecode(b"true caf\xe9"))

    assert result.code == 0, result.err
    assert the_run().record.status == "done"


def test_a_same_size_edit_in_the_second_of_git_add_is_seen(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "train.py").write_text("rate = 1\n")
    git("add", "train.py")
    (work_tree / "train.py").write_text("rate = 2\n")

    sh("true")

    assert the_run().text("train.py") == "rate = 2\n"


def test_a_same_size_edit_with_its_old_time_put_back_is_seen(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    script = work_tree / "train.py"
    script.write_text("rate = 1\n")
    os.utime(script, (1_000_000_000, 1_000_000_000))  # as `cp -p`, rsync and tar leave it
    git("add", "train.py")
    script.write_text("rate = 2\n")
    os.utime(script, (1_000_000_000, 1_000_000_000))

    sh("true")

    assert the_run().text("train.py") == "rate = 2\n"


def test_such_an_edit_is_seen_although_the_index_was_written_again_since(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    script = work_tree / "train.py"
    time.sleep(1 - time.time() % 1)  # to the beginning of a second
    script.write_text("rate = 1\n")
    os.utime(script, (1_000_000_000, 1_000_000_000))
    git("add", "train.py")
    script.write_text("rate = 2\n")
    os.utime(script, (1_000_000_000, 1_000_000_000))
    time.sleep(1.02 - time.time() % 1)
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 1\n")
    git("add", "params.yaml")

    sh("true")

    assert the_run().text("train.py") == "rate = 2\n"


def test_an_edit_of_a_file_assumed_unchanged_is_seen(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    git("update-index", "--assume-unchanged", "params.yaml")
    (work_tree / "params.yaml").write_text("rate: 0.7\n")

    sh("true")

    assert the_run().text("params.yaml") == "rate: 0.7\n"
    assert the_run().record.params == {"params.yaml": {"rate": 0.7}}


def test_an_override_of_the_same_size_in_the_second_of_git_add_is_recorded(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.3\n")
    git("add", "params.yaml")

    sh("cp params.yaml read.txt", "-S", "rate=0.4")

    assert the_run().text("params.yaml") == "rate: 0.4\n"
    assert the_run().text("read.txt") == "rate: 0.4\n"
    assert (work_tree / "params.yaml").read_text() == "rate: 0.4\n"


def test_repositories_inside_are_named_one_without_a_commit_left_out(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    for name in ("empty", "full"):
        git("init", "--quiet", work_tree / "libs" / name)
        (work_tree / "libs" / name / "code.py").write_text("code = 1\n")
    git("add", "--all", cwd=work_tree / "libs" / "full")
    git("commit", "--quiet", "-m", "x", cwd=work_tree / "libs" / "full")
    commit = git("rev-parse", "HEAD", cwd=work_tree / "libs" / "full").strip()

    result = sh("true")

    assert result.code == 0
    assert the_run().entries["libs/full"] == ("160000", commit)
    assert [path for path in the_run().entries if "empty" in path] == []
    assert "'libs/full' is recorded as its commit alone" in result.err
    assert "'libs/empty' is not recorded" in result.err
    assert "'libs/empty' is recorded as its commit" not in result.err


def test_a_submodule_that_git_is_told_to_ignore_is_recorded_where_it_is(
    work_tree: Path, sh: Sh, git: Git, new_repository: NewRepository, the_run: TheRun
) -> None:
    lib = new_repository("lib", {"a.py": "x = 1\n"})
    git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", lib, "lib")
    git("config", "--file", ".gitmodules", "submodule.lib.ignore", "all")
    git("commit", "--quiet", "--all", "-m", "submodule")
    git("commit", "--quiet", "--allow-empty", "-m", "more", cwd=work_tree / "lib")

    result = sh("true")

    assert result.code == 0, result.err
    here = git("rev-parse", "HEAD", cwd=work_tree / "lib").strip()
    assert the_run().entries["lib"] == ("160000", here)


def test_a_submodule_with_uncommitted_changes_is_named(
    work_tree: Path, tmp_path: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    git("init", "--quiet", tmp_path / "lib")
    git("commit", "--quiet", "--allow-empty", "-m", "lib", cwd=tmp_path / "lib")
    allow = ("-c", "protocol.file.allow=always")
    git(*allow, "submodule", "add", "--quiet", tmp_path / "lib", "lib")
    git("commit", "--quiet", "-m", "submodule")
    (work_tree / "lib" / "code.py").write_text("uncommitted\n")

    result = sh("true")

    assert the_run().entries["lib"][0] == "160000"
    assert "'lib'" in result.err


def test_an_edit_made_while_the_command_runs_is_neither_recorded_nor_lost(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    before = (work_tree / "train.py").read_text()
    (work_tree / "draft.py").write_text("draft = 1\n")

    result = sh("echo '# edited' >> train.py; echo '# edited' >> draft.py")

    run = the_run()
    assert run.text("train.py") == before
    assert run.text("draft.py") == "draft = 1\n"
    assert (work_tree / "train.py").read_text() == before + "# edited\n"
    assert run.record.changed_meanwhile == ("draft.py", "train.py")
    assert run.record.outputs == ()
    assert "'train.py' changed while the command ran" in result.err


def test_a_file_deleted_while_the_command_runs_is_recorded_and_named(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh("rm train.py")

    assert "train.py" in the_run().entries
    assert the_run().record.changed_meanwhile == ("train.py",)
    assert not (work_tree / "train.py").exists()


def test_a_commit_and_gc_during_a_run_harm_neither_side(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun, leftovers: Leftovers
) -> None:
    (work_tree / "train.py").write_text("print('dirty')\n")
    (work_tree / "helper.py").write_text("helper = 1\n")
    baseline = git("rev-parse", "HEAD").strip()

    result = sh(
        "git commit -qam 'meanwhile' && git reflog expire --expire=now --all "
        "&& git gc -q --prune=now && python train.py && echo '{\"loss\": 1}' > metrics.json"
    )

    run = the_run()
    assert result.code == 0, result.err
    assert run.record.baseline == baseline
    assert run.text("train.py") == "print('dirty')\n"
    assert run.text("helper.py") == "helper = 1\n"
    assert run.record.metrics == {"metrics.json": {"loss": 1}}
    assert run.record.changed_meanwhile == ()
    assert git("log", "-1", "--format=%s").strip() == "meanwhile"
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert leftovers() == []


def test_a_stash_during_a_run_takes_nothing_from_the_record(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "metrics.json").write_text('{"loss": 3}')
    git("add", "--all")
    git("commit", "--quiet", "-m", "metrics")
    (work_tree / "train.py").write_text("print('dirty')\n")
    (work_tree / "metrics.json").write_text('{"loss": 2}')

    result = sh("git stash --quiet")

    run = the_run()
    assert result.code == 0
    assert run.text("train.py") == "print('dirty')\n"
    assert run.record.metrics == {}, "what the stash put back is nobody's result"
    assert "metrics.json" not in run.entries
    assert git("show", "stash@{0}:train.py") == "print('dirty')\n"


def test_a_branch_switched_under_a_command_brings_none_of_its_files_in(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    git("switch", "--quiet", "--create", "other")
    (work_tree / "metrics.json").write_text('{"accuracy": 0.1}')
    (work_tree / "theirs.txt").write_text("theirs\n")
    (work_tree / "deep").mkdir()
    (work_tree / "deep" / "theirs.py").write_text("theirs = 1\n")
    (work_tree / "train.py").write_text("print('theirs')\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "theirs")
    git("switch", "--quiet", "main")
    files = ["params.yaml", "train.py"]
    mine = (work_tree / "train.py").read_text()

    sh("git switch -q other; echo mine > mine.txt")

    run = the_run()
    assert sorted(run.files()) == ["mine.txt", *files]
    assert run.text("train.py") == mine
    assert run.record.metrics == {}
    assert run.record.outputs == ("mine.txt",)
    assert git("rev-parse", "--abbrev-ref", "HEAD") == "other\n"
    assert git("status", "--porcelain") == "?? mine.txt\n"


def test_metrics_written_after_a_switch_of_branches_are_this_runs(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    git("switch", "--quiet", "--create", "other")
    (work_tree / "metrics.json").write_text('{"accuracy": 0.1}')
    git("add", "--all")
    git("commit", "--quiet", "-m", "theirs")
    git("switch", "--quiet", "main")

    sh("git switch -q other; echo '{\"accuracy\": 0.2}' > metrics.json")

    assert the_run().record.metrics == {"metrics.json": {"accuracy": 0.2}}


def test_switching_away_and_back_changes_nothing(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "metrics.json").write_text('{"accuracy": 0.1}')
    git("add", "--all")
    git("commit", "--quiet", "-m", "metrics")
    git("switch", "--quiet", "--create", "other", "HEAD~1")
    git("switch", "--quiet", "main")

    sh("git switch -q other; git switch -q main")

    assert the_run().record.metrics == {}
    assert "metrics.json" not in the_run().entries
    assert the_run().record.changed_meanwhile == ()


def test_gc_during_a_run_does_not_make_identical_metrics_gits_doing(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "metrics.json").write_text('{"accuracy": 0.5}\n')
    git("add", "--all")
    git("commit", "--quiet", "-m", "metrics")

    sh("git gc --quiet --prune=now; echo '{\"accuracy\": 0.5}' > metrics.json")

    assert the_run().record.metrics == {"metrics.json": {"accuracy": 0.5}}


@pytest.mark.parametrize(
    "content", ["changed\n", "changed, and longer\n"], ids=["same size", "other"]
)
def test_a_path_that_git_cannot_add_is_left_out_and_named(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun, content: str
) -> None:
    (work_tree / ".gitattributes").write_text("*.big filter=missing\n")
    (work_tree / "tracked.big").write_text("tracked\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "big")
    git("config", "filter.missing.clean", "a-program-that-is-not-there")
    git("config", "filter.missing.required", "true")
    (work_tree / "tracked.big").write_text(content)
    (work_tree / "new.big").write_text("new\n")
    (work_tree / "train.py").write_text("print('dirty')\n")

    result = sh("echo out > written.big; echo 1 > fine.txt")

    assert result.code == 0, result.err
    run = the_run()
    assert run.text("train.py") == "print('dirty')\n"
    assert run.text("fine.txt") == "1\n"
    assert [path for path in run.entries if path.endswith(".big")] == []
    assert run.record.left_out == ("new.big", "tracked.big", "written.big")
    assert "'tracked.big' is not recorded, because git cannot add it" in result.err


def test_a_run_in_a_linked_work_tree_records_that_work_tree(
    work_tree: Path,
    tmp_path: Path,
    git: Git,
    sh: Sh,
    the_run: TheRun,
    leftovers: Leftovers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (work_tree / "main.txt").write_text("only in the main work tree\n")
    linked = tmp_path / "linked"
    git("worktree", "add", "--quiet", linked)
    (linked / "train.py").write_text("print('linked')\n")
    monkeypatch.chdir(linked)
    index = git("ls-files", "-s", "--debug")

    result = sh("echo 1 > out.txt")

    run = the_run()
    assert result.code == 0
    assert sorted(run.files()) == ["out.txt", "params.yaml", "train.py"]
    assert run.text("train.py") == "print('linked')\n"
    assert git("ls-files", "-s", "--debug") == index
    assert leftovers() == []


def test_a_project_in_a_folder_records_untracked_files_of_its_own_only(
    work_tree: Path, git: Git, sh: Sh, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("app/gitexp.yaml", "app/train.py", "app/new.txt", "libs/new.txt", "rest/new.txt"):
        (work_tree / name).parent.mkdir(exist_ok=True)
        (work_tree / name).write_text("")
    (work_tree / "app" / "gitexp.yaml").write_text("shared: [../libs]\n")
    git("add", "app/train.py")
    monkeypatch.chdir(work_tree / "app")

    sh("echo '{\"loss\": 1}' > metrics.json; echo w > m.pt; echo 1 > ../rest/other.txt")

    oid = git("rev-parse", "experiments").strip()
    listed = git("ls-tree", "-r", "--name-only", "--full-tree", oid).split()
    assert listed == [
        "app/.dvc/.gitignore",
        "app/.dvc/config",
        "app/.dvcignore",
        "app/.gitexp/environment.txt",
        "app/.gitexp/output.log",
        "app/.gitexp/run.json",
        "app/.gitignore",
        "app/gitexp.yaml",
        "app/m.pt.dvc",
        "app/metrics.json",
        "app/new.txt",
        "app/train.py",
        "libs/new.txt",
        "params.yaml",
        "train.py",
    ]


@pytest.mark.parametrize(
    "settings",
    [
        ("core.splitIndex", "true"),
        ("core.untrackedCache", "true"),
        ("index.version", "4"),
        ("core.fsmonitor", "a-hook-that-is-not-there"),
        ("core.autocrlf", "input"),
        ("status.showUntrackedFiles", "no"),
        ("add.ignoreErrors", "true"),
        ("core.quotePath", "false"),
    ],
    ids=lambda pair: pair[0],
)
def test_settings_of_the_users_git_do_not_change_what_is_recorded(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun, settings: tuple[str, str]
) -> None:
    git("config", *settings)
    (work_tree / "ünï.txt").write_text("1\n")
    git("add", "ünï.txt")
    (work_tree / "train.py").write_text("print('dirty')\n")
    (work_tree / "new.txt").write_text("new\n")
    before = git("ls-files", "-s")

    sh("echo out > out.txt")

    assert git("ls-files", "-s") == before
    assert sorted(the_run().files()) == ["new.txt", "out.txt", "params.yaml", "train.py", "ünï.txt"]
    assert the_run().text("train.py") == "print('dirty')\n"
