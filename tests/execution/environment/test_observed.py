"""Which Python a command really uses, seen while it runs: real processes in real environments."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gitexp.execution.environment import observed, tree
from gitexp.execution.environment.observed import Watch
from gitexp.execution.environment.tree import Image

from tests.execution.environment.test_packages import (
    install,
    make_venv,
    site_packages,
    write_script,
)
from tests.workshop import Gitexp, git, write

LOOKED_AT = """
import glob, os, subprocess, sys, time

def wait_until_looked_at():
    \"\"\"Stand until gitexp has looked at this process, and once more since this was called.

    It writes down what it has found whenever it sees another Python. The first time, that may be
    one of before; and it may have begun to look before this was called when it sees the next.
    \"\"\"
    for _ in range(3):
        for file in glob.glob(".git/gitexp/runs/*/environment.json"):
            os.unlink(file)
        other, pause = subprocess.Popen([sys.executable, "waits.py"], stdin=subprocess.PIPE), 0.002
        while not glob.glob(".git/gitexp/runs/*/environment.json"):
            time.sleep(pause)  # ever longer, for it counts how much is computed
            pause = min(1.5 * pause, 0.5)
        other.communicate()
"""
TRAIN = """
import json, sys, time
from looked_at import wait_until_looked_at
for seconds in sys.argv[1:]:
    while time.process_time() < float(seconds): pass
wait_until_looked_at()
json.dump({'a': 1}, open('metrics.json', 'w'))
"""
TITLED = """
import ctypes
from looked_at import wait_until_looked_at
wait_until_looked_at()
ctypes.CDLL(None).prctl(15, b"trainer")
wait_until_looked_at()
"""
PROGRAMS = {
    "looked_at.py": LOOKED_AT,
    "waits.py": "import sys; sys.stdin.read()\n",
    "train.py": TRAIN,
    "titled.py": TITLED,
}


def venv(folder: Path, name: str) -> Path:
    """Make an environment that has one package, named after it."""
    python = make_venv(folder)
    install(site_packages(folder), name, "1.0", into=f"{name}-1.0.dist-info")
    return python


def recorded() -> tuple[str, dict[str, object]]:
    """Return the packages and the record of the last run."""
    record: dict[str, object] = json.loads(git("show", "experiments:.gitexp/run.json"))
    return git("show", "experiments:.gitexp/environment.txt"), record


@pytest.fixture
def used(work_tree: Path, tmp_path: Path) -> Path:
    """Make an environment beside the work tree, and one that is active."""
    write(work_tree, PROGRAMS)
    venv(tmp_path / "active", "active")
    return venv(tmp_path / "used", "used")


SCRIPTS = {
    "a wrapper": "exec {python} train.py",
    "one that activates": ". {bin}/activate; python train.py",
    "one that changes the PATH": "PATH={bin}:$PATH python train.py",
    "one that starts late": "sleep 0.5; {python} train.py",
    "one that makes it first": "mv {away} {prefix}; {python} train.py",
    "one of two": "{active} -c 'pass'; {python} train.py 0.5; {active} -c 'pass'",
    "a Python that starts another": "{active} -c 'import subprocess as s;"
    ' s.run(["{python}", "train.py", "0.5"])\'',
    "a fork that becomes another": "ln -s python {active}3; {active}3 -c 'import os, time;"
    ' os.fork() and (os.wait(), os._exit(0)); time.sleep(.3); os.execv("{python}", ["{python}",'
    ' "train.py", "0.5"])\'',
    "a title of its own": "exec {python} titled.py",
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_the_packages_are_those_of_the_process_that_trained(
    used: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    prefix, away = used.parent.parent, tmp_path / "away"
    write_script(prefix / "bin" / "activate", f"PATH={used.parent}:$PATH; export PATH\n")
    text = SCRIPTS[kind].format(
        python=used,
        bin=used.parent,
        prefix=prefix,
        away=away,
        active=tmp_path / "active" / "bin" / "python",
    )
    if "{away}" in SCRIPTS[kind]:
        prefix.rename(away)
    write_script(Path("train.sh"), f"#!/bin/sh\n{text}\n")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))

    assert gitexp("run", "--", "./train.sh").code == 0

    packages, record = recorded()
    assert packages == "used==1.0\n"
    assert (record["environment"], record["python"]) == (str(used), platform.python_version())


def test_a_tools_own_python_is_not_the_commands(
    used: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As poetry and pipenv do it: a Python asks another one, and then becomes it."""
    tool = venv(tmp_path / "tool", "tool")
    write_script(
        tmp_path / "bin" / "poetry",
        f"#!{tool}\nimport os, subprocess, sys\n[i for i in range(3000000)]\n"
        f"asked = '{tmp_path}/active/bin/python'\n"
        f"subprocess.run([asked, '-I', '-c', 'import time; time.sleep(.3)'])\n"
        f"os.execv('{used}', ['{used}', *sys.argv[3:], '0.5'])\n",
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    assert gitexp("run", "--", "poetry", "run", "python", "train.py").code == 0

    assert recorded()[0] == "used==1.0\n"


def test_a_python_that_nobody_saw_is_unknown_and_that_is_said(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv(work_tree / ".venv", "project")
    write_script(tmp_path / "bin" / "uv", "#!/bin/sh\nexit 0\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    ended = gitexp("run", "--", "uv", "run", "train.py")

    assert "note: which Python the command used was not seen" in ended.err
    packages, record = recorded()
    assert (packages, record["environment"], record["python"]) == ("", None, None)


def test_another_environment_that_has_computed_as_well_is_named(
    used: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observed, "_MATTERS", 0.1)
    other = tmp_path / "active" / "bin" / "python"

    ended = gitexp("run", "--", f"{other} train.py 0.3; {used} train.py 0.8")

    said = f"note: '{other}' ran as well; the packages recorded are those of '{used}'"
    assert said in ended.err
    assert recorded()[0] == "used==1.0\n"


def test_packages_are_those_at_the_start_of_the_process_that_computed_most(
    used: Path, gitexp: Gitexp
) -> None:
    """A script that installs something between two processes of one environment."""
    site = site_packages(used.parent.parent)
    late = f"mkdir {site}/late-1.0.dist-info; echo > {site}/late-1.0.dist-info/METADATA"
    short, long = f"{used} train.py", f"{used} train.py 0.6"

    gitexp("run", "--", f"{short}; {late}; {long}")

    assert recorded()[0] == "late==1.0\nused==1.0\n"

    gitexp("run", "--", f"{long}; rm -r {site}/late-1.0.dist-info; {short}")

    assert recorded()[0] == "late==1.0\nused==1.0\n"


def test_without_proc_psutil_finds_the_same(
    used: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "pythons_below", tree._by_psutil)
    monkeypatch.setattr("gitexp.execution.environment.observed.pythons_below", tree._by_psutil)

    gitexp("run", "--", f"sleep 0.2; {used} train.py")

    assert recorded()[0] == "used==1.0\n"


def test_a_process_that_becomes_a_python_meanwhile_is_not_one_with_the_words_of_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line, words = f"read go; exec {sys.executable} -c 'input()'", tree._words

    def read(pid: int) -> tuple[str, ...]:
        found = words(pid)
        if found[:1] == ("sh",):
            print(file=process.stdin, flush=True)
            while not Path(f"/proc/{pid}/exe").samefile(sys.executable):
                time.sleep(0.005)
        return found

    with subprocess.Popen(["sh", "-c", line], stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        monkeypatch.setattr(tree, "_words", read)
        found = [*tree.pythons_below(process.pid)]
        process.communicate("\n")

    assert found == []


def test_another_name_of_a_python_is_another_program_and_no_title() -> None:
    watch = Watch.__new__(Watch)
    watch._processes = {}
    forked, begun, titled = (
        Image(7, "1", "/usr/bin/python3.11", words)
        for words in (("python", "a.py"), ("python3", "b.py"), ("trainer: epoch 3",))
    )

    assert [watch._image(one) for one in (forked, begun, titled)] == [forked, begun, begun]


def test_the_watched_process_is_one_of_its_own_pythons() -> None:
    [first, *_] = [one for one in tree.pythons_below(os.getpid()) if one.image.pid == os.getpid()]

    assert first.image.words[0]
    assert Path(first.image.program).samefile(sys.executable)
    assert tree.environment_of(os.getpid())["PATH"]


@pytest.mark.parametrize("before", [("/bin/sh", "-c", "exec python train.py"), ()])
def test_a_process_that_becomes_another_program_is_left_to_the_next_look(
    monkeypatch: pytest.MonkeyPatch, before: tuple[str, ...]
) -> None:
    """Its words were those of the shell, and its program the Python: no such process was there."""
    read, seen = tree._words, [before]
    monkeypatch.setattr(tree, "_words", lambda pid: seen.pop() if seen else read(pid))
    pid = os.getpid()

    looks = [[one.image.pid for one in tree.pythons_below(pid)] for _ in range(2)]

    assert [pid in found for found in looks] == [False, True]
