"""Lines of shell: signals reach the program in them, and it alone says how it ends."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from gitexp.execution.start.shell import shell_argv

from tests.execution.workshop import Eventually, StartGitexp, TheRun
from tests.workshop import DEADLINE

PLAIN = [
    "{python} -c 'x = 1'",
    '  {python}  t.py --lr $LR "a b" *.csv\t',
    "A=1 B=x/y:z {python} t.py",
    "{python}\n",
]
OTHERS = [
    "{python} t.py; true",
    "{python} t.py > log",
    "{python} t.py 2>&1 | tee log",
    "{python} -c 'print(1)'",
    "{python} $(cat args)",
    "{python} `cat args`",
    "{python} t.py\n{python} u.py",
    "A=$HOME {python} t.py",
    "cd there",
    "exec {python} t.py",
    "no-such-program t.py",
    "'{python}' t.py",
    "A=1",
]
SAVES = """\
import pathlib, signal, sys, time

def save(*_):
    time.sleep(0.2)
    pathlib.Path("metrics.json").write_text('{"loss": 0.25}')
    sys.exit(0)

for name in ("USR1", "USR2", "TERM"):
    signal.signal(getattr(signal, f"SIG{name}"), save)
pathlib.Path("started").touch()
time.sleep(1000)
"""


@pytest.mark.parametrize("line", PLAIN)
def test_a_line_that_is_one_program_becomes_it(line: str) -> None:
    written = line.format(python="python3")

    shell, option, started = shell_argv(written)

    assert (shell, option) == ("/bin/sh", "-c")
    assert started.replace("exec python3", "python3") == written.strip()
    assert started != written.strip()


@pytest.mark.parametrize("line", OTHERS)
def test_any_other_line_stays_as_it_is_behind_a_trap(line: str) -> None:
    written = line.format(python="python3")

    assert shell_argv(written)[2] == f"trap : USR1 USR2; {written}"


@pytest.mark.parametrize("line", ["A=1 {env}", "true; A=1 {env}", "env A=1 {env}"])
def test_a_line_says_what_it_said(line: str) -> None:
    line = line.format(env=shutil.which("env"))

    ended = subprocess.run(shell_argv(line), capture_output=True, text=True, check=True)

    assert "A=1" in ended.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "name", "status"),
    [
        ("python saves.py", "SIGUSR1", "done"),
        ("true && python saves.py", "SIGUSR2", "done"),
        ("python saves.py", "SIGTERM", "interrupted"),
    ],
)
def test_what_a_program_in_a_line_does_about_a_signal_is_recorded(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    the_run: TheRun,
    line: str,
    name: str,
    status: str,
) -> None:
    (work_tree / "saves.py").write_text(SAVES)
    (work_tree / "gitexp.yaml").write_text(f"command: {line}\n")
    process = start_gitexp("run")
    eventually((work_tree / "started").exists)

    process.send_signal(getattr(signal, name))
    process.wait(DEADLINE)

    record = the_run().record
    assert (record.status, record.exit.code) == (status, 0)
    assert record.metrics == {"metrics.json": {"loss": 0.25}}
    assert record.command == (line,)
