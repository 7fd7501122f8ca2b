"""One run of gitexp that is watched, or let fail in one place, once its command has ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.torture.places import WATCHED, Place, Way, has_failed, is_python, places_in, told_apart
from tests.torture.scenarios import Ground
from tests.torture.stacks import MARK, stacks_in
from tests.torture.warm import Running, Warm

STRACE = shutil.which("strace")
NAME = "victim"

_GIT = """\
#!/bin/sh
# Git, which is watched or let fail once the command of the run has ended.
if [ -e "$FAULTS/go" ]; then
  n=1; set -C
  until true > "$FAULTS/started-$n"; do n=$((n+1)); done 2> /dev/null
  set +C
  if [ "$FAULTS_WHO" = all ] || [ "$FAULTS_WHO" = "git-$n" ]; then
    exec "$FAULTS_STRACE" -qq -o "$FAULTS/git-$n.trace" $FAULTS_OPTIONS "$FAULTS_GIT" "$@"
  fi
fi
exec "$FAULTS_GIT" "$@"
"""
"""The redirection that must make its file is how two of them at once get two numbers."""

_PATIENCE = 120.0
_WITH_WAYS = 1200.0
"""Seconds that a run may take of which each call is told with its way, on a busy machine."""
_QUIET = 0.12
"""Seconds without a tick of processor time, after which gitexp only waits for its command."""


class Ended:
    """What became of a run."""

    def __init__(self, project: Path, status: int, said: str, *, failed: bool) -> None:
        self.project = project
        self.status = status
        self.said = said
        self.failed = failed
        """Whether the call came, and was let fail."""


class Faulty:
    """Runs of one scenario, in which calls fail."""

    def __init__(self, ground: Ground, warm: Warm) -> None:
        self.ground = ground
        self._warm = warm
        self._number = 0

    def calls(self, *, with_ways: bool) -> tuple[Ended, dict[Place, Way]]:
        """Make a run without a fault; return all calls that it made, with the way to each if asked.

        Ways take 20 s.
        """
        options = f"-s 300 -e trace={WATCHED},{MARK},execve"
        ended, faults = self._run("all", options, with_ways=with_ways)
        stacks = stacks_in(faults / "stacks") if with_ways else {}
        traces = sorted(faults.glob("*.trace"), key=lambda trace: (len(trace.stem), trace.stem))
        found = (one for trace in traces for one in places_in(trace, trace.stem, stacks))
        return ended, told_apart(found)

    def run(self, place: Place, error: str) -> Ended:
        """Make a run in which a call fails."""
        options = f"-e trace={place.call} -e inject={place.call}:error={error}:when={place.nth}"
        ended, faults = self._run(place.who, options)
        ended.failed = has_failed(faults / f"{place.who}.trace")
        return ended

    def _run(self, who: str, options: str, *, with_ways: bool = False) -> tuple[Ended, Path]:
        self._number += 1
        project = self.ground.new()
        faults = project.with_name(f"{project.name}.faults")
        faults.mkdir()
        os.mkfifo(faults / "hold")
        env = {**self.ground.env, "FAULTS": str(faults)}
        native = f"-k {options}" if with_ways else options
        if who == "all" or not is_python(who):
            env |= with_another_git(faults, self.ground.env["PATH"], who, native)
        scenario = self.ground.scenario
        args = ["run", *scenario.options, "-n", NAME, "--", "sh", scenario.script]
        stacks = faults / "stacks" if with_ways else None
        victim = self._warm.start(args, project, env, faults / "out", faults / "err", stacks)
        try:
            _wait_for(faults / "ready", victim)
            _wait_until_quiet(victim.pid)
            with contextlib.ExitStack() as stack:
                for name, tid in _tracees(victim.pid):
                    if who in ("all", name):
                        asked = options if is_python(name) else native
                        stack.enter_context(_attached(tid, faults / f"{name}.trace", asked))
                (faults / "go").touch()
                _let_go(faults / "hold")
                status = _status(victim, _WITH_WAYS if with_ways else _PATIENCE)
        finally:
            _end(victim)
        return Ended(project, status, (faults / "err").read_text(), failed=False), faults


def with_another_git(faults: Path, path: str, who: str, options: str) -> dict[str, str]:
    """Put a program of ours in front of git; return the variables that it and gitexp need."""
    (faults / "bin").mkdir()
    (faults / "bin" / "git").write_text(_GIT)
    (faults / "bin" / "git").chmod(0o755)
    return {
        "PATH": f"{faults / 'bin'}:{path}",
        "FAULTS_GIT": shutil.which("git") or "git",
        "FAULTS_STRACE": STRACE or "strace",
        "FAULTS_WHO": who,
        "FAULTS_OPTIONS": options,
    }


class Hangs(Exception):
    """Gitexp did not end."""


def _status(victim: Running, patience: float) -> int:
    try:
        return victim.wait(patience)
    except subprocess.TimeoutExpired as error:
        raise Hangs from error


def _wait_for(path: Path, victim: Running) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not path.exists():
        assert not victim.has_ended(), "gitexp ended before its command was there"
        assert time.monotonic() < deadline, f"no '{path.name}'"
        time.sleep(0.01)


def _let_go(hold: Path) -> None:
    """Let the command end, once it waits for that."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):  # nobody waits yet
            os.close(os.open(hold, os.O_WRONLY | os.O_NONBLOCK))
            return
        time.sleep(0.005)
    raise AssertionError("the command does not wait")


def _wait_until_quiet(pid: int) -> None:
    """Wait until gitexp has learned what it can learn while the command runs."""
    before, since = "", time.monotonic()
    deadline = since + _PATIENCE
    while time.monotonic() - since < _QUIET and time.monotonic() < deadline:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = " ".join(fields[11:13])
        if before != (before := ticks) or _is_busy(pid):
            since = time.monotonic()
        time.sleep(0.02)


def _is_busy(pid: int) -> bool:
    """Return whether a thread would run if it could, or a git is at work."""
    tasks = Path(f"/proc/{pid}/task").glob("*/stat")
    states = [_text(task).rpartition(")")[2][1:2] for task in tasks]
    return not {"R", "D"}.isdisjoint(states) or any(
        b"git" in line.partition(b"\0")[0] and b"cat-file" not in line
        for line in (_command_line(child) for child in _children(pid))
    )


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in _text(task).split()]


def _text(place: Path) -> str:
    """Return what is said of a thread; nothing if it has ended meanwhile."""
    with contextlib.suppress(OSError):
        return place.read_text()
    return ""


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _tracees(pid: int) -> Iterator[tuple[str, int]]:
    """Yield what there is to attach to: threads of gitexp, and the git that reads for it."""
    tids = sorted(int(place.name) for place in Path(f"/proc/{pid}/task").iterdir())
    yield "main", pid
    for number, tid in enumerate((tid for tid in tids if tid != pid), start=1):
        yield f"thread-{number}", tid
    for child in _children(pid):
        if b"cat-file" in _command_line(child):
            yield "reader", child


@contextlib.contextmanager
def _attached(tid: int, trace: Path, options: str) -> Iterator[None]:
    assert STRACE is not None
    command = [STRACE, "-qq", "-o", str(trace), *options.split(), "-p", str(tid)]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _PATIENCE
    while Path(f"/proc/{tid}").exists() and not is_traced(tid):  # a thread may end meanwhile
        assert tracer.poll() is None or not Path(f"/proc/{tid}").exists(), f"no {trace.stem}"
        assert time.monotonic() < deadline, "strace does not attach"
        time.sleep(0.005)
    try:
        yield
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            tracer.wait(1.0)
        if tracer.poll() is None:
            tracer.terminate()
            tracer.wait()


def is_traced(tid: int) -> bool:
    with contextlib.suppress(OSError):
        return "TracerPid:\t0\n" not in Path(f"/proc/{tid}/status").read_text()
    return False


def _end(victim: Running) -> None:
    if not victim.has_ended():
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
