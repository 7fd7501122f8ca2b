"""What a training pays for logging: five values a step, beside what others take for them."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from benchmarks.loggers import BUDGETS, OURS, PEERS, SETTINGS, program
from benchmarks.measure import Samples
from benchmarks.results import Outcome, Result, Unmeasured
from benchmarks.workshop import PeerMissing, ProgramFailed, Workshop, run

_SHORT = 1_000
_FAST = ("wandb", "tensorboardX", "trackio")
"""Those who log 100,000 steps in a minute: MLflow takes a quarter of an hour, and DVCLive's steps
become slower, each by the last."""
_NOTHING = "open('nothing.json', 'w').write('{}')"


class _Figures(Struct, rename={"imported": "import"}):
    imported: float
    end: float
    median: float
    mean: float
    first: float
    last: float
    recorded: float = 0.0
    """Seconds from the end of the command to that of its run, beyond a run that logs nothing."""


def logging_steps(workshop: Workshop) -> Iterator[Outcome]:
    """Log in a run, and with each peer in a repository of its own, in turn."""
    yield from _in_turn(workshop, _SHORT, PEERS)


def ten_thousand(workshop: Workshop) -> Iterator[Outcome]:
    """Log as many steps, with those who can."""
    yield from _in_turn(workshop, 10_000, _FAST)


def hundred_thousand(workshop: Workshop) -> Iterator[Outcome]:
    """Log as many steps, with those who can."""
    yield from _in_turn(workshop, 100_000, _FAST)


def _in_turn(workshop: Workshop, steps: int, names: Iterable[str]) -> Iterator[Outcome]:
    files = {"train.py": program(OURS), ".gitignore": "*.json\n"}
    place = workshop.repository(f"logging-{steps}", files)
    ours: list[_Figures] = []
    peers: dict[str, list[_Figures]] = {name: [] for name in names}
    lacking: dict[str, str] = {}
    for _ in range(workshop.rounds.count):
        ours.append(_ours(workshop, place, steps))
        for name in [name for name in peers if name not in lacking]:
            try:
                peers[name].append(_peer(workshop, name, steps))
            except (PeerMissing, ProgramFailed) as error:
                lacking[name] = str(error)
    yield from _beside(steps, ours, peers)
    yield _grown(steps, ours)
    yield from (
        Unmeasured(f"logging-{name}-{steps}", why, failed=False) for name, why in lacking.items()
    )


def _beside(
    steps: int, ours: list[_Figures], peers: Mapping[str, list[_Figures]]
) -> Iterator[Outcome]:
    for name, found in peers.items():
        if found:
            yield Result(
                f"logging-{name}-{steps}",
                f"`gitexp.log` of five values, median of {steps:,} steps",
                f"{name}, the same values and steps",
                Samples(tuple(one.median for one in ours)),
                Samples(tuple(one.median for one in found)),
                BUDGETS[name],
                notes=(_means(ours, found), _told(found)),
            )


def _grown(steps: int, ours: list[_Figures]) -> Outcome:
    return Result(
        f"logging-{steps}",
        f"the last tenth of {steps:,} steps, each",
        "the first tenth",
        Samples(tuple(one.last for one in ours)),
        Samples(tuple(one.first for one in ours)),
        1.5,
        notes=(
            f"import: {_ms(one.imported for one in ours)}",
            f"a call, median: {_us(one.median for one in ours)}",
            f"recorded, beyond a run that logs nothing: {_ms(one.recorded for one in ours)}",
        ),
    )


def _means(ours: Iterable[_Figures], found: Iterable[_Figures]) -> str:
    mine, other = _median(one.mean for one in ours), _median(one.mean for one in found)
    return f"means: {mine * 1e6:.3g} against {other * 1e6:,.3g} µs, 1/{other / mine:,.0f}"


def _told(found: Iterable[_Figures]) -> str:
    return (
        f"import and start: {_ms(one.imported for one in found)}, "
        f"end: {_ms(one.end for one in found)}; of its steps, the first tenth "
        f"{_ms(one.first for one in found)} each, the last {_ms(one.last for one in found)}"
    )


def _ours(workshop: Workshop, place: Path, steps: int) -> _Figures:
    """Return the figures of a run, and how many seconds gitexp took after its command had ended."""
    run(workshop.gitexp, "run", "--", sys.executable, "train.py", str(steps), cwd=place)
    logged = time.time() - (place / "figures.json").stat().st_mtime
    run(workshop.gitexp, "run", "--", sys.executable, "-c", _NOTHING, cwd=place)
    nothing = time.time() - (place / "nothing.json").stat().st_mtime
    found = _read(place)
    found.recorded = logged - nothing
    return found


def _peer(workshop: Workshop, name: str, steps: int) -> _Figures:
    place = workshop.repository(f"logging-{name}-{os.urandom(3).hex()}", {"a": ""})
    (place / "train.py").write_text(program(PEERS[name]))
    os.environ.update({**SETTINGS, "TRACKIO_DIR": str(place / "trackio")})
    run(workshop.peer("loggers"), "train.py", str(steps), cwd=place)
    return _read(place)


def _read(place: Path) -> _Figures:
    found = json.loads((place / "figures.json").read_text())
    return _Figures(**{{"import": "imported"}.get(key, key): one for key, one in found.items()})


def _median(values: Iterable[float]) -> float:
    return Samples(tuple(values)).median


def _ms(values: Iterable[float]) -> str:
    return f"{_median(values) * 1000:.3g} ms"


def _us(values: Iterable[float]) -> str:
    return f"{_median(values) * 1e6:.3g} µs"
