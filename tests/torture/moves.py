"""A sweep is killed once at each change of a name, and at each git; every point is settled once.

    python -m tests.torture.moves                   every place
    python -m tests.torture.moves --every 10        each tenth
    python -m tests.torture.moves --place agent:rename:7

A name changes where a file is put into its place, linked, made or removed, and where a ref moves:
what was there before a kill and what comes after it are two different states of a sweep. An agent
or a parent dies on its way into such a call; with git it dies before it has started one, after that
one has ended, or with it at its own calls. Then the command is given again until it comes to its
end. Of a git that dies itself locks may stay, as git has no way to tell that they are nobody's:
there, what doctor says is done before that. Needs strace. Prints what is wrong, and exits with 1 if
anything is.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture.sweeps import Outcome, Sweep, finish

STRACE = shutil.which("strace")
CALLS = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir")
"""Those by which names change; each machine has some of them."""
_CALL = re.compile(r"^(\w+)\(.*\) = 0")

_GIT = """\
#!/bin/sh
# Git, with which the process that has started it dies in one of its calls, before or after it.
n=1; set -C
until true > "$MOVES/started-$n"; do n=$((n+1)); done 2> /dev/null
set +C
echo "$*" >> "$MOVES/started-$n"
[ "git-$n" = "$MOVES_WHO" ] || exec "$MOVES_GIT" "$@"
case $MOVES_WHEN in
  count) exec "$MOVES_STRACE" -qq -o "$MOVES/trace" -e "trace=$MOVES_CALLS" "$MOVES_GIT" "$@" ;;
  before) ;;
  after) "$MOVES_GIT" "$@" ;;
  *) "$MOVES_STRACE" -qq -o "$MOVES/trace" -e "inject=$MOVES_WHEN" "$MOVES_GIT" "$@" ;;
esac
kill -9 "$PPID"
"""

_READING = frozenset(
    "ls-files cat-file rev-parse config for-each-ref diff-index check-attr var log".split()
)
"""Commands of git that change no name."""
_ADVISED = re.compile(r"`(rm '[^'`]*'|git update-ref -d [\w/]*)`")
_AGENT = ("--agent", "--resume", "scan", "--count", "1")
_POINTS = 4
_PATIENCE = 120.0


@dataclass(frozen=True)
class Place:
    """Where a process dies."""

    who: str
    """`parent` or `agent`."""
    what: str
    """A call of its own, or `git-N`, by order of start."""
    when: str
    """Which of these calls; of a git, `before`, `after`, or CALL-N."""

    def __str__(self) -> str:
        return f"{self.who}:{self.what}:{self.when}"


class Killed:
    """Copies of one sweep, in each of which a process dies once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._model = Sweep(folder / "model", 0, _POINTS)
        assert self._model.start(more=("--max-time", "0.001")).wait(_PATIENCE) in (0, 1)
        assert self._model.runs() == 0

    def places(self, who: str) -> list[Place]:
        """Return where a process can die, as a run without a kill has shown."""
        sweep = self._new()
        options = ("-e", f"trace={_known(CALLS)}")
        assert self._run(sweep, who, options, {}) == 0
        found = [Place(who, call, str(nth)) for call, nth in _counted(sweep.folder / "trace")]
        started = list((sweep.folder / "moves").glob("started-*"))
        shutil.rmtree(sweep.folder / "project")
        for number in range(1, len(started) + 1):
            git = f"git-{number}"
            found += [Place(who, git, when) for when in ("before", "after")]
            words = (sweep.folder / "moves" / f"started-{number}").read_text().split()
            if not _READING.isdisjoint(words):
                continue
            counted = self._new()
            self._run(counted, who, (), {"MOVES_WHO": git, "MOVES_WHEN": "count"})
            calls = _counted(counted.folder / "moves" / "trace")
            found += [Place(who, git, f"{call}-{nth}") for call, nth in calls]
            shutil.rmtree(counted.folder)
        return found

    def kill(self, place: Place) -> tuple[bool, Outcome]:
        """Let a process die; return whether it did, and what became of the sweep."""
        sweep, outcome = self._new(), Outcome()
        options: tuple[str, ...] = ()
        env: dict[str, str] = {}
        if not place.what.startswith("git-"):
            options = ("-e", f"inject={place.what}:signal=SIGKILL:when={place.when}")
        else:
            call, _, nth = place.when.partition("-")
            when = f"{call}:signal=SIGKILL:when={nth}" if nth else call
            env = {"MOVES_WHO": place.what, "MOVES_WHEN": when}
        died = self._run(sweep, place.who, options, env) != 0
        unnamed = list(_mended(sweep)) if "-" in place.when else []
        finish(sweep, [], outcome)
        outcome.wrong += unnamed
        if not outcome.wrong:
            shutil.rmtree(sweep.folder)
        return died, outcome

    def _new(self) -> Sweep:
        self._made += 1
        return self._model.copied(self._folder / f"sweep-{self._made}")

    def _run(self, sweep: Sweep, who: str, options: Sequence[str], env: Mapping[str, str]) -> int:
        """Have a process work, under strace if there are options; return its exit status."""
        moves = sweep.folder / "moves"
        moves.mkdir()
        (moves / "git").write_text(_GIT)
        (moves / "git").chmod(0o755)
        env = {
            "PATH": f"{moves}:{sweep.env['PATH']}",
            "MOVES": str(moves),
            "MOVES_WHO": "none",
            "MOVES_GIT": shutil.which("git") or "git",
            "MOVES_STRACE": STRACE or "strace",
            "MOVES_CALLS": _known(CALLS),
            **env,
        }
        traced = (STRACE or "strace", "-qq", "-o", str(sweep.folder / "trace"), *options)
        before = traced if options else ()
        if who == "agent":
            started = sweep.gitexp(*before, words=_AGENT, env=env)
        else:
            started = sweep.start(*before, env=env)
        try:
            return started.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            started.kill()
            return started.wait()


def _mended(sweep: Sweep) -> Iterator[str]:
    """Do what doctor says of a git that was killed; yield the locks that it does not name."""
    _wait_for_calm(sweep)
    git = sweep.project / ".git"
    named = [git / name for name in ("packed-refs.lock", "HEAD.lock")]
    locks = [lock for lock in (*named, *(git / "refs").rglob("*.lock")) if lock.exists()]
    for lock in locks:
        os.utime(lock, (0, 0))  # it is some time later
    said = sweep.doctor()
    for lock in locks:
        if f"`rm '{lock}'`" not in said:
            yield f"doctor does not name the lock '{lock}': {said}"
    for line in dict.fromkeys(_ADVISED.findall(said)):
        subprocess.run(["sh", "-c", line], cwd=sweep.project, env=sweep.env, check=False)


def _wait_for_calm(sweep: Sweep) -> None:
    """Wait for those that go on without the one that died: a living git may have its lock."""
    deadline = time.monotonic() + _PATIENCE
    while sweep.living() and time.monotonic() < deadline:
        time.sleep(0.05)


def _known(calls: Sequence[str]) -> str:
    return ",".join(f"?{call}" for call in calls)


def _counted(trace: Path) -> Iterator[tuple[str, int]]:
    """Yield the calls that changed a name, each with its number among those of its kind."""
    counted: Counter[str] = Counter()
    if not trace.exists():
        return
    for line in trace.read_text(errors="replace").splitlines():
        call = line.partition("(")[0]
        counted[call] += call in CALLS
        if call in CALLS and _CALL.match(line):
            yield call, counted[call]


def main(argv: Sequence[str] | None = None) -> int:
    """Kill processes, and say what became of their sweeps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th place")
    parser.add_argument("--start", type=int, default=0, metavar="K", help="from the K-th place on")
    parser.add_argument("--place", action="append", help="this place alone, as it was printed")
    parser.add_argument("--who", choices=("agent", "parent"), action="append")
    parser.add_argument("--seconds", type=float, help="end after so long")
    parser.add_argument("--keep", action="store_true", help="keep the projects of wrong sweeps")
    options = parser.parse_args(argv)
    if STRACE is None:
        parser.error("there is no strace here")
    folder = Path(tempfile.mkdtemp(prefix="gitexp-moves-"))
    try:
        return 1 if _tortured(Killed(folder), options) else 0
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _tortured(killed: Killed, options: argparse.Namespace) -> int:
    """Let processes die in their places; return how many sweeps went wrong."""
    began, counted = time.monotonic(), Counter[str]()
    for who in options.who or ("agent", "parent"):
        if options.place:
            places = [Place(*one.split(":")) for one in options.place if one.startswith(who)]
        else:
            places = killed.places(who)[options.start :: options.every]
            _say(f"{who}: {len(places)} places")
        for place in places:
            if options.seconds and time.monotonic() - began > options.seconds:
                _say(f"{who}: the time is over at {place}")
                break
            died, outcome = killed.kill(place)
            counted["died" if died else "went on"] += 1
            counted["runs"] += outcome.runs
            counted["wrong"] += bool(outcome.wrong)
            for text in outcome.wrong:
                _say(f"WRONG {place}: {text}")
    took = time.monotonic() - began
    sweeps = counted["died"] + counted["went on"]
    _say(
        f"{sweeps} sweeps of {_POINTS} points in {took:.0f} s: {counted['died']} processes died, "
        f"{counted['went on']} went on; {counted['runs'] - sweeps * _POINTS} runs repeated; "
        f"{counted['wrong']} wrong"
    )
    return counted["wrong"]


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    sys.exit(main())
