"""Inputs by lot for all that reads what people, files and remotes say: nothing but our own errors.

    python -m tests.torture.fuzz                             a million of each kind
    python -m tests.torture.fuzz --subject yaml --rounds 500 --seed 3
    python -m tests.torture.fuzz --subject yaml --seed 3 --only 4711

Valid inputs are made by the grammar, and most of them spoilt; some are noise. An input is a fault
if it ends in anything but a GitexpError, if what must hold of the answer does not, or if it takes
more than a second of processor time. Everything happens in this process, which starts no other.
The number of an input and the seed make it again. Exits with 1 if there is a fault. SIGTERM
has it end, and say what came of the inputs so far.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from tests.torture.fuzzed.edits import Edits
from tests.torture.fuzzed.lines import CommandLines, RecordedCommands
from tests.torture.fuzzed.merges import Merges
from tests.torture.fuzzed.overrides import Overrides
from tests.torture.fuzzed.queries import Queries
from tests.torture.fuzzed.records import Records
from tests.torture.fuzzed.subject import Subject
from tests.torture.program import options_of, say

SUBJECTS: Mapping[str, Callable[[], Subject]] = {
    "query": Queries,
    "override": Overrides,
    "line": CommandLines,
    "command": RecordedCommands,
    "yaml": partial(Edits, "yaml"),
    "toml": partial(Edits, "toml"),
    "json": partial(Edits, "json"),
    "record": Records,
    "merge": Merges,
}
_LONGEST = 1.0
"""Seconds of processor time that an input may take."""
_HANGS = 20.0
_MOST_FAULTS = 20
_MOST_SHOWN = 1000
_APART = 1_000_000_007
"""So that the seeds of no two inputs of a long run are alike."""


_ended: list[bool] = []


class TooLongError(BaseException):
    """An input was given up."""


@dataclass
class Outcome:
    """What became of the inputs of one kind."""

    tried: int = 0
    words: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    longest: float = 0.0
    seconds: float = 0.0


def fuzz(
    subject: Subject, numbers: Iterator[int], seed: int, *, until: float | None = None
) -> Outcome:
    """Try inputs by their numbers, until a time or until there are too many faults."""
    outcome = Outcome()
    began = time.monotonic()
    for number in numbers:
        if _ended or (until is not None and not number % 64 and time.monotonic() > until):
            break
        made: object = None
        before = time.process_time()
        try:
            with _given_up():
                made = subject.make(Random(seed * _APART + number))
                outcome.words[subject.check(made)] += 1
        except (Exception, TooLongError) as error:  # noqa: BLE001 - which is what is looked for
            outcome.faults.append(_told(number, made, error))
        took = time.process_time() - before
        if took > _LONGEST:  # the machine, or the garbage collector, may have been what took it
            took = min(took, _took_again(subject, seed, number))
        if took > _LONGEST:
            outcome.faults.append(f"{number}: {took:.1f} s for {_short(made)}")
        outcome.longest = max(outcome.longest, took)
        outcome.tried += 1
        if len(outcome.faults) >= _MOST_FAULTS:
            break
    outcome.seconds = time.monotonic() - began
    return outcome


def _took_again(subject: Subject, seed: int, number: int) -> float:
    """Return how long an input takes once more: one that is slow is slow each time."""
    before = time.process_time()
    with contextlib.suppress(Exception, TooLongError), _given_up():
        subject.check(subject.make(Random(seed * _APART + number)))
    return time.process_time() - before


@contextlib.contextmanager
def _given_up() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, _HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def _told(number: int, made: object, error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in last[::-1]
    )
    return f"{number}: {type(error).__name__}: {_short(error)} at {where}\n    {_short(made)}"


def _short(one: object) -> str:
    text = str(one)
    text = f"{text!a}" if not text.isprintable() else text
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def main(argv: Sequence[str] | None = None) -> int:
    """Try inputs of each kind, and say what came of them."""
    parser = options_of(__doc__, rounds=1_000_000, of=("subject", SUBJECTS))
    parser.add_argument("--only", type=int, metavar="N", help="the N-th alone")
    options = parser.parse_args(argv)
    is_wrong = False
    signal.signal(signal.SIGPROF, _give_up)
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="gitexp-fuzz-") as folder:
        os.chdir(folder)
        for name in options.subject or SUBJECTS:
            numbers = range(options.rounds) if options.only is None else [options.only]
            until = time.monotonic() + 60 * options.minutes if options.minutes else None
            outcome = fuzz(SUBJECTS[name](), iter(numbers), options.seed, until=until)
            say(
                f"{name}: {outcome.tried:,} inputs in {outcome.seconds:,.0f} s, the longest "
                f"{outcome.longest * 1000:.0f} ms, {len(outcome.faults)} faults"
            )
            for word, count in outcome.words.most_common():
                say(f"  {count:9,} {word}")
            for fault in outcome.faults:
                say(f"  FAULT {fault}")
            is_wrong |= bool(outcome.faults)
    return int(is_wrong)


def _end(*_: object) -> None:
    _ended.append(True)


def _give_up(*_: object) -> None:
    raise TooLongError


if __name__ == "__main__":
    sys.exit(main())
