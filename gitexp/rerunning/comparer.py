"""Files compared by what they hold, in processes of their own.

A library that falls over a file takes only its process along. The Python of the command is asked
first, since what it has written it can read; then gitexp's own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

import gitexp.contents
from gitexp.contents.answer import MARK, Answer, unknown

_PROGRAM = """\
import sys, types
package = types.ModuleType("gitexp")
package.__path__ = [sys.argv[1]]
sys.modules["gitexp"] = package
from gitexp.contents.child import main
main()
"""
"""The package of gitexp is this one, whatever that Python has installed, and has no start-up."""

_NOT_INSTALLED = "not installed"


class Pair(Struct, frozen=True):
    """Two files that go by one name."""

    name: str
    old: Path
    new: Path


def compare_contents(
    pairs: Sequence[Pair], pythons: Sequence[str], *, unpickle: bool = False
) -> list[Answer]:
    """Compare each pair; what no Python can tell is unknown."""
    answers = [unknown("there is no Python to compare it")] * len(pairs)
    todo = list(range(len(pairs)))
    for python in dict.fromkeys((*pythons, sys.executable)):
        found = _ask(python, [pairs[at] for at in todo], unpickle=unpickle)
        for at, answer in zip(todo, found, strict=True):
            if answer is not None:
                answers[at] = answer
        todo = [at for at in todo if answers[at].equal is None and _may_help(answers[at])]
        if not todo:
            break
    return answers


def _may_help(answer: Answer) -> bool:
    """Return whether another Python may know more."""
    return _NOT_INSTALLED in answer.why or "no Python" in answer.why


def _ask(python: str, pairs: Sequence[Pair], *, unpickle: bool) -> list[Answer | None]:
    """Ask one Python; None for what it said nothing of."""
    answers: list[Answer | None] = []
    with TemporaryDirectory(prefix="gitexp-") as scratch:
        lines = [
            _request(pair, Path(scratch, str(at)), unpickle=unpickle)
            for at, pair in enumerate(pairs)
        ]
        while len(answers) < len(pairs):
            said, status = _answers(python, lines[len(answers) :], scratch)
            if not said and status >= 0 and not answers:
                return [None] * len(pairs)  # it is no Python, or too old a one
            answers += said
            if len(answers) < len(pairs):
                how = signal.Signals(-status).name if status < 0 else f"exit code {status}"
                answers.append(unknown(f"the process that compared it ended with {how}"))
    return answers


def _request(pair: Pair, folder: Path, *, unpickle: bool) -> str:
    """Return what is asked: by names with the right suffix, which some libraries go by."""
    folder.mkdir()
    suffix = "".join(Path(pair.name).suffixes[-2:])
    request: dict[str, object] = {"name": pair.name, "unpickle": unpickle}
    for side, path in (("old", pair.old), ("new", pair.new)):
        link = folder / f"{side}{suffix}"
        link.symlink_to(path)
        request[side] = os.fsencode(link).hex()
    return json.dumps(request)


def _answers(python: str, lines: Sequence[str], folder: str) -> tuple[list[Answer], int]:
    package = str(Path(gitexp.contents.__file__).parent.parent)
    try:
        ended = subprocess.run(
            [python, "-c", _PROGRAM, package],
            input="\n".join(lines),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError:
        return [], 0
    said = ended.stdout.split("\n")
    answers = [line.removeprefix(MARK) for line in said if line.startswith(MARK)]
    return [Answer(*json.loads(line)) for line in answers], ended.returncode
