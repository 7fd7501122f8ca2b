"""The commands that are killed, each with what must hold once it was given again."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tests.torture.damaged.ground import RATES
from tests.workshop import git, git_ended

RUNS = ("run-0", "run-1", "run-2", "run-3")
Runs: TypeAlias = "list[dict[str, Any]]"
"""What `gitexp ls --json` says, removed ones left out."""
Look: TypeAlias = "Callable[[Path, Runs], Iterator[str]]"


@dataclass(frozen=True)
class Task:
    """A command, where it is given, and how to see that it is done."""

    name: str
    args: tuple[str, ...]
    """What is given and killed; `{n}` is how often it was killed before."""
    look: Look
    last: tuple[str, ...] = ()
    """What is given at last, and not killed, if that is something else."""
    folder: str = "work"
    before: tuple[str, ...] = ()
    """What is given before, and not killed."""
    codes: tuple[int, ...] = (0,)
    """With what it may end once it was killed."""
    kept: frozenset[str] = field(default=frozenset(RUNS[:3]))
    """The runs that are there at any time."""

    def given(self, number: int) -> tuple[str, ...]:
        """Return what is given after so many kills."""
        return tuple(arg.replace("{n}", str(number)) for arg in self.args)


def named(runs: Runs) -> list[str]:
    """Return the names of runs."""
    return sorted(one["name"] for one in runs)


def meanwhile(task: Task, place: Path, runs: Runs) -> Iterator[str]:
    """Yield what is wrong after a kill, before the command is given again."""
    found = Counter(named(runs))
    if lost := task.kept - found.keys():
        yield f"{sorted(lost)} are lost"
    if task.name != "sweep" and (twice := [name for name in found if found[name] > 1]):
        yield f"{twice} are there twice"
    for begun in (place / "work").glob("begun-*"):
        if f"victim-{begun.name.partition('-')[2]}" not in found:
            yield f"the run that made '{begun.name}' is lost"


def _ran(_place: Path, runs: Runs) -> Iterator[str]:
    losses = {"after": {"metrics.json": {"loss": 0.5}}}
    if "after" not in named(runs):
        yield "the next run is not there"
    for one in runs:
        is_ours = one["name"] == "after" or one["name"].startswith("victim-")
        wanted = losses.get(one["name"], {"metrics.json": {"loss": 0.0625}})
        if is_ours and one["status"] == "done" and one["metrics"] != wanted:
            yield f"'{one['name']}' has the metrics {one['metrics']}"


def _pushed(place: Path, _runs: Runs) -> Iterator[str]:
    theirs = _names_in(place / "hub.git", "experiments")
    if theirs != sorted(RUNS):
        yield f"the hub has {theirs}"
    for name in ("run-2", "run-0"):
        if not (place / "store" / "files" / "md5" / _data_of(name)).is_file():
            yield f"the store has no data of {name}"


def _pulled(_place: Path, runs: Runs) -> Iterator[str]:
    if named(runs) != ["run-0", "run-1"]:
        yield f"there are {named(runs)}"


def _freed(place: Path, runs: Runs) -> Iterator[str]:
    if named(runs) != ["run-1", "run-2"]:
        yield f"there are {named(runs)}"
    cache = place / "work" / ".dvc" / "cache" / "files" / "md5"
    for name in RUNS:
        is_needed = name != "run-0"  # that of run-3 is the work tree's as well
        if (cache / _data_of(name)).is_file() != is_needed:
            yield f"data of '{name}' is {'gone' if is_needed else 'still there'}"


def _purged(place: Path, runs: Runs) -> Iterator[str]:
    theirs = _names_in(place / "work", "experiments")
    if theirs != ["run-0", "run-2", "run-3"] or named(runs) != ["run-0", "run-2"]:
        yield f"the branch has {theirs}, and `ls` {named(runs)}"


def _applied(place: Path, runs: Runs) -> Iterator[str]:
    work = place / "work"
    metrics = json.loads((work / "metrics.json").read_text())
    texts = [(work / name).read_text() for name in ("report.txt", "model.pt")]
    if (metrics, texts) != ({"loss": 0.25}, ["report of 0.25\n", "weights of 0.25\n"]):
        yield f"the work tree has {metrics}, {texts}"
    if named(runs) != list(RUNS[:3]):
        yield f"there are {named(runs)}"
    kept = git("for-each-ref", "--format=%(objectname)", "refs/gitexp/recovery", cwd=work).split()
    reports = {git_ended("show", f"{oid}:report.txt", cwd=work).stdout for oid in kept}
    if f"report of {RATES[-1]}\n" not in reports:
        yield f"what was in the work tree is lost: {reports} are kept"


def _swept(_place: Path, runs: Runs) -> Iterator[str]:
    done = sorted(
        one["params"]["params.yaml"]["seed"]
        for one in runs
        if one.get("sweep") and one["status"] == "done"
    )
    if done != [7, 8, 9]:
        yield f"the points {done} are done"


def _promoted(place: Path, _runs: Runs) -> Iterator[str]:
    tags = git("tag", "--list", cwd=place / "work").split()
    if sorted(tags) != ["net#prod#1", "net@v0.0.1"]:
        yield f"the tags are {tags}"


def _noted(_place: Path, runs: Runs) -> Iterator[str]:
    said = {one["name"]: [text["text"] for text in one["comments"]] for one in runs}
    if said["run-0"] not in ([], ["said"]):
        yield f"run-0 has the comments {said['run-0']}"
    if said["run-1"] != ["after"] or said["run-2"] != ["it was odd"]:
        yield f"the comments are {said}"


def _names_in(repository: Path, ref: str) -> list[str]:
    oids = git("rev-list", "--no-merges", ref, "--", cwd=repository).split()
    asked = "".join(f"{oid}:.gitexp/run.json\n" for oid in oids)
    said = subprocess.run(
        ["git", "cat-file", "--batch"],
        input=asked.encode(),
        cwd=repository,
        capture_output=True,
        check=True,
    )
    found, rest = [], said.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        if not head.endswith(b" missing"):
            size = int(head.split()[2])
            found.append(json.loads(rest[:size])["name"])
            rest = rest[size + 1 :]
    return sorted(found)


def _data_of(name: str) -> str:
    """Return where the model of a run is kept, in a cache or a remote."""
    md5 = hashlib.md5(f"weights of {RATES[RUNS.index(name)]}\n".encode()).hexdigest()
    return f"{md5[:2]}/{md5[2:]}"


_MARKED = "touch begun-{n}; sh fit.sh"
NOTE = Task("note", ("note", "run-0", "-m", "said"), _noted, last=("note", "run-1", "-m", "after"))
TASKS = {
    one.name: one
    for one in (
        Task(
            "run",
            ("run", "-S", "rate=0.0625", "-n", "victim-{n}", "--", "sh", "-c", _MARKED),
            _ran,
            last=("run", "-S", "rate=0.5", "-n", "after", "--", "sh", "fit.sh"),
        ),
        Task("push", ("push",), _pushed),
        Task("pull", ("pull", "--data", "run-0"), _pulled, folder="other", kept=frozenset()),
        Task(
            "gc",
            ("gc", "--force"),
            _freed,
            before=("rm", "run-0"),
            kept=frozenset({"run-1", "run-2"}),
        ),
        Task(
            "purge",
            ("purge", "--force", "run-1"),
            _purged,
            codes=(0, 2),
            kept=frozenset({"run-0", "run-2"}),
        ),
        Task("apply", ("apply", "--force", "run-1"), _applied),
        Task("sweep", ("sweep", "seed=7,8,9", "-n", "scan", "--", "sh", "fit.sh"), _swept),
        Task(
            "promote",
            ("promote", "run-1", "net", "--stage", "prod"),
            _promoted,
            codes=(0, 2),
        ),
    )
}
