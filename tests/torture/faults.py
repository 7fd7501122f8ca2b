"""Every call that can fail between a command's end and its commit fails once; nothing is lost.

    python -m tests.torture.faults                       every place of every scenario
    python -m tests.torture.faults --all                 all calls, not one of each place
    python -m tests.torture.faults --every 20            each 20th place
    python -m tests.torture.faults --scenario done --call main:openat:3

Calls of one kind that the same line makes on the same way are one place (`places.py` has the rule);
which of them fails is drawn by lot, from `--seed`. Needs strace. Prints a line for each run that is
wrong, and a table at the end; exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from tests.torture.faulty import STRACE, Faulty, Hangs
from tests.torture.places import Place, Way, places_of
from tests.torture.scenarios import SCENARIOS, Ground
from tests.torture.verdict import Seen, Verdict, judge, look
from tests.torture.warm import Warm


class Torture:
    """The faults of one scenario."""

    def __init__(self, folder: Path, scenario: str, *, with_ways: bool = True) -> None:
        self.ground = Ground(folder / scenario, SCENARIOS[scenario])
        self._warm = Warm(self.ground.env)
        self.faulty = Faulty(self.ground, self._warm)
        ended, ways = self.faulty.calls(with_ways=with_ways)
        clean = look(ended.project)
        assert clean is not None, ended.said
        assert ended.status == self.ground.scenario.status, ended.said
        self.clean: Seen = clean
        self.calls = sorted(ways)
        self.places = places_of(ways)

    def __enter__(self) -> Torture:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._warm.__exit__(kind, error, traceback)

    def fail(self, place: Place, turn: int) -> tuple[str, Verdict | None]:
        """Let one call fail; return the error and the verdict, None if the call did not come."""
        error = place.error(turn)
        ended = self.faulty.run(place, error)
        verdict = judge(self.ground, ended, self.clean, self._warm) if ended.failed else None
        if verdict is None or not verdict.wrong:
            shutil.rmtree(ended.project)
            shutil.rmtree(ended.project.with_name(f"{ended.project.name}.faults"))
        return error, verdict


def drawn(places: Iterable[Sequence[Place]], seed: int) -> list[Place]:
    """Return one call of each place."""
    lot = random.Random(seed)
    return [lot.choice(alike) for alike in places]


def chosen(places: Sequence[Place], every: int, start: int = 0) -> list[Place]:
    """Return each so many-th place, of each process, thread and call in turn."""
    return list(places)[start::every]


def main(argv: Sequence[str] | None = None) -> int:
    """Let calls fail, and say what became of the runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument(
        "--after", choices=SCENARIOS, action="append", default=[], help="has been tried already"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th place")
    parser.add_argument("--all", action="store_true", help="all calls, not one of each place")
    parser.add_argument("--seed", type=int, default=0, help="by which calls are drawn")
    parser.add_argument("--start", type=int, default=0, metavar="K", help="from the K-th place on")
    parser.add_argument("--turn", type=int, default=0, help="which of its errors a call gives")
    parser.add_argument("--seconds", type=float, help="end after so long")
    parser.add_argument("--call", action="append", help="this call alone, as it was printed")
    parser.add_argument("--keep", action="store_true", help="keep the projects of wrong runs")
    options = parser.parse_args(argv)
    if STRACE is None:
        parser.error("there is no strace here")
    folder = Path(tempfile.mkdtemp(prefix="gitexp-faults-"))
    wrong = 0
    known: set[Way] = set()
    try:
        for scenario in options.after:
            with Torture(folder, scenario) as torture:
                known.update(torture.places)
        for scenario in options.scenario or [one for one in SCENARIOS if one not in options.after]:
            with Torture(folder, scenario) as torture:
                wrong += _tortured(torture, options, known)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def _tortured(torture: Torture, options: argparse.Namespace, known: set[Way]) -> int:
    """Let calls fail in one scenario, in places that others have not; count what is wrong."""
    name, began = torture.ground.scenario.name, time.monotonic()
    new = {way: alike for way, alike in torture.places.items() if way not in known}
    known.update(new)
    calls = torture.calls if options.all else drawn(new.values(), options.seed)
    if options.seconds:  # whatever there is time for is a sample
        random.Random(options.seed).shuffle(calls)
    calls = chosen(calls, options.every, options.start)
    if options.call:
        calls = [Place.parsed(text) for text in options.call]
    counted: Counter[str] = Counter()
    with contextlib.suppress(KeyboardInterrupt):  # what was counted so far is said
        for place in calls:
            if options.seconds and time.monotonic() - began > options.seconds:
                break
            counted.update(_outcomes(torture, place, options.turn))
    took = time.monotonic() - began
    _say(
        f"{name}: {len(torture.calls)} calls in {len(torture.places)} places, {len(new)} of them "
        f"new; {counted[_TRIED]} runs in {took:.0f} s"
    )
    for how in sorted(counted.keys() - {_TRIED}):
        _say(f"  {counted[how]:5} {how}")
    return counted[_WRONG]


_TRIED, _WRONG = "tried", "WRONG"


def _outcomes(torture: Torture, place: Place, turn: int) -> Iterator[str]:
    """Let one call fail; yield what is to be counted, and print what is wrong."""
    name = f"{torture.ground.scenario.name} {place}"
    yield _TRIED
    try:
        error, verdict = torture.fail(place, turn)
    except Hangs:
        _say(f"WRONG {name} {place.error(turn)}: it never ended")
        yield _WRONG
    except AssertionError as failed:
        _say(f"{name}: {failed}")
        yield "could not be tried"
    else:
        yield verdict.how if verdict is not None else "the call did not come"
        if verdict is not None and verdict.wrong:
            _say(f"WRONG {name} {error}: {verdict.how}; {'; '.join(verdict.wrong)}")
            _say("".join(f"    | {line}\n" for line in verdict.said.splitlines()))
            yield _WRONG


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    sys.exit(main())
