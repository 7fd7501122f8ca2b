"""What goes to a pager, and to which, in a real terminal of 24 lines."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.cli.pager import chosen_pager, is_long
from gitexp.git.repository import Repository

from tests.cli.workshop import Typed
from tests.workshop import Git

GITEXP = (sys.executable, "-m", "gitexp")
PAGER = "sed 's/^/| /'"
"""Shows what passes through it, and asks nothing."""


@pytest.fixture
def long_diff(work_tree: Path) -> Path:
    """A work tree that differs from HEAD in thirty metrics."""
    metrics = {"accuracy": 0.97, **{f"m{at}": at for at in range(30)}}
    (work_tree / "metrics.json").write_text(json.dumps(metrics))
    return work_tree


def through_the_pager(shown: str) -> bool:
    return all(line.startswith("| ") for line in shown.splitlines())


@pytest.mark.usefixtures("long_diff")
def test_what_is_longer_than_the_screen_goes_to_the_pager_in_colour(typed: Typed) -> None:
    code, shown = typed((*GITEXP, "diff"), GITEXP_PAGER=PAGER)

    assert code == 0
    assert through_the_pager(shown)
    assert "| \x1b[1mHEAD → workspace\x1b[0m" in shown


def test_what_fits_the_screen_goes_there(work_tree: Path, typed: Typed) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 1\n")

    _, shown = typed((*GITEXP, "diff"), GITEXP_PAGER=PAGER)

    assert "|" not in shown
    assert "rate   0.1 → 0.2" in shown


@pytest.mark.usefixtures("long_diff")
def test_no_pager_and_an_empty_one_and_cat_mean_none(typed: Typed) -> None:
    _, refused = typed((*GITEXP, "--no-pager", "diff"), GITEXP_PAGER=PAGER)
    _, empty = typed((*GITEXP, "diff"), GITEXP_PAGER="", GIT_PAGER=PAGER)
    _, cat = typed((*GITEXP, "diff"), GITEXP_PAGER="cat", GIT_PAGER=PAGER)

    assert "|" not in refused + empty + cat
    assert refused == empty == cat


@pytest.mark.usefixtures("long_diff")
def test_a_pipe_gets_no_pager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITEXP_PAGER", PAGER)

    piped = subprocess.run([*GITEXP, "diff"], capture_output=True, check=True)

    assert b"|" not in piped.stdout
    assert b"\x1b" not in piped.stdout


@pytest.mark.usefixtures("long_diff")
def test_a_pager_that_is_left_early_leaves_the_exit_code_alone(typed: Typed) -> None:
    code, shown = typed((*GITEXP, "diff", "--exit-code"), GITEXP_PAGER="head -n 1")

    assert (code, re.sub(r"\x1b\[\d*m", "", shown)) == (1, "HEAD → workspace\r\n")


@pytest.mark.usefixtures("long_diff")
def test_a_pager_that_is_not_there_is_done_without(typed: Typed) -> None:
    code, shown = typed((*GITEXP, "diff"), GITEXP_PAGER="no-such-pager --at-all")

    assert code == 0
    assert "no-such-pager" in shown
    assert "m29        – → 29" in shown


@pytest.mark.usefixtures("long_diff")
def test_less_shows_colours_and_is_left_with_q(typed: Typed) -> None:
    _, shown = typed((*GITEXP, "diff"), {":": "q"}, PAGER="less", LESSHISTFILE="-")

    assert "\x1b[1mHEAD → workspace\x1b[0m" in shown
    assert "m29" not in shown


@pytest.mark.usefixtures("long_diff")
def test_ctrl_c_is_for_the_pager(typed: Typed) -> None:
    pager = "trap 'echo interrupted; exit' INT; echo ready; cat > /dev/null; sleep 1000"

    code, shown = typed((*GITEXP, "diff"), {"ready": "\x03"}, GITEXP_PAGER=pager)

    assert code == 0
    assert "interrupted" in shown
    assert "Traceback" not in shown


@pytest.mark.usefixtures("long_diff")
def test_a_training_never_waits_in_a_pager(typed: Typed) -> None:
    code, shown = typed((*GITEXP, "run", "--", *GITEXP, "diff"), GITEXP_PAGER=PAGER)

    assert code == 0
    assert "|" not in shown
    assert "m29" in shown


def test_the_pager_is_chosen_as_git_chooses_it(
    repository: Repository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PAGER", "GIT_PAGER", "GITEXP_PAGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    chosen = [chosen_pager(repository)]

    for name, value in (("PAGER", "more"), ("core.pager", "delta --dark"), ("GIT_PAGER", "most")):
        if name == "core.pager":
            git("config", name, value)
        else:
            monkeypatch.setenv(name, value)
        chosen.append(chosen_pager(repository))
    monkeypatch.setenv("GITEXP_PAGER", "mine")
    chosen.append(chosen_pager(repository))

    assert chosen == ["less", "more", "delta --dark", "most", "mine"]


def test_where_less_is_not_installed_there_is_no_pager_by_default(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert chosen_pager(repository) is None


def test_a_terminal_that_cannot_move_its_cursor_gets_no_pager(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITEXP_PAGER", "mine")
    monkeypatch.setenv("TERM", "dumb")

    assert chosen_pager(repository) is None


def test_lines_that_wrap_count_for_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "4")
    monkeypatch.setenv("COLUMNS", "10")

    assert not is_long("x\n" * 3)
    assert is_long("x\n" * 4)
    assert is_long("x" * 31 + "\n")
    assert not is_long("\x1b[1m" + "x" * 30 + "\x1b[0m\n")
