"""Completion, asked of real shells where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import click
import pytest

from gitexp.cli.main import cli
from gitexp.cli.sections import COMMANDS

from tests.workshop import Git, Gitexp, only_once


class Complete(Protocol):
    """Return what a shell offers for each line, of which the last word is being typed."""

    def __call__(self, *lines: str, sort: bool = True) -> dict[str, list[str]]: ...


BIN = Path(sys.executable).parent
MARK = "== "

BASH = (
    'eval "$(gitexp completion bash)"; compopt() { :; }',
    """\
COMP_WORDS=({words}); COMP_CWORD={at}; COMPREPLY=()
_gitexp_completion gitexp
printf '%s\\n' "${{COMPREPLY[@]}}"
""",
)
ZSH = (
    """\
compdef() { :; }
_describe() { local -a found; found=("${(@P)3}"); print -rl -- "${found[@]%%:*}"; }
compadd() { local name="${@[-1]}"; print -rl -- "${(@P)name}"; }
_path_files() { print FILES; }
eval "$(gitexp completion zsh)"
""",
    "words=({words}); CURRENT={at}+1; _gitexp_completion\n",
)
FISH = (
    "gitexp completion fish | source\n",
    'complete --do-complete "{line}" | string split --fields 1 \\t\n',
)
SHELLS = {
    "bash": (BASH, "--norc"),
    "zsh": (ZSH, "-f"),
    "fish": (FISH, "--no-config"),
}
"""How a script begins and how it asks for one line, and what keeps the user's settings out."""

OFFERED = {
    "gitexp di": ["diff"],
    "gitexp imp": ["import"],
    "gitexp import d": ["dvc"],
    "gitexp diff --exit": ["--exit-code"],
    "gitexp show br": ["brave-one"],
    "gitexp show ": ["brave-one", "calm-two", "keep", "latest"],
    "gitexp show be": ["best:"],
    "gitexp show best:a": ["best:accuracy"],
    "gitexp diff brave-one tag:": ["tag:keep"],
    "gitexp diff brave-one ca": ["calm-branch", "calm-two"],
    "gitexp diff brave-one br": [],
    "gitexp run -S ra": ["rate="],
    "gitexp run -S rate=": [],
    "gitexp get brave-one train": ["train.py"],
    "gitexp tag brave-one ke": ["keep"],
    "gitexp tag brave-one --delete ke": [],
    "gitexp tag calm-two --delete ke": ["keep"],
    "gitexp ls --sort-by dur": ["duration"],
    "gitexp push up": ["upstream"],
    "gitexp ls --format c": ["csv"],
    "gitexp nosuch x": [],
}


@pytest.fixture
def runs(work_tree: Path, gitexp: Gitexp, git: Git) -> Path:
    """A work tree with two runs, a branch and a remote."""

    def make() -> None:
        for name in ("brave-one", "calm-two"):
            assert gitexp("run", "-n", name)[0] == 0
        assert gitexp("tag", "calm-two", "keep")[0] == 0
        git("branch", "calm-branch")
        git("remote", "add", "upstream", "../there")

    only_once("brave and calm", work_tree, make)
    return work_tree


@pytest.fixture(params=["bash", "zsh", "fish"])
def complete(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Return what a shell offers for each line, of which the last word is being typed."""
    shell = str(request.param)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    (begin, ask), sealed = SHELLS[shell]

    def offered(*lines: str, sort: bool = True) -> dict[str, list[str]]:
        script = begin
        for line in lines:
            words = [f"'{word}'" for word in line.split(" ")]
            asked = ask.format(words=" ".join(words), at=len(words) - 1, line=line)
            script += f"\necho '{MARK}{line}'\n{asked}"
        ended = subprocess.run(
            [shell, sealed, "-c", script], capture_output=True, text=True, check=False
        )
        assert ended.stderr == ""
        parts = (part.split("\n") for part in ended.stdout.split(MARK)[1:])
        order = sorted if sort else list
        return {line: order(filter(None, found)) for line, *found in parts}

    return offered


@pytest.mark.usefixtures("runs")
def test_a_shell_offers_commands_options_and_names(complete: Complete) -> None:
    assert complete(*OFFERED) == OFFERED


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("words", "line", "offered"),
    [
        ("show best : acc", "show best:acc", ["accuracy"]),
        ("show best :", "show best:", ["accuracy", "loss"]),
        ("run -S rate =", "run -S rate=", []),
        ("run -S params.yaml : ra", "run -S params.yaml:ra", []),
        ("diff tag : keep bra", "diff tag:keep bra", ["brave-one"]),
        ("show best:acc", "show best:acc", ["best:accuracy"]),
    ],
)
def test_bash_splits_words_at_colons_and_equals_signs_and_completes_all_the_same(
    words: str, line: str, offered: list[str]
) -> None:
    listed = words.split(" ")
    script = f"{BASH[0]}\nCOMP_LINE='gitexp {line}'; COMP_POINT=${{#COMP_LINE}}\n" + BASH[1].format(
        words=f"gitexp {words}", at=len(listed)
    )
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert [*filter(None, ended.stdout.split("\n"))] == offered


@pytest.mark.usefixtures("runs")
def test_the_newest_run_is_offered_first(complete: Complete) -> None:
    assert complete("gitexp rm ", sort=False)["gitexp rm "][:2] == ["calm-two", "brave-one"]


def test_outside_of_a_repository_nothing_is_offered_and_nothing_said(
    complete: Complete, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert complete("gitexp show x") == {"gitexp show x": []}


def test_completing_looks_into_the_directory_that_is_named(
    complete: Complete, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = f"gitexp -C {runs.name} show br"

    assert complete(line) == {line: ["brave-one"]}


def test_without_an_index_no_runs_are_offered_and_none_is_made(
    complete: Complete, runs: Path, gitexp: Gitexp
) -> None:
    """A first index of many runs takes seconds: that is for a command that can say so."""
    for path in (runs / ".git" / "gitexp").glob("index.sqlite*"):
        path.unlink()
    line = "gitexp diff "

    before = complete(line)
    gitexp("ls")

    assert before == {line: ["HEAD", "calm-branch", "experiments", "latest", "main", "workspace"]}
    assert "brave-one" in complete(line)[line]


NAMED = {"run", "runs", "revs", "remote", "metric", "overrides", "path"}


def test_every_argument_that_has_names_completes_them() -> None:
    """So that a new command does not forget."""
    commands = {
        name: cli.get_command(click.Context(cli, **cli.context_settings), name) for name in COMMANDS
    }
    bare = [
        (name, param.name)
        for name, command in commands.items()
        for param in (command.params if command is not None else ())
        if param.name in NAMED and not getattr(param, "is_flag", False)
        if param._custom_shell_complete is None
    ]

    assert bare == []
