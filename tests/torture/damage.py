"""Files of git, gitexp and DVC with a bit flipped or their end cut off: nothing wrong is told.

    python -m tests.torture.damage                                 200 of each kind
    python -m tests.torture.damage --kind refs --rounds 20 --seed 3
    python -m tests.torture.damage --kind refs --seed 3 --only 17 --keep

A project with runs, packed and loose, notes, data, a hub, and a run that was lost is copied; one
file of it is damaged; and gitexp is asked. Each answer is the one of the undamaged project, or it
is said what is wrong and what mends it. What can be made anew is. What is damaged stays where it
is, unless its content is put right. Prints what is wrong, and exits with 1 if anything is.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.damaged.ground import Ground
from tests.torture.damaged.kinds import KINDS, Kind, damage
from tests.torture.program import (
    counts,
    end_when_asked,
    folder_for,
    in_time,
    indented,
    options_of,
    say,
    seed_of,
)
from tests.torture.warm import LIBRARIES

_ALWAYS = ("ls", "show", "diff", "get", "doctor")
_CALLS: Mapping[str, tuple[str, ...]] = {
    "ls": ("ls", "-N", "0", "--json"),
    "show": ("show", "run-1", "--json"),
    "diff": ("diff", "run-0", "run-2", "--json"),
    "get": ("get", "run-1", "report.txt", "-o", "../got", "--force"),
    "model": ("get", "run-1", "model.pt", "-o", "../got", "--force"),
    "log": ("show", "run-2"),
    "doctor": ("doctor",),
    "deep": ("doctor", "--deep"),
    "run": ("run", "-n", "after", "--", "sh", "fit.sh"),
    "pull": ("pull",),
    "data": ("pull", "--data", "run-0"),
}
_IMPORTED = " ".join(
    f"gitexp.cli.commands.{name}" for name in ("show", "diff", "get", "doctor", "pull")
)
_PATIENCE = 120.0
_UNREADABLE = "a run that cannot be read, and the reason"


@dataclass(frozen=True)
class Answer:
    """How a call ended, and what it said, but for what differs each time."""

    name: str
    code: int
    out: str
    err: str

    @property
    def is_bug(self) -> bool:
        return self.code == 70 or "Traceback" in self.err or self.code < 0


class Damage:
    """The project, and what it answers when it is sound."""

    def __init__(self, folder: Path) -> None:
        self.ground = Ground(folder, imports=f"{_IMPORTED} {LIBRARIES}")
        self._folder = folder
        self.ground.renew()
        self.clean = {name: self.ask(name) for name in _CALLS if name not in ("run", "pull")}

    def close(self) -> None:
        """Let go of the warm interpreter."""
        self.ground.close()

    def ask(self, name: str) -> Answer:
        """Make a call."""
        out, err = self._folder / "out", self._folder / "err"
        got = self.ground.place / "got"
        got.unlink(missing_ok=True)
        args = _CALLS[name]
        ground = self.ground
        call = ground.warm.start(args, ground.work, ground.env, out, err)
        try:
            code = call.wait(_PATIENCE)
        except subprocess.TimeoutExpired:  # which is what a call that is killed ends with
            os.kill(call.pid, signal.SIGKILL)
            code = call.wait()
        text = out.read_text(errors="replace")
        if name == "ls":
            text = _told_runs(text)
        elif name == "log":
            text = text.partition("\nLog\n")[2]
        elif got.exists():
            text += got.read_text(errors="replace")
        return Answer(name, code, text, err.read_text(errors="replace"))

    def round(self, kind: Kind, lot: Random) -> tuple[str, list[str]]:
        """Damage a file, ask, and return in words what came of it, and what is wrong."""
        self.ground.renew()
        path, how = damage(self.ground.place, kind, lot)
        if kind.may_be_new and lot.random() < 0.5:
            how += ", the index is to be made"
            for one in (self.ground.work / ".git" / "gitexp").glob("index.sqlite*"):
                one.unlink()
        damaged = path.read_bytes()
        answers = [self.ask(name) for name in (*_ALWAYS, *kind.calls)]
        told = f"{path.relative_to(self.ground.place)}: {how}"
        wrong = [f"{told}: {one}" for answer in answers for one in self._wrong(kind, answer)]
        if not kind.derived and not kind.mended and not _stands(path, damaged):
            wrong += [f"{told}: {one}" for one in self._gone(answers)]
        said = [one.name for one in answers if one.name not in ("doctor", "deep") and _is_told(one)]
        doctor = [one for one in answers if one.name in ("doctor", "deep") and one.code]
        if kind.name == "journal":
            wrong += [f"{told}: {one}" for one in _unnamed(answers)]
        outcome = "told" if said else "right"
        if said and not doctor:
            outcome += ", not by doctor"
        return outcome, wrong

    def _wrong(self, kind: Kind, answer: Answer) -> Iterator[str]:
        shown = f"`gitexp {' '.join(_CALLS[answer.name])}` {answer.code}\n{_indented(answer)}"
        clean = self.clean.get(answer.name)
        if answer.is_bug:
            yield f"a bug: {shown}"
        elif answer.name in ("doctor", "deep"):
            return
        elif answer.code and "hint:" not in answer.err:
            yield f"no hint: {shown}"
        elif answer.code and kind.derived:
            yield f"not made anew: {shown}"
        elif not answer.code and clean and answer.out != clean.out and not _is_told(answer):
            if kind.name == "journal" and answer.name == "ls":
                return  # the run may be one of another machine now: doctor names it
            yield f"another answer, in silence: {shown}{_difference(clean.out, answer.out)}"

    def _gone(self, answers: Sequence[Answer]) -> Iterator[str]:
        """Yield what is wrong where a damaged file is no more: a lost run may have come of it."""
        runs = next(one.out for one in answers if one.name == "ls")
        if '"lost"' not in runs and not any(_is_told(one) for one in answers):
            yield "it is gone, and so is its run"


def _unnamed(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield what is wrong if a run under way is neither recorded nor named by the doctor."""
    texts = {one.name: one.out for one in answers}
    if '"lost"' not in texts["ls"] and "journal" not in texts["doctor"].replace("ok  journal", ""):
        yield "the run is neither recorded nor named by doctor"


def _told_runs(text: str) -> str:
    """Return what `ls` says of runs, without what is of each time."""
    try:
        runs = json.loads(text)
    except ValueError:
        return text
    keys = ("name", "status", "metrics", "params", "tags")
    told = [{key: one.get(key) for key in keys} if one.get("name") else _UNREADABLE for one in runs]
    return json.dumps(told, indent=1)


def _is_told(answer: Answer) -> bool:
    words = ("error:", "warning:", "hint:")
    return any(word in answer.err for word in words) or _UNREADABLE in answer.out


def _stands(path: Path, damaged: bytes) -> bool:
    return path.exists() and path.read_bytes() == damaged


def _difference(clean: str, found: str) -> str:
    """Return where two answers begin to differ."""
    pairs = enumerate(zip(clean, found, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), min(len(clean), len(found)))
    around = slice(max(0, at - 60), at + 60)
    return f"    {clean[around]!r} was said before, and {found[around]!r} now\n"


def _indented(answer: Answer) -> str:
    return indented((answer.err or answer.out).splitlines()[-14:])


def main(argv: Sequence[str] | None = None) -> int:
    """Damage files of each kind, and say what came of it."""
    parser = options_of(__doc__, rounds=200, of=("kind", KINDS))
    parser.add_argument("--only", type=int, metavar="N", help="the N-th alone")
    parser.add_argument("--keep", action="store_true", help="keep the last project")
    options = parser.parse_args(argv)
    end_when_asked()
    with folder_for("damage", keep=options.keep) as folder:
        torture = Damage(folder)
        try:
            faults = [_damaged(torture, KINDS[one], options) for one in options.kind or KINDS]
        finally:
            torture.close()
    return int(any(faults))


def _damaged(torture: Damage, kind: Kind, options: argparse.Namespace) -> int:
    began = time.monotonic()
    counted: Counter[str] = Counter()
    faults = 0
    numbers = [options.only] if options.only is not None else range(options.rounds)
    for number in in_time(numbers, options.minutes):
        outcome, wrong = torture.round(kind, Random(seed_of(options, number)))
        counted[outcome] += 1
        faults += bool(wrong)
        for one in wrong:
            say(f"WRONG {kind.name} {number}: {one}")
    say(
        f"{kind.name}: {counted.total()} files in {time.monotonic() - began:.0f} s, "
        f"{counts(counted.most_common())}, {faults} wrong"
    )
    return faults


if __name__ == "__main__":
    sys.exit(main())
