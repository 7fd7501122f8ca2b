"""What must never happen to a run: lost, leaked, bloated, or in somebody's way."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.execution.workshop import Eventually, Leftovers, Runs, Sh, StartGitexp, TheRun
from tests.workshop import DEADLINE, Git, GitEnded, Gitexp


class Freeze(Protocol):
    """Return a line of shell that makes folders of the git directory read-only."""

    def __call__(self, *folders: str) -> str: ...


class AtOnce(Protocol):
    """Begin a run in each work tree at the same moment; return what went wrong with each."""

    def __call__(self, *tops: Path, name: str = "") -> list[str]: ...


# Put together here so that no token stands in the repository.
TOKEN = "ghp" + "_" + "a1B2" * 9
KEY = f"-----BEGIN {'PRIVATE'} KEY-----\n{'MIIEvQ' + 'aB3/' * 20}\n-----END {'PRIVATE'} KEY-----\n"

NO_BIG_FILES = (
    "import resource, sys\n"
    "resource.prlimit(int(sys.argv[1]), resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))\n"
)
"""What a process writes from now on fails as on a full disk."""


@pytest.fixture
def freeze(work_tree: Path) -> Iterator[Freeze]:
    """Return a line of shell that makes folders of the git directory read-only, even for root."""
    lock, unlock = ("chattr -R +i", "chattr -R -i") if os.geteuid() == 0 else ("chmod -R a-w",) * 2
    if (
        os.geteuid() == 0
        and subprocess.run(
            f"touch probe && {lock} probe && {unlock} probe && rm probe",
            shell=True,
            cwd=work_tree,
            capture_output=True,
            check=False,
        ).returncode
    ):
        (work_tree / "probe").unlink(missing_ok=True)
        pytest.skip("root, on a file system that knows no immutable files")

    yield lambda *folders: f"cd {work_tree}/.git && {lock} {' '.join(folders)}"

    thaw = unlock if os.geteuid() == 0 else "chmod -R u+w"
    subprocess.run([*thaw.split(), work_tree / ".git"], check=True)


@pytest.fixture
def small_disk(work_tree: Path) -> Iterator[Path]:
    """The project on a file system of its own with little room; the current directory."""
    copy = work_tree.with_name("copy")
    work_tree.rename(copy)
    work_tree.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(work_tree)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:  # noqa: PLW1510 - asked
        pytest.skip("may not mount a file system")
    shutil.copytree(copy, work_tree, dirs_exist_ok=True, symlinks=True)
    os.chdir(work_tree)
    yield work_tree
    os.chdir("/")
    subprocess.run(["umount", "-l", work_tree], check=True)


AT_ONCE = """
import sys, time
from pathlib import Path
from gitexp.errors import GitexpError
from gitexp.execution.stages import Request
from gitexp.execution.run import execute
from gitexp.execution.start.prepare import prepare
from gitexp.project import Project

ready, gate, end, name = sys.argv[1:]
line = f"until [ -e '{end}' ]; do sleep 0.01; done"
with Project.open(Path()) as project:
    plan = prepare(project, Request(("sh", "-c", line), name=name or None))
    Path(ready).touch()
    while not Path(gate).exists():
        pass
    try:
        execute(project, plan, print)
    except GitexpError as error:
        sys.exit(f"refused: {error}")
"""
"""A run that begins the moment a gate opens, and goes on until it may end."""


@pytest.fixture
def at_once(tmp_path: Path, eventually: Eventually) -> AtOnce:
    """Begin a run in each work tree at the same moment; return what went wrong with each.

    One that begins goes on until all others have ended.
    """

    def begin(*tops: Path, name: str = "") -> list[str]:
        gate, end = tmp_path / "gate", tmp_path / "end"
        ready = [tmp_path / f"ready-{number}" for number in range(len(tops))]
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", AT_ONCE, here, gate, end, name],
                cwd=top,
                stderr=subprocess.PIPE,
            )
            for here, top in zip(ready, tops, strict=True)
        ]
        try:
            eventually(lambda: all(path.exists() for path in ready))
            gate.touch()
            eventually(lambda: sum(one.poll() is None for one in processes) <= 1)
        finally:
            gate.touch()
            end.touch()
            said = [process.communicate()[1].decode() for process in processes]
        return sorted(said)

    return begin


# What cannot be recorded


def test_a_full_disk_while_recording_keeps_the_pieces_and_says_where(
    small_disk: Path, start_gitexp: StartGitexp, tmp_path: Path, git: Git, runs: Runs
) -> None:
    (small_disk / ".gitignore").write_text("*.tmp\n")

    process = start_gitexp(
        "run", "--", "sh", "-c", "echo out > out.txt; dd if=/dev/zero of=fill.tmp bs=64k; sync"
    )

    code = process.wait(DEADLINE)
    said = (tmp_path / "gitexp-0.err").read_text()
    refs = git("for-each-ref", "--format=%(refname)", "refs/gitexp/running").split()
    assert code == 125, said
    assert runs() == []
    assert "the command ended with exit code 0, but run" in said
    assert len(refs) == 1
    assert f"`git show {refs[0]}`" in said
    assert "Traceback" not in said
    assert git("show", f"{refs[0]}:train.py") == (small_disk / "train.py").read_text()
    assert (small_disk / "out.txt").read_text() == "out\n"
    assert Path(said.split("its output in '")[1].split("'")[0]).exists()

    (small_disk / "fill.tmp").unlink()
    second = start_gitexp("run", "--", "true")
    assert second.wait(DEADLINE) == 0, (tmp_path / "gitexp-1.err").read_text()
    assert {run.record.outputs for run in runs()} == {(), ("out.txt",)}


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="Linux only")
def test_a_run_that_could_not_be_written_down_is_recorded_by_the_next_command(
    work_tree: Path, start_gitexp: StartGitexp, git: Git, runs: Runs, leftovers: Leftovers
) -> None:
    (work_tree / "limit.py").write_text(NO_BIG_FILES)
    line = "python limit.py $PPID; head -c 3000 /dev/urandom > out.bin; exit 3"

    command = ("run", "-S", "rate=0.7", "--", "sh", "-c", line)
    process = start_gitexp(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.communicate(timeout=DEADLINE)[0].decode()
    code = process.returncode

    refs = git("for-each-ref", "--format=%(refname)", "refs/gitexp/running").split()
    assert code == 125, said
    assert runs() == []
    assert "the command ended with exit code 3, but run" in said
    assert f"`git show {refs[0]}`" in said
    assert (work_tree / "out.bin").stat().st_size == 3000

    assert start_gitexp("run", "--", "true").wait(DEADLINE) == 0
    second, first = runs()
    assert first.record.outputs == ("out.bin",)
    assert (first.record.status, first.record.exit.code) in {("failed", 3), ("interrupted", None)}
    assert first.record.params == {"params.yaml": {"rate": 0.7, "seed": 1}}
    assert second.record.params == {"params.yaml": {"rate": 0.1, "seed": 1}}
    assert leftovers() == []


def test_a_repository_that_became_read_only_keeps_the_pieces_and_says_where(
    work_tree: Path, freeze: Freeze, sh: Sh, git: Git, runs: Runs
) -> None:
    result = sh(f"echo out > out.txt; {freeze('objects', 'refs/heads')}")

    refs = git("for-each-ref", "--format=%(refname)", "refs/gitexp/running").split()
    assert result.code == 125, result.err
    assert "the command ended with exit code 0, but run" in result.err
    assert f"`git show {refs[0]}`" in result.err
    assert "Traceback" not in result.err
    assert runs() == []
    assert (work_tree / "out.txt").exists()


@pytest.mark.parametrize("folders", [("objects",), ("refs",), (".",)])
def test_a_read_only_repository_is_refused_before_the_command_starts(
    work_tree: Path, freeze: Freeze, sh: Sh, folders: tuple[str, ...]
) -> None:
    (work_tree / "train.py").write_text("print('dirty')\n")
    subprocess.run(freeze(*folders), shell=True, check=True)

    result = sh("touch started", "-S", "rate=0.7")

    assert result.code == 125, result.err
    assert "error: " in result.err
    assert "Traceback" not in result.err
    assert not (work_tree / "started").exists()
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"


def test_a_gitexp_that_is_killed_loses_nothing(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    sh: Sh,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    line = (
        "echo shown; touch started; while [ ! -e go ]; do sleep 0.01; done;"
        "echo '{\"loss\": 1}' > metrics.json; touch ended"
    )
    process = start_gitexp("run", "-n", "cut-off", "-S", "rate=0.7", "--", "sh", "-c", line)
    journal = work_tree / ".git" / "gitexp" / "journal"
    eventually((work_tree / "started").exists)
    eventually(lambda: '"child": {' in "".join(one.read_text() for one in journal.glob("*.json")))

    process.kill()
    process.wait()
    refused = sh("true")
    (work_tree / "go").touch()
    eventually((work_tree / "ended").exists)
    eventually(lambda: sh("true").code == 0)
    sh("true")  # records what ended between two looks of the gitexp before

    found = {run.record.name: run for run in runs()}["cut-off"]
    assert refused.code == 125, "the command goes on, so the work tree is busy"
    assert (found.record.status, found.record.exit.reason) == ("interrupted", "lost")
    assert found.record.metrics == {"metrics.json": {"loss": 1}}
    assert found.text(".gitexp/output.log") == "shown\n"
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert leftovers() == []


# Secrets


@pytest.mark.parametrize(
    ("files", "options", "where"),
    [
        ({"params.yaml": f"rate: 0.1\ntoken: {TOKEN}\n"}, (), "params.yaml:2"),
        ({"train.py": f"# a comment\n\nTOKEN = '{TOKEN}'\n"}, (), "train.py:3"),
        ({"new.txt": TOKEN}, (), "new.txt"),
        ({"staged.txt": KEY}, (), "staged.txt:1"),
        ({}, ("-S", f"+token={TOKEN}"), "the command line"),
        ({}, ("-m", f"with {TOKEN}"), "the command line"),
    ],
    ids=["params", "source", "new", "key", "override", "message"],
)
def test_a_secret_is_refused_before_the_start_with_its_place_and_the_way_out(
    work_tree: Path,
    git: Git,
    sh: Sh,
    runs: Runs,
    leftovers: Leftovers,
    files: dict[str, str],
    options: tuple[str, ...],
    where: str,
) -> None:
    for name, content in files.items():
        (work_tree / name).write_text(content)
    if "staged.txt" in files:
        git("add", "staged.txt")
    before = (work_tree / "params.yaml").read_text()

    refused = sh("touch started", "-S", "rate=0.7", *options)

    assert refused.code == 125
    assert "error: a secret would enter history: " in refused.err
    assert f"{where} (" in refused.err
    assert "`--allow-secrets`" in refused.err
    assert TOKEN not in refused.err
    assert not (work_tree / "started").exists()
    assert (work_tree / "params.yaml").read_text() == before
    assert runs() == []
    assert leftovers() == []
    assert sh("true", "--allow-secrets", *options).code == 0
    assert files.keys() <= runs()[0].entries.keys()


def test_a_refused_secret_does_not_stay_in_the_object_database_under_a_ref(
    work_tree: Path, sh: Sh, git: Git
) -> None:
    (work_tree / "new.txt").write_text(TOKEN)

    sh("true")

    assert TOKEN not in git("log", "--all", "-p")


def test_a_secret_in_the_command_is_refused(sh: Sh, runs: Runs) -> None:
    result = sh(f"true --token {TOKEN}")

    assert result.code == 125
    assert "the command line" in result.err
    assert runs() == []


def test_a_secret_that_is_committed_and_unchanged_refuses_nothing(
    work_tree: Path, git: Git, sh: Sh
) -> None:
    (work_tree / "old.txt").write_text(TOKEN)
    (work_tree / "allowed.txt").write_text(f"{TOKEN}  # pragma: allowlist secret\n")
    git("add", "old.txt")
    git("commit", "--quiet", "-m", "too late")

    assert sh("true").code == 0


def test_a_secret_in_output_or_log_costs_a_warning_and_not_the_run(
    work_tree: Path, sh: Sh, runs: Runs, git: Git
) -> None:
    (work_tree / "metrics.json").write_text("{}")
    (work_tree / "show.py").write_text(
        "token = 'ghp' + '_' + 'a1B2' * 9\n"
        "print('logged in with', token)\n"
        "open('leak.txt', 'w').write(token)\n"
        "open('metrics.json', 'w').write('{\"loss\": 1, \"user\": \"%s\"}' % token)\n"
        "open('fine.txt', 'w').write('fine')\n"
    )

    result = sh("python show.py")

    run = runs()[0]
    assert result.code == 0
    assert TOKEN in result.out, "the terminal is the user's own"
    assert run.text(".gitexp/output.log") == "logged in with ***\n"
    assert "1 secret(s) in the output are masked" in result.err
    assert "left out of the run, because it holds a secret: leak.txt" in result.err
    assert run.record.outputs == ("fine.txt",)
    assert run.record.left_out == ("leak.txt", "metrics.json")
    assert run.record.metrics == {}
    assert TOKEN not in git("log", "--all", "-p")


def test_a_secret_in_the_name_of_a_metric_is_masked_wherever_the_name_stands(
    work_tree: Path, sh: Sh, runs: Runs, git: Git
) -> None:
    (work_tree / "show.py").write_text(
        "import gitexp\n"
        "token = 'ghp' + '_' + 'a1B2' * 9\n"
        "for step in range(3):\n"
        "    gitexp.log({f'{token}/loss': 1.0, 'val/' + token: step}, step=step)\n"
    )

    result = sh("python show.py")

    run = runs()[0]
    assert result.code == 0
    assert "secrets are masked in the names of what was logged: GitHub Token\n" in result.err
    assert sorted(run.record.series) == ["***/loss", "val/***"]
    assert run.text(".gitexp/series/val.tsv").splitlines()[0].split("\t")[-1] == "val/***"
    assert TOKEN.lower() not in git("log", "--all", "-p").lower()


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "server.pem", "id_rsa", "kaggle.json", "conf/credentials.json"]
)
def test_files_that_are_named_like_secrets_are_left_out_and_named(
    work_tree: Path, sh: Sh, the_run: TheRun, name: str
) -> None:
    (work_tree / name).parent.mkdir(exist_ok=True)
    (work_tree / name).write_text("PASSWORD=hunter2\n")

    result = sh("echo x > secrets.json")

    assert result.code == 0
    assert f"'{name}' is not recorded, because its name is that of a secret" in result.err
    assert the_run().entries.keys().isdisjoint({name, "secrets.json"})
    assert the_run().record.left_out == tuple(sorted((name, "secrets.json")))


def test_environment_variables_are_not_recorded(
    sh: Sh, the_run: TheRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "hunter2-hunter2")

    sh("true")

    assert b"hunter2" not in b"".join(the_run().blob(path) for path in the_run().entries)


# Bulk


def test_a_thousand_and_one_untracked_files_are_refused_with_the_ways_out(
    work_tree: Path, sh: Sh, runs: Runs, leftovers: Leftovers
) -> None:
    (work_tree / "images").mkdir()
    for number in range(1001):
        (work_tree / "images" / f"{number}.txt").write_text(f"{number}\n")

    refused = sh("touch started", "-S", "rate=0.7")

    assert refused.code == 125
    assert "1001 untracked files" in refused.err
    assert "images/ (1001 files, " in refused.err
    assert ".gitignore" in refused.err
    assert "`gitexp track images`" in refused.err
    assert not (work_tree / "started").exists()
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert runs() == []
    assert leftovers() == []
    (work_tree / ".gitignore").write_text("images/\n")
    assert sh("true").code == 0


def test_many_megabytes_of_untracked_files_are_refused_and_a_large_one_is_left_out(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "large.bin").write_bytes(b"\1" * 5_000_001)
    for number in range(5):
        (work_tree / f"{number}.bin").write_bytes(b"\1" * 4_500_000)

    refused = sh("true")
    (work_tree / "0.bin").unlink()
    accepted = sh("true")

    assert refused.code == 125
    assert "5 untracked files of 22.5 MB" in refused.err
    assert accepted.code == 0
    assert "'large.bin' is large and not recorded; `gitexp track`" in accepted.err
    assert the_run().record.left_out == ("large.bin",)
    assert "1.bin" in the_run().entries


def test_environments_and_caches_are_not_walked_and_not_recorded(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    for name in (".venv/pyvenv.cfg", "app/env/pyvenv.cfg", "app/node_modules/x/index.js"):
        (work_tree / name).parent.mkdir(parents=True)
        (work_tree / name).write_text("x\n")
    (work_tree / ".venv" / "unreadable").mkdir(mode=0o000)
    for name in ("__pycache__/a.pyc", "app/__pycache__/b.pyc", ".ipynb_checkpoints/c.ipynb"):
        (work_tree / name).parent.mkdir(exist_ok=True)
        (work_tree / name).write_text("x\n")
    (work_tree / "app" / "code.py").write_text("code = 1\n")

    result = sh(
        "mkdir -p out/__pycache__; echo 1 > out/__pycache__/d.pyc;"
        " python -m venv --without-pip env2"
    )

    (work_tree / ".venv" / "unreadable").chmod(0o700)
    assert result.code == 0, result.err
    for name in (".venv", "app/env", "app/node_modules"):
        assert f"'{name}' is not recorded, because it is an environment" in result.err
    assert sorted(the_run().files()) == ["app/code.py", "params.yaml", "train.py"]


def test_conflicts_that_are_not_resolved_are_refused(
    work_tree: Path, git: Git, git_ended: GitEnded, sh: Sh, runs: Runs, leftovers: Leftovers
) -> None:
    git("switch", "--quiet", "--create", "other")
    (work_tree / "train.py").write_text("theirs\n")
    git("commit", "--quiet", "-am", "theirs")
    git("switch", "--quiet", "main")
    (work_tree / "train.py").write_text("ours\n")
    git("commit", "--quiet", "-am", "ours")
    git_ended("merge", "--quiet", "other")

    result = sh("touch started")

    assert result.code == 125
    assert "error: 'train.py' has conflicts that are not resolved" in result.err
    assert "`git add` the files, or `git merge --abort`.\n" in result.err
    assert not (work_tree / "started").exists()
    assert runs() == []
    assert leftovers() == []


# Signatures


@pytest.fixture
def signing_key(tmp_path: Path, git: Git, work_tree: Path) -> Path:
    """An ssh key that git signs every commit with."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen")
    if tuple(map(int, git("version").split()[2].split(".")[:2])) < (2, 34):
        pytest.skip("this git cannot sign with ssh")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = key.with_suffix(".pub").read_text()
    (tmp_path / "signers").write_text(f"ada@example.com {public}")
    for name, value in {
        "gpg.format": "ssh",
        "user.signingKey": str(key),
        "gpg.ssh.allowedSignersFile": str(tmp_path / "signers"),
        "commit.gpgSign": "true",
    }.items():
        git("config", name, value, cwd=work_tree)
    return key


def test_a_run_is_signed_where_the_users_commits_are(signing_key: Path, sh: Sh, git: Git) -> None:
    result = sh("true")

    assert "not signed" not in result.err
    assert git("log", "-1", "--format=%G?", "experiments") == "G\n"
    git("verify-commit", "experiments")
    assert signing_key.exists()


def test_a_signer_that_fails_costs_the_signature_and_not_the_run(
    signing_key: Path, sh: Sh, git: Git, runs: Runs
) -> None:
    signing_key.unlink()

    result = sh("true")

    assert result.code == 0
    assert "warning: the run's commit is not signed" in result.err
    assert git("log", "-1", "--format=%G?", "experiments") == "N\n"
    assert len(runs()) == 1


# Others at work


def test_two_runs_that_begin_at_the_same_moment_do_not_share_a_work_tree(
    work_tree: Path, at_once: AtOnce, runs: Runs, leftovers: Leftovers
) -> None:
    said = at_once(work_tree, work_tree, work_tree)

    assert said[0] == ""
    assert [text.startswith("refused: run '") for text in said] == [False, True, True]
    assert len(runs()) == 1
    assert leftovers() == []


def test_two_runs_that_begin_at_the_same_moment_do_not_share_a_name(
    work_tree: Path, tmp_path: Path, git: Git, at_once: AtOnce, runs: Runs, leftovers: Leftovers
) -> None:
    git("worktree", "add", "--quiet", "--detach", tmp_path / "linked")

    said = at_once(work_tree, tmp_path / "linked", name="same")

    assert said[0] == ""
    assert said[1].startswith("refused: a run named 'same' is under way")
    assert len(runs()) == 1
    assert leftovers() == []


def test_runs_in_many_work_trees_at_once_are_all_recorded(
    work_tree: Path,
    tmp_path: Path,
    start_gitexp: StartGitexp,
    git: Git,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    tops = [work_tree, *(tmp_path / f"tree-{number}" for number in range(5))]
    for top in tops[1:]:
        git("worktree", "add", "--quiet", "--detach", top)

    line = "echo $GITEXP_RUN_ID > metrics.txt; echo 1 > model.pt"
    processes = [start_gitexp("run", "--", "sh", "-c", line, cwd=top) for top in tops]

    assert [one.wait(DEADLINE) for one in processes] == [0] * 6
    assert {run.text("metrics.txt").strip() for run in runs()} == {run.record.id for run in runs()}
    assert len(runs()) == 6
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert leftovers() == []


def test_a_name_is_taken_while_its_run_is_under_way(
    work_tree: Path,
    tmp_path: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    git: Git,
    sh: Sh,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linked = tmp_path / "linked"
    git("worktree", "add", "--quiet", "--detach", linked)
    process = start_gitexp("run", "-n", "same", "--", "sh", "-c", "touch started; sleep 1000")
    eventually((work_tree / "started").exists)
    monkeypatch.chdir(linked)

    refused = sh("true", "-n", "same")
    process.send_signal(signal.SIGTERM)
    process.wait(DEADLINE)
    taken = sh("true", "-n", "same")

    assert refused.code == taken.code == 125
    assert "error: a run named 'same' is under way" in refused.err
    assert "error: a run named 'same' exists" in taken.err


def test_a_branch_checked_out_meanwhile_keeps_the_run_for_the_next_command(
    sh: Sh, git: Git, runs: Runs, leftovers: Leftovers
) -> None:
    sh("true", "-n", "first")

    result = sh("echo '{\"loss\": 1}' > metrics.json; git switch -q experiments -f", "-n", "second")
    tree = git("status", "--porcelain", "-uno")
    pending = git("for-each-ref", "--format=%(subject)", "refs/gitexp/pending/")
    git("switch", "--quiet", "--force", "main")
    third = sh("true", "-n", "third")

    assert result.code == 0
    assert "checked out" in result.err
    assert "the run waits" in result.err
    assert tree == "", "the checked-out branch was not moved under its work tree"
    assert pending.startswith("second: loss 1")
    assert third.code == 0
    assert "which waited for its branch, is now on it" in third.err
    assert [run.record.name for run in runs()] == ["third", "second", "first"]
    assert leftovers() == []


def test_a_run_that_waited_is_filed_by_a_command_that_only_reads(
    sh: Sh, git: Git, gitexp: Gitexp, leftovers: Leftovers
) -> None:
    sh("true", "-n", "first")
    sh("git switch -q experiments -f", "-n", "second")
    waiting = gitexp("ls")
    git("switch", "--quiet", "--force", "main")
    filed = gitexp("ls")
    again = gitexp("ls")

    told = "note: a run waits for the branch; `gitexp doctor` says what is in the way\n"
    assert waiting.err == told
    assert "second" not in waiting.out
    assert filed.err.endswith(", which waited for its branch, is now on it\n")
    assert filed.out.splitlines()[1].startswith("second")
    assert again == (0, again.out, "")
    assert leftovers() == []


def test_a_lock_that_a_killed_git_has_left_costs_neither_the_run_nor_its_status(
    work_tree: Path, sh: Sh, gitexp: Gitexp, runs: Runs, leftovers: Leftovers
) -> None:
    sh("true", "-n", "first")

    result = sh("touch .git/refs/heads/experiments.lock; exit 3", "-n", "second")
    doctor = gitexp("doctor")
    (work_tree / ".git" / "refs" / "heads" / "experiments.lock").unlink()
    filed = gitexp("ls")

    assert result.code == 3, result.err
    assert "warning: git cannot move 'experiments': cannot lock ref" in result.err
    assert "If no git is at work here, `rm '" in doctor.out
    assert filed.err.endswith(", which waited for its branch, is now on it\n")
    assert [run.record.name for run in runs()] == ["second", "first"]
    assert leftovers() == []


def test_a_damaged_index_costs_no_run(work_tree: Path, sh: Sh, runs: Runs) -> None:
    index = work_tree / ".git" / "gitexp" / "index.sqlite"
    sh("true", "-n", "first")
    for damage in (
        f"rm -f {index}*",
        f"echo junk > {index}",
        f"tr '\\0' x < /dev/zero | dd of={index} bs=100 count=60 seek=1 conv=notrunc status=none",
        f": > {index}",
        f"until rm -rf {index}*; mkdir {index} 2>/dev/null; do :; done",
    ):
        result = sh(damage)
        assert result.code == 0, (damage, result.err)
        assert "Traceback" not in result.err

    assert len(runs()) == 6
    assert sh("true", "-n", "first").code == 125


@pytest.mark.parametrize("before", ["never", "another branch"])
def test_an_ordinary_branch_is_refused_before_the_start(
    work_tree: Path, git: Git, sh: Sh, leftovers: Leftovers, before: str
) -> None:
    if before == "another branch":
        sh("true", "-n", "first")
    git("branch", "dev")
    (work_tree / "gitexp.yaml").write_text("branch: dev\n")

    result = sh("touch started")

    assert result.code == 125
    assert "error: branch 'dev' holds things other than runs" in result.err
    assert not (work_tree / "started").exists()
    assert git("rev-parse", "dev") == git("rev-parse", "main")
    assert leftovers() == []


@pytest.mark.parametrize("obstacle", ["checked out", "branch below"])
def test_a_branch_that_cannot_take_a_run_is_refused_before_the_start(
    work_tree: Path, git: Git, sh: Sh, leftovers: Leftovers, obstacle: str
) -> None:
    if obstacle == "checked out":
        sh("true")
        git("switch", "--quiet", "--force", "experiments")
    else:
        git("branch", "experiments/old")

    result = sh("touch started")

    assert result.code == 125
    assert ("is checked out in" if obstacle == "checked out" else "is in the way") in result.err
    assert "hint: " in result.err
    assert not (work_tree / "started").exists()
    assert leftovers() == []


def test_an_ordinary_branch_made_meanwhile_is_not_touched_and_the_run_waits(
    git: Git, sh: Sh, runs: Runs
) -> None:
    result = sh("git branch experiments; echo '{\"loss\": 1}' > metrics.json", "-n", "one")

    pending = git("for-each-ref", "--format=%(subject)", "refs/gitexp/pending/")
    assert result.code == 0, result.err
    assert git("rev-parse", "experiments") == git("rev-parse", "main")
    assert pending == "one: loss 1\n"
    git("branch", "--delete", "--force", "experiments")
    assert sh("true", "-n", "two").code == 0
    assert [run.record.name for run in runs()] == ["two", "one"]


def test_a_running_ref_that_somebody_deleted_costs_no_run(
    sh: Sh, runs: Runs, leftovers: Leftovers
) -> None:
    result = sh("git update-ref -d refs/gitexp/running/$GITEXP_RUN_ID; echo 1 > out.txt")

    assert result.code == 0, result.err
    assert [run.record.outputs for run in runs()] == [("out.txt",)]
    assert leftovers() == []


@pytest.mark.usefixtures("work_tree")
def test_messages_are_utf8_whatever_encoding_the_users_commits_have(git: Git, sh: Sh) -> None:
    git("config", "i18n.commitEncoding", "ISO-8859-1")
    git("config", "i18n.logOutputEncoding", "UTF-8")

    sh("true", "-m", "größer")

    assert "größer" in git("log", "-1", "--format=%b", "experiments")


def test_a_model_is_recorded_though_the_command_removes_the_folder_it_was_called_in(
    work_tree: Path, start_gitexp: StartGitexp, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: ['*.pt']\n")
    place = work_tree / "out"
    place.mkdir()
    line = f"rm -r {place}; mkdir {place}; echo weights > {place}/m.pt"

    ended = start_gitexp("run", "--", "sh", "-c", line, cwd=place).wait(DEADLINE)

    assert ended == 0
    assert "out/m.pt.dvc" in the_run().entries
