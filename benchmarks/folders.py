"""A project in which each run has a folder of its own, as Lightning and Hydra make them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import ProgramFailed, Workshop, run

_RUNS = 300
_BUDGET = 1.1
_OF_LAST = 2
"""Objects of the run that stays: its model and its events."""
_TRAIN = """\
import json, pathlib, sys
number = sys.argv[1]
folder = pathlib.Path("logs", f"version_{number}")
(folder / "checkpoints").mkdir(parents=True)
(folder / "hparams.yaml").write_text(f"number: {number}\\n")
(folder / "metrics.csv").write_text("step,loss\\n0,1.0\\n1,0.5\\n")
(folder / f"events.out.tfevents.{number}").write_bytes(bytes(1000))
(folder / "checkpoints" / "last.ckpt").write_text(f"model {number} " * 1000)
pathlib.Path("metrics.json").write_text(json.dumps({"loss": 1 / (1 + int(number))}))
"""


class _Project:
    """A repository in which run after run is made."""

    def __init__(self, workshop: Workshop, name: str) -> None:
        self._gitexp = workshop.gitexp
        self.place = workshop.repository(name, {"train.py": _TRAIN})
        self.made = 0

    def run(self) -> None:
        self.made += 1
        name = ("-n", f"run-{self.made}")
        run(self._gitexp, "run", *name, "--", "python", "train.py", str(self.made), cwd=self.place)


def growing(workshop: Workshop) -> Iterator[Result]:
    """Time the last of 300 runs beside the first; what they hold and what gc frees is checked."""
    old, new = _Project(workshop, "folders-300"), _Project(workshop, "folders-10")
    while old.made < _RUNS - workshop.rounds.count - 1:
        old.run()
    first, last = alternate(workshop.rounds, Subject(new.run), Subject(old.run))
    _check_tree(old)
    freed = _freed(workshop, old.place)
    yield Result(
        "run-folders",
        f"the last of {_RUNS} runs that have a folder each",
        "the first of such runs",
        last,
        first,
        _BUDGET,
        notes=(
            f"its tree has no folder but its own; `gitexp gc` frees {freed} bytes of the others",
        ),
    )


def _check_tree(project: _Project) -> None:
    tree = run("git", "ls-tree", "-r", "--name-only", "experiments", "logs/", cwd=project.place)
    others = [path for path in tree.decode().split() if f"version_{project.made}/" not in path]
    if others:
        raise ProgramFailed(f"the last run has outputs of others: {others[:3]}")


def _freed(workshop: Workshop, place: Path) -> int:
    """Remove all runs but the last, with their folders; return what gc frees."""
    for number in range(1, _RUNS):
        shutil.rmtree(place / "logs" / f"version_{number}")
    names = [f"run-{number}" for number in range(1, _RUNS)]
    run(workshop.gitexp, "rm", *names, cwd=place)
    told = json.loads(run(workshop.gitexp, "gc", "--force", "--json", cwd=place))
    left = [path for path in (place / ".dvc/cache/files/md5").rglob("*") if path.is_file()]
    if len(left) > _OF_LAST:
        raise ProgramFailed(f"{len(left)} objects are left in the cache after `gitexp gc`")
    return sum(one["size"] or 0 for one in told)
