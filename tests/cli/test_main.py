"""`gitexp` itself: its commands, its options, and the one place where errors are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gitexp import __version__
from gitexp.cli.main import cli
from gitexp.cli.sections import COMMANDS
from gitexp.errors import ExitCode

from tests.workshop import Gitexp

GITEXP = (sys.executable, "-m", "gitexp")


@pytest.fixture
def other_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let `git` be a shell script."""

    def make(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return make


def test_version(gitexp: Gitexp) -> None:
    assert gitexp("--version") == (ExitCode.OK, f"gitexp {__version__}\n", "")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command(gitexp: Gitexp, option: str) -> None:
    code, out, err = gitexp(option)

    assert (code, err) == (ExitCode.OK, "")
    listed = re.findall(r"^  ([a-z-]+)  +[A-Z]", out.partition("Record runs:")[2], re.MULTILINE)
    assert listed == list(COMMANDS)
    assert "..." not in out.partition("Record runs:")[2]
    assert out.startswith("Usage: gitexp [OPTIONS] COMMAND [ARGS]...\n")
    assert out.endswith("Start with `gitexp demo`.\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_fits_a_terminal(gitexp: Gitexp, command: str) -> None:
    code, out, err = gitexp(command, "--help")

    assert (code, err) == (ExitCode.OK, "")
    assert out.startswith(f"Usage: gitexp {command} ")
    assert all(len(line) <= 80 for line in out.splitlines())


def test_without_a_command_there_is_help(gitexp: Gitexp) -> None:
    code, out, err = gitexp()

    assert code == ExitCode.ERROR
    assert (out + err) == gitexp("--help")[1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("rn", "no command 'rn'; did you mean 'run'?"),
        ("lst", "no command 'lst'; did you mean 'list'?"),
        ("xyzzy", "no command 'xyzzy'"),
        ("--zzz", "no such option '--zzz'"),
    ],
)
def test_what_is_no_command_is_answered_with_the_close_one(
    gitexp: Gitexp, typed: str, told: str
) -> None:
    code, out, err = gitexp(typed)

    assert (code, out) == (ExitCode.ERROR, "")
    assert err == f"error: {told}\nhint: `gitexp --help` says more.\n"


def test_names_of_modules_are_no_commands(gitexp: Gitexp) -> None:
    assert gitexp("__init__")[0] == ExitCode.ERROR
    assert gitexp("../main")[0] == ExitCode.ERROR


def test_dash_c_is_where_gitexp_runs(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert gitexp("-C", work_tree, "ls") == (ExitCode.OK, "No runs.\n", "")
    assert gitexp("-C", "work", "diff")[0] == ExitCode.OK


@pytest.mark.parametrize("directory", ["nosuch", "train.py"])
@pytest.mark.usefixtures("work_tree")
def test_dash_c_names_a_directory(gitexp: Gitexp, directory: str) -> None:
    code, out, err = gitexp("-C", directory, "ls")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: invalid value for '-C': Directory ")


@pytest.mark.parametrize("command", [["ls"], ["show", "latest"], ["diff"]])
def test_outside_a_repository_every_command_says_so(
    tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert gitexp(*command) == (
        ExitCode.ERROR,
        "",
        f"error: '{tmp_path}' is not in a git repository\nhint: Make one with `git init`.\n",
    )


@pytest.mark.parametrize("command", [["ls"], ["show", "latest"], ["diff"]])
def test_a_wrong_configuration_is_told_by_every_command(
    work_tree: Path, gitexp: Gitexp, command: list[str]
) -> None:
    (work_tree / "gitexp.yaml").write_text("brnch: runs\n")

    assert gitexp(*command) == (
        ExitCode.ERROR,
        "",
        "error: gitexp.yaml, line 1: unknown setting 'brnch'\nhint: Did you mean 'branch'?\n",
    )


def test_without_git_there_is_an_error_that_says_so(work_tree: Path) -> None:
    ended = subprocess.run(
        [*GITEXP, "ls"], env={"PATH": str(work_tree)}, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (ExitCode.ERROR, "")
    assert ended.stderr == "error: git is not installed\nhint: Install git 2.34 or newer.\n"


@pytest.mark.usefixtures("work_tree")
def test_what_nobody_foresaw_is_told_as_a_bug(
    gitexp: Gitexp, other_git: Callable[[str], None]
) -> None:
    other_git("echo nonsense")

    code, out, err = gitexp("ls")

    assert (code, out) == (ExitCode.BUG, "")
    assert err.startswith("Traceback (most recent call last):\n")
    bug, hint = err.splitlines()[-2:]
    assert bug.startswith(f"bug: gitexp {__version__}, Python {sys.version.split()[0]}, ")
    assert hint == "hint: This should not have happened. Please report it with all of the above."


@pytest.mark.usefixtures("work_tree")
def test_ctrl_c_ends_with_130_and_no_traceback(other_git: Callable[[str], None]) -> None:
    other_git("kill -INT $PPID; sleep 5")

    ended = subprocess.run([*GITEXP, "ls"], capture_output=True, text=True, check=False)

    assert ended.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in ended.stderr


_INTERRUPTED = """
import os, signal, sys, weakref
import gitexp.cli.main as program

class Lock: pass

def imported(name):
    lock = Lock()  # each import has one, behind which Python tidies up
    tidied = weakref.ref(lock, lambda _: os.kill(os.getpid(), signal.SIGINT))
    del lock
    sys.exit("it went on")

program.import_command = imported
program.entry()
"""


def test_ctrl_c_is_not_lost_where_python_ignores_exceptions(work_tree: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED, "ls"], cwd=work_tree, capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (ExitCode.INTERRUPTED, b"", b"")


def test_a_reader_that_has_seen_enough_is_no_error(work_tree: Path) -> None:
    (work_tree / "train.py").write_text("x = 1\n" * 50_000)

    with subprocess.Popen(
        [*GITEXP, "diff", "--code"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (ExitCode.OK, b"")


def test_the_module_and_the_script_are_the_same(work_tree: Path) -> None:
    script = Path(sys.executable).with_name("gitexp")

    told = [
        subprocess.run([*start, "diff"], cwd=work_tree, capture_output=True, check=True).stdout
        for start in (GITEXP, (str(script),))
    ]

    assert told[0] == told[1]


def test_output_that_the_terminal_cannot_encode_is_no_error(work_tree: Path) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 1\n")

    for encoding in ("ascii", "latin-1", "utf-8"):
        ended = subprocess.run(
            [*GITEXP, "diff"],
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
            capture_output=True,
            check=False,
        )

        assert (ended.returncode, ended.stderr) == (ExitCode.OK, b"")
        assert b"rate   0.1" in ended.stdout


def test_cli_is_the_group_of_all_commands() -> None:
    assert cli.name == "cli"
    assert all(cli.get_command(cli.make_context("gitexp", ["ls"]), name) for name in COMMANDS)


def test_errors_do_not_steer_the_terminal(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.exists()

    code, _, err = gitexp("show", "a\x07b\x9b31m")

    assert code == ExitCode.ERROR
    assert "'a\\x07b\\x9b31m'" in err
    assert "\x07" not in err
