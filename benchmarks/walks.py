"""How commands walk through the code: their calls from file to file, counted while they run."""

from __future__ import annotations

import json
import tempfile
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import walker
from benchmarks.rooms import room
from benchmarks.workshop import commit_all, run, seal

COUNTED = (
    "parse_config",
    "config_of",
    "side_of",
    "pipeline_of",
    "as_of",
    "Declared.__init__",
    "Declared.__call__",
    "diff_sides",
    "from_json",
    "parse_document",
    "OwnFolder.__init__",
)
"""What is watched by name, since it should not be done twice."""

_TRAIN = """\
import json

params = dict(line.split(": ") for line in open("params.yaml"))
lr = float(params["lr"])
with open("metrics.json", "w") as file:
    json.dump({"accuracy": 1 - lr, "loss": lr}, file)
"""
_FILES = {
    "train.py": _TRAIN,
    "params.yaml": "lr: 0.1\nseed: 1\n",
    "metrics.json": '{"accuracy": 0.9, "loss": 0.1}',
    "gitexp.yaml": "policy:\n  accuracy: {goal: max, min: 0.5}\n  loss: {goal: min}\n",
}
_BETTER = {"params.yaml": "lr: 0.05\nseed: 1\n", "metrics.json": '{"accuracy": 0.95, "loss": 0.05}'}
_COMMAND = ("--", "python", "train.py")


@dataclass(frozen=True)
class Walk:
    """What one command called."""

    command: str
    figures: dict[str, str]
    counted: dict[str, int]
    """How often the functions of COUNTED were called."""
    crossings: dict[str, int]
    """How often a file called a function of another one, by both."""


@dataclass(frozen=True)
class _Walker:
    """Runs gitexp as one checkout has it, in one repository."""

    root: Path
    python: str
    place: Path
    bare: Path
    """Where the Python of the command is: one without packages, for each of them is a few calls."""

    def __call__(self, *argv: str) -> Walk:
        answer = self.place.with_name("answer.json")
        line = (self.python, walker.__file__, str(self.root), str(answer), *argv)
        run(*line, cwd=self.place, path=self.bare)
        return _walk(f"gitexp {' '.join(argv)}", json.loads(answer.read_text()))


def walks(root: Path, python: str) -> Iterator[Walk]:
    """Run the three commands, and count; the run has a repository of its own."""
    with tempfile.TemporaryDirectory(prefix="gitexp-walks-") as folder:
        seal(Path(folder) / "home")
        venv.create(Path(folder) / "bare", symlinks=True)
        bare = Path(folder) / "bare" / "bin"
        gitexp = _with_one_run(_Walker(root, python, Path(folder) / "run", bare))
        yield gitexp("run", "-S", "lr=0.02", *_COMMAND)
        gitexp = _with_one_run(_Walker(root, python, Path(folder) / "read", bare))
        run("git", "checkout", "--quiet", "-b", "topic", cwd=gitexp.place)
        _commit(gitexp.place, _BETTER)
        gitexp("run", "-n", "second", *_COMMAND)
        yield gitexp("diff", "first", "second")
        yield gitexp("review", "main")


def _with_one_run(gitexp: _Walker) -> _Walker:
    gitexp.place.mkdir()
    run("git", "init", "--quiet", cwd=gitexp.place)
    _commit(gitexp.place, _FILES)
    gitexp("run", "-n", "first", *_COMMAND)
    return gitexp


def _commit(place: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (place / name).write_text(text)
    commit_all(place)


def _walk(command: str, found: Mapping[str, object]) -> Walk:
    """Turn the walker's answer into figures."""
    crossings, names = found["crossings"], found["names"]
    assert isinstance(crossings, list)  # as the walker writes them
    assert isinstance(names, dict)
    pairs = {(_room(caller), _room(called)) for caller, called, _ in crossings}
    total = sum(count for *_, count in crossings)
    figures = {
        "calls": f"{found['calls']:,}",
        "functions": f"{found['functions']:,}",
        "files": f"{found['files']}",
        "deepest": f"{found['deepest']}",
        "crossings from file to file (distinct pairs)": f"{total:,} ({len(crossings)})",
        "pairs of rooms": str(sum(caller != called for caller, called in pairs)),
    }
    counted = {name: int(names.get(name, 0)) for name in COUNTED}
    by_pair = {f"{caller} -> {called}": count for caller, called, count in crossings}
    return Walk(command, figures, counted, by_pair)


def _room(file: str) -> str:
    dotted = f"gitexp.{file.removesuffix('.py').replace('/', '.')}"
    return room(dotted.removesuffix(".__init__"), "gitexp")
