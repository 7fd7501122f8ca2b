"""What a sweep costs beyond its trainings, and beyond a search that records nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Rounds, Samples, Subject, alternate
from benchmarks.results import Outcome, Result, Unmeasured
from benchmarks.sweep_peers import JOBS, Hydra, Plain, Queue
from benchmarks.training import CONFIG, SCRIPT, project_for_gitexp, training_command
from benchmarks.workshop import PeerMissing, Workshop, run

_POINTS, _FEW, _MANY = 24, 12, 200
_OVER_PLAIN = 1.3
_OVER_DVC = 1 / 12
_TINY = 0.025
"""Seconds a point of a command that takes 3 ms."""
_PART = 3
"""Such a part of the rounds is taken: one lasts half a minute."""

_TINY_SCRIPT = "echo '{\"loss\": 0.5}' > metrics.json\n"


class _Rates:
    """Values that no round has tried before: what was tried would cost nothing."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next(self, count: int) -> list[float]:
        return [next(self._numbers) / 100_000 for _ in range(count)]


def _swept(workshop: Workshop, place: Path, rates: Sequence[float], command: Sequence[str]) -> None:
    words = f"train.lr={','.join(map(str, rates))}"
    run(workshop.gitexp, "sweep", words, "-j", str(JOBS), "--", *command, cwd=place)


def _rounds(workshop: Workshop) -> Rounds:
    rounds = workshop.rounds
    return Rounds(max(1, rounds.count // _PART), rounds.patience * _PART)


def grid(workshop: Workshop) -> Iterator[Outcome]:
    """A grid beside plain Optuna, and beside Hydra's joblib launcher if it is installed."""
    rates, command = _Rates(), training_command()
    ours = project_for_gitexp(workshop, "sweep-gitexp")
    plain = Plain(workshop, "sweep-plain")
    subjects = [
        Subject(lambda: _swept(workshop, ours, rates.next(_POINTS), command)),
        Subject(lambda: plain.run(rates.next(_POINTS))),
    ]
    missing: PeerMissing | None = None
    try:
        hydra = Hydra(workshop, "sweep-hydra")
        subjects.append(Subject(lambda: hydra.run(rates.next(_POINTS))))
    except PeerMissing as error:
        missing = error
    mine, *peers = alternate(_rounds(workshop), *subjects)
    what = f"`gitexp sweep` of {_POINTS} points, `-j {JOBS}`, with a model of 1 MB each"
    against = "the same trainings by Optuna and joblib, which record nothing"
    yield Result("sweep", what, against, mine, peers[0], _OVER_PLAIN)
    if missing is not None:
        yield Unmeasured("sweep-hydra", f"{missing}, so the row was skipped", failed=False)
        return
    yield Result(
        "sweep-hydra",
        what,
        f"the same by Hydra's joblib launcher, `n_jobs={JOBS}`",
        mine,
        peers[1],
        _OVER_PLAIN,
        notes=("Hydra trains in processes that stay, and starts no Python for a point",),
    )


def beside_dvc(workshop: Workshop) -> Iterator[Outcome]:
    """A few points beside DVC's queue: what each takes over the trainings alone."""
    rates, command = _Rates(), training_command()
    ours = project_for_gitexp(workshop, "sweep-few-gitexp")
    queue = Queue(workshop, "sweep-few-dvc")
    bare = workshop.repository("sweep-few-bare", {"train.py": SCRIPT})

    def alone() -> None:
        for _ in range(_FEW // JOBS):  # what two at once would take at best
            run(*command, cwd=bare)

    bare_times, mine, peer = alternate(
        _rounds(workshop),
        Subject(alone, before=queue.rest),
        Subject(lambda: _swept(workshop, ours, rates.next(_FEW), command)),
        Subject(lambda: queue.run(rates.next(_FEW))),
    )
    queue.rest()
    yield Result(
        "sweep-dvc",
        f"`gitexp sweep` of {_FEW} points, `-j {JOBS}`, over the trainings alone",
        f"`dvc exp run --queue`, {_FEW} times, and `dvc queue start -j {JOBS}`",
        mine.over(bare_times),
        peer.over(bare_times),
        _OVER_DVC,
        notes=(
            "the start of gitexp and of its agents included, that of DVC's workers too",
            "DVC's time ends with its last experiment, not with its workers",
        ),
    )


def tiny(workshop: Workshop) -> Iterator[Outcome]:
    """Very short points: what each takes by itself."""
    rates = _Rates()
    files = {"fit.sh": _TINY_SCRIPT, "params.yaml": "train: {lr: 0}\n", "gitexp.yaml": CONFIG}
    ours = workshop.repository("sweep-tiny", files)
    command = ("sh", "fit.sh")
    short, long = alternate(
        workshop.rounds,
        Subject(lambda: _swept(workshop, ours, rates.next(2), command)),
        Subject(lambda: _swept(workshop, ours, rates.next(_MANY), command)),
    )
    extra = long.over(short)
    each = Samples(tuple(value / (_MANY - 2) for value in extra.values))
    goal = Samples((_TINY,) * len(each.values))
    yield Result(
        "sweep-tiny",
        f"a point of `sh fit.sh`, `-j {JOBS}`, without the start of the sweep",
        f"the {_TINY * 1000:.0f} ms that it may take",
        each,
        goal,
        1.0,
        notes=(f"{_MANY} points less 2, by their difference",),
    )
