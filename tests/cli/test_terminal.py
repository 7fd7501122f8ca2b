"""`gitexp` in a real terminal: debuggers, progress bars, colours, and Ctrl-C as it is typed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.workshop import Typed
from tests.workshop import Git

CTRL_C = "\x03"

GITEXP = (sys.executable, "-m", "gitexp")


@pytest.fixture
def recorded(git: Git) -> Callable[[], Any]:
    """Read the record of the newest run."""
    return lambda: json.loads(git("show", "experiments:.gitexp/run.json"))


def test_a_debugger_in_the_command_works(
    work_tree: Path, typed: Typed, recorded: Callable[[], Any]
) -> None:
    (work_tree / "x.py").write_text("total = 6 * 7\nprint('the end')\n")

    code, shown = typed(
        (*GITEXP, "run", "-n", "debugged", "--", sys.executable, "-m", "pdb", "x.py"),
        {"(Pdb) ": "n\r", "-> print(": "p total\r", "42": "c\r", "finished": "q\r"},
    )

    assert code == 0, shown
    assert "the end" in shown
    assert recorded()["status"] == "done"


def test_a_progress_bar_looks_as_without_gitexp(work_tree: Path, typed: Typed) -> None:
    (work_tree / "bar.py").write_text(
        "import sys, tqdm\n"
        "for _ in tqdm.tqdm(range(4), mininterval=0, bar_format='{l_bar}{bar}| {n}/{total}'):\n"
        "    pass\n"
        "print('\\x1b[32mdone\\x1b[0m', sys.stdout.isatty(), sys.stderr.isatty())\n"
    )
    command = (sys.executable, "bar.py")

    _, alone = typed(command)
    code, shown = typed((*GITEXP, "run", "-n", "bar", "--", *command))

    assert code == 0
    assert "100%" in alone
    assert "\x1b[32mdone\x1b[0m True True\r\n" in alone
    assert shown.startswith(alone)


def test_the_log_of_a_progress_bar_is_its_last_state(
    work_tree: Path, typed: Typed, git: Git
) -> None:
    (work_tree / "bar.py").write_text(
        "import tqdm\nfor _ in tqdm.tqdm(range(4), mininterval=0, ncols=40): pass\n"
    )

    typed((*GITEXP, "run", "-n", "bar", "--", sys.executable, "bar.py"))

    log = git("show", "experiments:.gitexp/output.log")
    assert log.count("\n") == 1
    assert log.startswith("100%|")
    assert "\r" not in log


def test_what_runs_told_is_in_colour_in_a_terminal_and_nowhere_else(typed: Typed) -> None:
    typed((*GITEXP, "run", "-n", "one", "--", sys.executable, "train.py"))
    typed((*GITEXP, "run", "-n", "two", "-S", "rate=0.2", "--", sys.executable, "train.py"))

    _, coloured = typed((*GITEXP, "diff", "one", "two"))
    _, plain = typed((*GITEXP, "diff", "one", "two"), NO_COLOR="1")
    piped = subprocess.run([*GITEXP, "diff", "one", "two"], capture_output=True, check=True)

    assert "\x1b[32mbetter\x1b[0m" in coloured
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain
    assert plain.replace("\r\n", "\n") == piped.stdout.decode()


def test_no_color_holds_for_the_line_of_a_run_too(typed: Typed) -> None:
    command = ("--", sys.executable, "train.py")

    _, coloured = typed((*GITEXP, "run", "-n", "one", *command))
    _, plain = typed((*GITEXP, "run", "-n", "two", *command), NO_COLOR="1")

    assert "\x1b[1mone: accuracy 0.95" in coloured
    assert "\x1b" not in plain


def test_a_narrow_terminal_is_told_what_it_lacks(typed: Typed) -> None:
    for name, rate in (("one", "0.1"), ("two", "0.2")):
        options = ("-n", name, "-S", f"rate={rate}", "-m", "a message of some length, to be shown")
        typed((*GITEXP, "run", *options, "--", sys.executable, "train.py"))

    _, shown = typed((*GITEXP, "ls"), NO_COLOR="1", COLUMNS="50")

    lines = shown.splitlines()
    assert all(len(line) <= 50 for line in lines)
    assert lines[-1].startswith("Too wide to show: ")


def test_no_table_is_wider_than_the_terminal(typed: Typed, work_tree: Path) -> None:
    metrics = {f"split_{at}": {"accuracy": at / 7, "loss": 1 / (at + 1)} for at in range(30)}
    (work_tree / "metrics.json").write_text(json.dumps({"accuracy": 0.5, **metrics}))
    for name in ("the-first-of-all-runs", "the-second-run"):
        subprocess.run([*GITEXP, "save", "-n", name], check=True, capture_output=True)

    for asked in ("ls", "diff HEAD latest latest~1 workspace", "trend accuracy"):
        for columns in (60, 80, 120, 200):
            command = (*GITEXP, *asked.split())
            code, shown = typed(command, NO_COLOR="1", COLUMNS=str(columns), GITEXP_PAGER="")

            assert code == 0, shown
            assert max(map(len, shown.splitlines())) <= columns, (asked, shown)


def test_ctrl_c_is_recorded_and_puts_the_params_back(
    work_tree: Path, typed: Typed, git: Git, recorded: Callable[[], Any]
) -> None:
    (work_tree / "slow.py").write_text(
        "import time\nprint('training', flush=True)\ntime.sleep(1000)\n"
    )
    before = (work_tree / "params.yaml").read_bytes()

    code, shown = typed(
        (*GITEXP, "run", "-n", "cut", "-S", "rate=0.9", "--", sys.executable, "slow.py"),
        {"training": CTRL_C},
    )

    assert "KeyboardInterrupt" in shown
    assert "cut: interrupted after " in shown
    assert code == 130
    assert recorded()["status"] == "interrupted"
    assert recorded()["exit"]["reason"] == "signal"
    assert (work_tree / "params.yaml").read_bytes() == before
    assert git("show", "experiments:params.yaml") == "rate: 0.9\nseed: 1\n"


def test_ctrl_c_that_the_command_takes_for_enough_is_a_success(
    work_tree: Path, typed: Typed, recorded: Callable[[], Any]
) -> None:
    (work_tree / "patient.py").write_text(
        "import time\n"
        "try:\n"
        "    print('training', flush=True)\n"
        "    time.sleep(1000)\n"
        "except KeyboardInterrupt:\n"
        "    open('metrics.json', 'w').write('{\"epochs\": 3}')\n"
    )

    code, shown = typed(
        (*GITEXP, "run", "-n", "enough", "--", sys.executable, "patient.py"),
        {"training": CTRL_C},
    )

    assert code == 0
    assert "enough: epochs 3" in shown
    assert recorded()["status"] == "done"


def test_the_command_may_ask_and_be_answered(
    work_tree: Path, typed: Typed, recorded: Callable[[], Any]
) -> None:
    (work_tree / "ask.py").write_text(
        "import getpass\nprint(input('name? '))\nprint(len(getpass.getpass('key? ')))\n"
    )

    code, shown = typed(
        (*GITEXP, "run", "-n", "asked", "--", sys.executable, "ask.py"),
        {"name? ": "ada\r", "key? ": "hush\r"},
    )

    assert code == 0
    assert "\r\n4\r\n" in shown
    assert "hush" not in shown
    assert recorded()["status"] == "done"
