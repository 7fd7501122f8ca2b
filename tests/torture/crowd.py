"""Many at the same time: 64 writers in one clone, and 16 clones that push to one remote.

    python -m tests.torture.crowd                                  10 rounds of both
    python -m tests.torture.crowd --rounds 1 --writers 8 --clones 4

Writers record runs in the work tree and in copies of it, and say things of a run that is there;
all begin at one moment. Afterwards every run is there once, with its own numbers, and whatever was
said; of clones, every run is on the remote once. `git fsck` has nothing to say, and nothing is left
under way. Prints what is wrong, and exits with 1 if anything is.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gitexp.cli.main import main as gitexp
from gitexp.execution.record.preloading import LATE

from tests.torture.environment import environment
from tests.torture.program import folder_for, in_time, options_of, say
from tests.torture.warm import _IMPORTED, _become
from tests.workshop import git, git_ended, make_repository, sealed

FILES = {
    "fit.sh": 'read name rate < params.yaml\necho "{\\"loss\\": $rate}" > metrics.json\n',
    "params.yaml": "rate: 0\n",
    "gitexp.yaml": "policy:\n  loss: {goal: min}\n",
}
_COMMANDS = ("run", "tag", "note", "push", "ls")


class Call(NamedTuple):
    """A call of gitexp, and where it is made."""

    args: tuple[str, ...]
    cwd: Path


class Ended(NamedTuple):
    """How it ended."""

    call: Call
    status: int
    said: str


class Crowd:
    """Processes that begin at one moment; each is a fork that has imported everything."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.env = sealed(folder / "home")
        for role in ("AUTHOR", "COMMITTER"):  # as users have it: gitexp writes its commits itself
            self.env.pop(f"GIT_{role}_DATE", None)
        for name in (*_IMPORTED, *LATE, *(f"gitexp.cli.commands.{one}" for one in _COMMANDS)):
            importlib.import_module(name)

    def at_once(self, calls: Iterable[Call]) -> list[Ended]:
        """Make the calls, all of them at the same time."""
        begin, end = os.pipe()
        children = []
        for number, call in enumerate(calls):
            said = self._folder / f"said-{number}"
            pid = os.fork()
            if pid == 0:
                os.close(end)
                os.read(begin, 1)  # returns once nobody can write any more
                self._run(call, said)
            children.append((pid, call, said))
        os.close(begin)
        os.close(end)
        statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, _, _ in children]
        return [
            Ended(call, status, said.read_text(errors="replace"))
            for (_, call, said), status in zip(children, statuses, strict=True)
        ]

    def _run(self, call: Call, said: Path) -> None:
        _become(
            {
                "args": ["gitexp", *call.args],
                "cwd": str(call.cwd),
                "env": self.env,
                "out": str(said.with_suffix(".out")),
                "err": str(said),
                "own_session": True,
            }
        )
        code = 70
        try:
            code = gitexp(call.args, is_program=True)
            sys.stdout.flush()
        finally:
            os._exit(code)

    def listed(self, work: Path) -> list[dict[str, Any]]:
        """Return the runs as `gitexp ls` has them."""
        (ended,) = self.at_once([Call(("ls", "-N", "0", "--json"), work)])
        assert ended.status == 0, ended.said
        return list(json.loads((self._folder / "said-0.out").read_text()))


def writers(crowd: Crowd, folder: Path, number: int) -> Iterator[str]:
    """Have so many write in one clone; yield what is wrong."""
    with environment(crowd.env):
        work = make_repository(folder / "work", FILES)
    assert crowd.at_once([Call(("run", "-n", "base", "--", "sh", "fit.sh"), work)])[0].status == 0
    with environment(crowd.env):
        git("commit", "--quiet", "--all", "--allow-empty", "-m", "numbers", cwd=work)
    calls = [Call(_written(one), work) for one in range(number)]
    for ended in crowd.at_once(calls):
        if ended.status != 0 or "Traceback" in ended.said:
            yield f"`{' '.join(ended.call.args)}` ends with {ended.status}: {ended.said}"
    runs = crowd.listed(work)
    yield from _twice_or_missing(
        [one["name"] for one in runs],
        ["base", *(f"run-{one}" for one in range(number) if one % 4 in (0, 1))],
    )
    for one in runs:
        rate = int(one["name"].partition("-")[2] or 0)
        if rate % 4 == 1 and one["metrics"].get("metrics.json") != {"loss": rate}:
            yield f"'{one['name']}' has {one['metrics']}"
    base = next(one for one in runs if one["name"] == "base")
    yield from _twice_or_missing(base["tags"], [f"t{one}" for one in range(2, number, 4)])
    texts = [one["text"] for one in base["comments"]]
    yield from _twice_or_missing(texts, [f"note {one}" for one in range(3, number, 4)])
    yield from _sound(crowd, work)
    own = work / ".git" / "gitexp"
    yield from (f"left: {one}" for name in ("journal", "runs") for one in (own / name).glob("*"))


def _written(number: int) -> tuple[str, ...]:
    """Return what a writer is to do."""
    return (
        ("run", "--wait", "-n", f"run-{number}", "--", "sh", "-c", "true"),
        ("run", "--temp", "-S", f"rate={number}", "-n", f"run-{number}", "--", "sh", "fit.sh"),
        ("tag", "base", f"t{number}"),
        ("note", "base", "-m", f"note {number}"),
    )[number % 4]


def clones(crowd: Crowd, folder: Path, number: int) -> Iterator[str]:
    """Have so many clones push at once; yield what is wrong."""
    hub = folder / "hub.git"
    with environment(crowd.env):
        first = make_repository(folder / "first", FILES)
        git("clone", "--quiet", "--bare", first, hub)
        for one in range(number):
            git("clone", "--quiet", hub, folder / f"clone-{one}")
    places = [folder / f"clone-{one}" for one in range(number)]
    for at, place in enumerate(places):
        args = ("run", "-S", f"rate={at}", "-n", f"run-{at}", "--", "sh", "fit.sh")
        (ended,) = crowd.at_once([Call(args, place)])
        assert ended.status == 0, ended.said
    yield from _pushed(crowd, [Call(("push",), place) for place in places])
    with environment(crowd.env):
        names = _names(hub)
    yield from _twice_or_missing(names, [f"run-{one}" for one in range(number)])
    yield from _sound(crowd, hub)


def _pushed(crowd: Crowd, calls: Sequence[Call]) -> Iterator[str]:
    """Push from all clones at once, and once more where that was refused with a hint."""
    refused = [one for one in crowd.at_once(calls) if one.status]
    for one in refused:
        if "hint:" not in one.said or "Traceback" in one.said:
            yield f"a push ends with {one.status}: {one.said}"
        (ended,) = crowd.at_once([one.call])
        if ended.status:
            yield f"the next push ends with {ended.status}: {ended.said}"
    if refused:
        say(f"  {len(refused)} of {len(calls)} pushes had to be given again")


def _names(repository: Path) -> list[str]:
    oids = git("rev-list", "--no-merges", "experiments", "--", cwd=repository).split()
    contents = (
        git("show", f"{oid}:.gitexp/run.json", cwd=repository)
        for oid in oids
        if git("ls-tree", oid, "--", ".gitexp/run.json", cwd=repository)
    )
    return [json.loads(one)["name"] for one in contents]


def _twice_or_missing(found: Sequence[str], wanted: Sequence[str]) -> Iterator[str]:
    counted = Counter(found)
    for name in sorted({*counted, *wanted}):
        expected = int(name in wanted)
        if counted[name] != expected:
            yield f"'{name}' is there {counted[name]} times, not {expected}"


def _sound(crowd: Crowd, repository: Path) -> Iterator[str]:
    with environment(crowd.env):
        ended = git_ended("fsck", "--strict", "--no-dangling", "--no-progress", cwd=repository)
    yield from (f"fsck: {line}" for line in (ended.stdout + ended.stderr).splitlines())


def main(argv: Sequence[str] | None = None) -> int:
    """Have many write and push at once, and say what came of it."""
    parser = options_of(__doc__, rounds=10, seeded=False)
    parser.add_argument("--writers", type=int, default=64, help="in one clone")
    parser.add_argument("--clones", type=int, default=16, help="that push at once")
    options = parser.parse_args(argv)
    faults = 0
    with folder_for("crowd") as folder:
        crowd = Crowd(folder / "shared")
        for number in in_time(range(options.rounds), options.minutes):
            faults += _crowded(crowd, folder, number, "writers", options.writers)
            faults += _crowded(crowd, folder, number, "clones", options.clones)
    return int(bool(faults))


def _crowded(crowd: Crowd, folder: Path, number: int, what: str, size: int) -> bool:
    """Have so many at once; return whether anything is wrong, and say so."""
    start, place = time.monotonic(), folder / f"{what}-{number}"
    wrong = list({"writers": writers, "clones": clones}[what](crowd, place, size))
    say(f"{what} {number}: {size} in {time.monotonic() - start:.0f} s, {len(wrong)} wrong")
    for one in wrong:
        say(f"  WRONG {one}")
    shutil.rmtree(place, ignore_errors=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
