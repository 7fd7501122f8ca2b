"""Which program a command starts in the end, behind everything that starts another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from gitexp.model.command.kinds import MAKES, OTHER_SHELLS, SHELLS, WITHOUT_PARAMS
from gitexp.model.command.launchers import LAUNCHERS, MODULES, OF_MPI, Launcher
from gitexp.model.command.words import Word

_PYTHON = r"(?:python|pythonw|pypy|ipython)[0-9.]*t?"
_LAST = SHELLS | OTHER_SHELLS | MAKES | WITHOUT_PARAMS | {"papermill"}
_RUN = r"(?s)-[A-VY-Zabd-ln-z]*([cm])(.*)"
_VALUED = r"-[A-Za-z]*[XW]|--check-hash-based-pycs"
"""Options of Python: what runs something else than a script, and what has a value behind it."""
_VARIABLE = r"(?s)[A-Za-z_]\w*=.*"


class Program(Struct, frozen=True):
    """The program of a command, and where its arguments begin."""

    name: str
    arguments: int
    launchers: frozenset[str] = frozenset()


def program_of(words: Sequence[Word]) -> Program | None:
    """Return the program of a command, or None if its launchers have options that are not known.

    >>> from gitexp.model.command.words import as_typed
    >>> for line in ("nice -n 5 python -u train.py --lr 1", "uv run -m train", "srun --odd 1 x"):
    ...     found = program_of(as_typed(line.split()))
    ...     print(found and (found.name, found.arguments))
    ('train.py', 6)
    ('train', 4)
    None
    """
    position, passed = 0, set[str]()
    while position < len(words):
        if re.match(_VARIABLE, words[position].text):
            position += 1
            continue
        if not words[position].fixed:
            return None
        name, position = _behind_python(words, base_name(words[position].text), position + 1)
        launcher = LAUNCHERS.get(name)
        behind = None if name in _LAST else _command_behind(name, words, position)
        if behind is None:
            return None if launcher else Program(name, position, frozenset(passed))
        if launcher and launcher.verbs and behind == position:
            break  # `uv pip`, not `uv run`
        passed.add(name)
        position = behind
        if position < len(words) and words[position].text.startswith("-"):  # run IMAGE --lr 0.1
            own = launcher is not None and bool(launcher.verbs)
            return Program("", position, frozenset(passed)) if own else None
    return Program("", len(words), frozenset(passed))


def _command_behind(name: str, words: Sequence[Word], position: int) -> int | None:
    """Return where the command begins that a program starts, if that can be told."""
    launcher = LAUNCHERS.get(name)
    if launcher is None:
        return None if "." in name else _interpreter(words, position)
    if name in OF_MPI and any(word.text == ":" for word in words):
        return None
    behind = _behind(launcher, words, position)
    return _interpreter(words, position) if behind is None else behind


def base_name(text: str) -> str:
    """Return the name of a program without its folder.

    >>> base_name("/usr/bin/python3")
    'python3'
    """
    return text.rpartition("/")[2]


def _behind_python(words: Sequence[Word], name: str, position: int) -> tuple[str, int]:
    """Return what a Python is to run, and where the arguments of that begin.

    Any other program is returned as it is.
    """
    if not re.fullmatch(_PYTHON, name):
        return name, position
    while position < len(words) and words[position].text.startswith("-"):
        option = words[position].text
        position += 1
        run = re.fullmatch(_RUN, option)
        if run and run[2]:
            return _run_by(run[1], run[2]), position
        if run:
            target = words[position].text if position < len(words) else ""
            return _run_by(run[1], target), min(position + 1, len(words))
        if option == "-":
            return option, position
        position += bool(re.fullmatch(_VALUED, option))
    script = words[position].text if position < len(words) else ""
    return base_name(script), min(position + 1, len(words))


def _run_by(option: str, target: str) -> str:
    return MODULES.get(target, target) if option == "m" else "-c"


def _behind(launcher: Launcher, words: Sequence[Word], position: int) -> int | None:
    """Return where the command of a launcher begins: at `position` if its verb is missing."""
    verbs, arguments, start = launcher.verbs, launcher.arguments, position
    while position < len(words):
        word = words[position]
        if not word.fixed:
            return None
        if word.text == "--" and not verbs:
            position += 1
            break
        if not word.text.startswith("-") or word.text == "-":
            if not verbs:
                break
            if word.text not in verbs | launcher.groups:
                return start
            verbs = verbs if word.text in launcher.groups else frozenset()
            position += 1
            continue
        taken = _taken(launcher, word.text)
        if not taken:
            return None
        position += taken
    return min(position + arguments, len(words))


def _taken(launcher: Launcher, option: str) -> int:
    """Return how many words an option takes together with its values, 0 if it is not known."""
    name, equals, _ = option.lstrip("-").partition("=")
    name = name if len(name) == 1 else name.replace("_", "-")
    if equals:
        return 1
    for names, taken in ((launcher.flags, 1), (launcher.valued, 2), (launcher.pairs, 3)):
        if name in names:
            return taken
    return 0 if option.startswith("--") else _taken_by_letters(launcher, name)


def _taken_by_letters(launcher: Launcher, letters: str) -> int:
    """Return the same of options of one letter, written together: `-it`, `-n4`, `-10`.

    >>> _taken_by_letters(LAUNCHERS["xargs"], "0n"), _taken_by_letters(LAUNCHERS["xargs"], "n1")
    (2, 1)
    """
    for place, letter in enumerate(letters):
        if letter in launcher.valued:
            return 2 if place == len(letters) - 1 else 1
        if letter not in launcher.flags:
            return 1 if letters.isdigit() else 0
    return 1


def _interpreter(words: Sequence[Word], position: int) -> int | None:
    """Return where a Python begins that has a script or module behind it."""
    for place in range(position, len(words)):
        word = words[place]
        if word.fixed and re.fullmatch(_PYTHON, base_name(word.text)):
            rest = (one.text for one in words[place + 1 :])
            behind = next((one for one in rest if not one.startswith("-") or one == "-m"), "")
            if behind == "-m" or behind.endswith(".py"):
                return place
    return None
