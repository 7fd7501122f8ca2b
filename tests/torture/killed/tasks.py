"""The commands that are killed, each with what must hold once it was given again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.workshop import git

_MARKED = "touch begun; sh fit.sh"
RUNS = ("run-0", "run-1", "run-2", "run-3")
Runs: TypeAlias = "list[dict[str, Any]]"
"""What `gitexp ls --json` says, removed ones left out."""
Look: TypeAlias = "Callable[[Path, Runs], Iterator[str]]"


@dataclass(frozen=True)
class Task:
    """A command, where it is given, and how to see that it is done."""

    name: str
    args: tuple[str, ...]
    again: tuple[str, ...]
    """What is given once it was killed."""
    look: Look
    folder: str = "work"
    before: tuple[str, ...] = ()
    """What is given before, and not killed."""
    codes: tuple[int, ...] = (0,)
    """With what it may end the second time."""


def named(runs: Runs) -> list[str]:
    """Return the names of runs."""
    return sorted(one["name"] for one in runs)


def _ran(place: Path, runs: Runs) -> Iterator[str]:
    victims = [one for one in runs if one["name"] == "victim"]
    if len(victims) > 1:
        yield f"the run is there {len(victims)} times"
    if (place / "work" / "begun").exists() and not victims:
        yield "the run that was begun is lost"
    if named(runs).count("after") != 1:
        yield "the next run is not there once"
    for one in victims:
        if one["status"] == "done" and one["metrics"] != {"metrics.json": {"loss": 0.0625}}:
            yield f"other metrics: {one['metrics']}"


def _pushed(place: Path, _runs: Runs) -> Iterator[str]:
    theirs = _names_in(place / "hub.git", "experiments")
    if theirs != sorted(RUNS):
        yield f"the hub has {theirs}"
    for run in (2, 0):
        md5 = _data_of(place / "work", f"run-{run}")
        if not (place / "store" / "files" / "md5" / md5[:2] / md5[2:]).is_file():
            yield f"the store has no data of run-{run}"


def _pulled(_place: Path, runs: Runs) -> Iterator[str]:
    if named(runs) != ["run-0", "run-1"]:
        yield f"there are {named(runs)}"


def _freed(place: Path, runs: Runs) -> Iterator[str]:
    if named(runs) != ["run-1", "run-2"]:
        yield f"there are {named(runs)}"
    cache = place / "work" / ".dvc" / "cache" / "files" / "md5"
    for name in RUNS:
        md5 = _data_of(place / "work", name)
        is_needed = name != "run-0"  # that of run-3 is the work tree's as well
        if (cache / md5[:2] / md5[2:]).is_file() != is_needed:
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
    found = []
    for oid in git("rev-list", "--no-merges", ref, "--", cwd=repository).split():
        listed = git("ls-tree", oid, "--", ".gitexp/run.json", cwd=repository)
        if listed:
            found.append(json.loads(git("show", f"{oid}:.gitexp/run.json", cwd=repository))["name"])
    return sorted(found)


def _data_of(repository: Path, name: str) -> str:
    """Return the hash of a run's model."""
    for oid in git("rev-list", "experiments", "--", cwd=repository).split():
        if git("ls-tree", oid, "--", ".gitexp/run.json", cwd=repository):
            record = json.loads(git("show", f"{oid}:.gitexp/run.json", cwd=repository))
            if record["name"] == name:
                return str(next(one["md5"] for one in record["pointers"]))
    raise AssertionError(f"no run '{name}'")


NOTE = Task("note", ("note", "run-0", "-m", "said"), ("note", "run-1", "-m", "after"), _noted)
TASKS = {
    one.name: one
    for one in (
        Task(
            "run",
            (
                "run",
                "-S",
                "rate=0.0625",
                "-n",
                "victim",
                "--",
                "sh",
                "-c",
                "touch begun; sh fit.sh",
            ),
            ("run", "-n", "after", "--", "sh", "fit.sh"),
            _ran,
        ),
        Task("push", ("push",), ("push",), _pushed),
        Task("pull", ("pull", "--data", "run-0"), ("pull", "--data", "run-0"), _pulled, "other"),
        Task("gc", ("gc", "--force"), ("gc", "--force"), _freed, before=("rm", "run-0")),
        Task(
            "purge",
            ("purge", "--force", "run-1"),
            ("purge", "--force", "run-1"),
            _purged,
            codes=(0, 2),
        ),
        Task("apply", ("apply", "--force", "run-1"), ("apply", "--force", "run-1"), _applied),
        Task(
            "sweep",
            ("sweep", "seed=7,8,9", "-n", "scan", "--", "sh", "fit.sh"),
            ("sweep", "seed=7,8,9", "-n", "scan", "--", "sh", "fit.sh"),
            _swept,
        ),
        Task(
            "promote",
            ("promote", "run-1", "net", "--stage", "prod"),
            ("promote", "run-1", "net", "--stage", "prod"),
            _promoted,
            codes=(0, 2),
        ),
    )
}
