"""One run of gitexp that is watched, or let fail in one place, once its command has ended."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.torture.places import WATCHED, Place, has_failed, places_in
from tests.torture.scenarios import Ground

STRACE = shutil.which("strace")
NAME = "victim"

_START = """\
import ctypes, sys
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # strace may attach, Yama or not
from gitexp.cli.main import entry
entry()
"""

_GIT = """\
#!/bin/sh
# Git, which is watched or let fail once the command of the run has ended.
if [ -e "$FAULTS/go" ]; then
  echo >> "$FAULTS/gits"
  n=$(wc -l < "$FAULTS/gits"); n=$((n))
  if [ "$FAULTS_WHO" = all ] || [ "$FAULTS_WHO" = "git-$n" ]; then
    exec "$FAULTS_STRACE" -qq -o "$FAULTS/git-$n.trace" $FAULTS_OPTIONS "$FAULTS_GIT" "$@"
  fi
fi
exec "$FAULTS_GIT" "$@"
"""

_PATIENCE = 120.0
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

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._number = 0

    def places(self) -> tuple[Ended, list[Place]]:
        """Make a run without a fault; return all places that it came to."""
        ended, faults = self._run("all", f"-e trace={WATCHED}")
        found: list[Place] = []
        for trace in sorted(faults.glob("*.trace")):
            found += places_in(trace, trace.stem)
        return ended, sorted(found)

    def run(self, place: Place, error: str) -> Ended:
        """Make a run in which a call fails."""
        options = f"-e trace={place.call} -e inject={place.call}:error={error}:when={place.nth}"
        ended, faults = self._run(place.who, options)
        ended.failed = has_failed(faults / f"{place.who}.trace")
        return ended

    def _run(self, who: str, options: str) -> tuple[Ended, Path]:
        self._number += 1
        project = self.ground.new()
        faults = project.with_name(f"{project.name}.faults")
        (faults / "bin").mkdir(parents=True)
        (faults / "bin" / "git").write_text(_GIT)
        (faults / "bin" / "git").chmod(0o755)
        env = {
            **self.ground.env,
            "PATH": f"{faults / 'bin'}:{self.ground.env['PATH']}",
            "FAULTS": str(faults),
            "FAULTS_GIT": shutil.which("git") or "git",
            "FAULTS_STRACE": STRACE or "strace",
            "FAULTS_WHO": who,
            "FAULTS_OPTIONS": options,
        }
        scenario = self.ground.scenario
        command = [sys.executable, "-c", _START, "run", *scenario.options, "-n", NAME, "--"]
        with (faults / "out").open("wb") as out, (faults / "err").open("wb") as err:
            victim = subprocess.Popen(
                [*command, "sh", scenario.script],
                cwd=project,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            try:
                _wait_for(faults / "ready", victim)
                _wait_until_quiet(victim)
                with contextlib.ExitStack() as stack:
                    for name, tid in _tracees(victim):
                        if who in ("all", name):
                            stack.enter_context(_attached(tid, faults / f"{name}.trace", options))
                    (faults / "go").touch()
                    status = _status(victim)
            finally:
                _end(victim)
        return Ended(project, status, (faults / "err").read_text(), failed=False), faults


class Hangs(Exception):
    """Gitexp did not end."""


def _status(victim: subprocess.Popen[bytes]) -> int:
    try:
        return victim.wait(_PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise Hangs from error


def _wait_for(path: Path, victim: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not path.exists():
        assert victim.poll() is None, "gitexp ended before its command was there"
        assert time.monotonic() < deadline, f"no '{path.name}'"
        time.sleep(0.01)


def _wait_until_quiet(victim: subprocess.Popen[bytes]) -> None:
    """Wait until gitexp has learned what it can learn while the command runs."""
    process, before, since = psutil.Process(victim.pid), -1.0, time.monotonic()
    deadline = since + _PATIENCE
    while time.monotonic() - since < _QUIET and time.monotonic() < deadline:
        times = process.cpu_times()
        if before != (before := times.user + times.system) or _is_busy(process):
            since = time.monotonic()
        time.sleep(0.02)


def _is_busy(process: psutil.Process) -> bool:
    """Return whether a thread would run if it could, or a git is at work."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/stat")
    states = [task.read_text().rpartition(")")[2].split()[0] for task in tasks]
    children = [child.cmdline() for child in process.children()]
    return not {"R", "D"}.isdisjoint(states) or any(
        "git" in Path(line[0]).name and "cat-file" not in line for line in children if line
    )


def _tracees(victim: subprocess.Popen[bytes]) -> Iterator[tuple[str, int]]:
    """Yield what there is to attach to: threads of gitexp, and the git that reads for it."""
    tids = sorted(int(place.name) for place in Path(f"/proc/{victim.pid}/task").iterdir())
    yield "main", victim.pid
    for number, tid in enumerate((tid for tid in tids if tid != victim.pid), start=1):
        yield f"thread-{number}", tid
    for child in psutil.Process(victim.pid).children():
        if "cat-file" in child.cmdline():
            yield "reader", child.pid


@contextlib.contextmanager
def _attached(tid: int, trace: Path, options: str) -> Iterator[None]:
    assert STRACE is not None
    command = [STRACE, "-qq", "-o", str(trace), *options.split(), "-p", str(tid)]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _PATIENCE
    while Path(f"/proc/{tid}").exists() and not _is_traced(tid):  # a thread may end meanwhile
        assert tracer.poll() is None or not Path(f"/proc/{tid}").exists(), f"no {trace.stem}"
        assert time.monotonic() < deadline, "strace does not attach"
        time.sleep(0.005)
    try:
        yield
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            tracer.wait(1.0)
        _end(tracer)


def _is_traced(tid: int) -> bool:
    with contextlib.suppress(OSError):
        return "TracerPid:\t0\n" not in Path(f"/proc/{tid}/status").read_text()
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
