"""How often `gitexp bisect` finds a planted regression in noise, and `git bisect run` does.

`python -m benchmarks.bisect` makes repositories of 200 commits, of which one lowers the accuracy by
five times the deviation of a training, and lets both look for it. Trainings are the same wherever
this runs: their noise follows from the repository, the commit and the seed. So what comes out can
be worked out without running anything, for thousands of them: `--worked-out`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gitexp.cli.main import main as gitexp
from gitexp.project import Project
from gitexp.tracing.bisect import Bisection, Settings, ends_of
from gitexp.tracing.known import Command, Taken
from gitexp.tracing.step import Step, make_run
from gitexp.tracing.suspects import Suspects

_FEW = 10
COMMITS, GOOD, DROP, NOISE, REPEATS = 200, 0.9, 0.04, 0.008, 5

_TRAIN = """\
import json, random
from pathlib import Path

step, drop = {step}, {drop}
seed = Path("params.yaml").read_text().split()[1]
noise = random.Random("{history}-%d-%s" % (step, seed)).gauss(0, {noise})
accuracy = round({good} - drop + noise, 6)
Path("metrics.json").write_text(json.dumps({{"accuracy": accuracy}}))
"""
_SETTINGS = "command: python train.py\npolicy:\n  accuracy: {goal: max, tolerance: 0.002}\n"


class Answer(NamedTuple):
    """What one of them found."""

    right: bool
    trainings: int


def main() -> None:
    """Make the repositories, look in each of them, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the number of the first history")
    parser.add_argument("--alone", action="store_true", help="without git")
    parser.add_argument("--worked-out", action="store_true", help="run nothing")
    asked = parser.parse_args()
    if asked.worked_out:
        pairs = [worked_out(one) for one in range(asked.first, asked.first + asked.histories)]
        print(_summary("gitexp bisect", [one for one, _ in pairs]))
        print(_summary("git bisect run", [one for _, one in pairs]))
        return
    ours: list[Answer] = []
    theirs: list[Answer] = []
    for history in range(asked.first, asked.first + asked.histories):
        with tempfile.TemporaryDirectory(prefix="gitexp-bisect-") as scratch:
            top, planted, readings = made(Path(scratch), history)
            ours.append(_by_gitexp(top, planted))
            if not asked.alone:
                theirs.append(_by_git(top, planted, statistics.mean(readings)))
        print(history, ours[-1], theirs[-1] if theirs else "", flush=True)
    for name, answers in (("gitexp bisect", ours), ("git bisect run", theirs)):
        if answers:
            print(_summary(name, answers))


def _summary(name: str, answers: list[Answer]) -> str:
    right = sum(one.right for one in answers)
    counts = [one.trainings for one in answers]
    return (
        f"{name}: found {right} of {len(answers)}, "
        f"trainings {statistics.mean(counts):.1f} on average, {max(counts)} at most, "
        f"more than ten {sum(one > _FEW for one in counts)} times"
    )


def _planted(history: int) -> int:
    return random.Random(f"planted {history}").randint(1, COMMITS)


def _reading(history: int, at: int, seed: int) -> float:
    """Return what the training comes to: as in the program above."""
    noise = random.Random(f"{history}-{at}-{seed}").gauss(0, NOISE)
    return round(GOOD - (DROP if at >= _planted(history) else 0) + noise, 6)


def worked_out(history: int) -> tuple[Answer, Answer]:
    """Return what `gitexp bisect` and `git bisect run` find in a history, without running it."""
    good, bad = (
        [_reading(history, at, seed) for seed in range(1, REPEATS + 1)] for at in (0, COMMITS)
    )
    commits = [str(at) for at in range(1, COMMITS + 1)]
    reach = [(2 << at) - 1 for at in range(COMMITS)]
    times: dict[int, int] = {}

    def read(chosen: Sequence[int]) -> list[Taken]:
        [at] = chosen
        times[at] = times.get(at, 0) + 1
        seed = (1, 0, *range(2, COMMITS))[times[at] - 1]
        return [Taken(None, _reading(history, at + 1, seed))]

    search = Bisection(
        Suspects("0", commits, reach, reach[-1]), ends_of(good, bad, 0.002), {}, Settings()
    )
    found = search.find(read, lambda _: None)
    ours = Answer([commits[at] for at in found.likely] == [str(_planted(history))], found.made)
    threshold, low, high, count = statistics.mean([*good, *bad]), 0, COMMITS, 0
    while high - low > 1:
        middle, count = (low + high) // 2, count + 1
        is_bad = _reading(history, middle, 1) < threshold
        low, high = (low, middle) if is_bad else (middle, high)
    return ours, Answer(high == _planted(history), count)


def made(scratch: Path, history: int) -> tuple[Path, str, list[float]]:
    """Make a repository with repeats of both ends recorded.

    Returns its place, the commit that is to be found, and what the repeats came to.
    """
    planted = _planted(history)
    top = scratch / "work"
    _git("init", "--quiet", "--template=", str(top), cwd=scratch)
    for setting in ("user.name=Ada", "user.email=ada@example.com"):
        _git("config", *setting.split("="), cwd=top)
    stream = b"".join(_commit(history, at, planted) for at in range(COMMITS + 1))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=top, input=stream, check=True)
    _git("reset", "--quiet", "--hard", "main", cwd=top)
    oids = _git("rev-list", "--reverse", "main", cwd=top).split()
    readings = []
    with Project.open(top) as project:
        for oid in (oids[0], oids[-1]):
            for seed in range(1, REPEATS + 1):
                step = Step(Command(("python", "train.py"), ""), overrides=(f"seed={seed}",))
                run = make_run(project, oid, step, lambda _: None)
                readings.append(float(str(run.record.metrics["metrics.json"]["accuracy"])))
    return top, oids[planted], readings


def _commit(history: int, at: int, planted: int) -> bytes:
    drop = DROP if at >= planted else 0
    train = _TRAIN.format(step=at, drop=drop, history=history, noise=NOISE, good=GOOD)
    files = {
        "train.py": train,
        "params.yaml": "seed: 1\n",
        "gitexp.yaml": _SETTINGS,
        ".gitignore": "metrics.json\n",
    }
    message = f"change {at}"
    lines = ["commit refs/heads/main", f"mark :{at + 1}"]
    lines += [f"committer Ada <ada@example.com> {1_700_000_000 + at * 60} +0000"]
    lines += [f"data {len(message)}", message, *([f"from :{at}"] if at else [])]
    for path, content in files.items():
        lines += [f"M 644 inline {path}", f"data {len(content)}", content]
    return ("\n".join(lines) + "\n").encode()


def _by_gitexp(top: Path, planted: str) -> Answer:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        gitexp(["-C", str(top), "bisect", "accuracy", f"main~{COMMITS}", "main", "--json"])
    told = json.loads(out.getvalue())
    return Answer(
        told["found"] and told["suspects"][0]["commit"] == planted, int(told["runs_made"])
    )


def _by_git(top: Path, planted: str, threshold: float) -> Answer:
    """Have git look, which takes the middle between both ends for the threshold."""
    judge = (
        f"import json, sys; open('.git/trained', 'a').write('.'); "
        f"sys.exit(json.load(open('metrics.json'))['accuracy'] < {threshold})"
    )
    script = f"python train.py && python -c {shlex.quote(judge)}"
    _git("bisect", "start", "main", f"main~{COMMITS}", cwd=top)
    _git("bisect", "run", "sh", "-c", script, cwd=top)
    found = _git("rev-parse", "refs/bisect/bad", cwd=top).strip()
    return Answer(found == planted, len((top / ".git" / "trained").read_text()))


def _git(*args: str, cwd: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ended = subprocess.run(
        ["git", *args], cwd=cwd, capture_output=True, text=True, check=True, env=environment
    )
    return ended.stdout


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    main()
