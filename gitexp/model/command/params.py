"""The params on a command line: what stands there for sure, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.command.flags import flag_parts
from gitexp.model.command.kinds import MAKES, OTHER_SHELLS, SHELLS, WITHOUT_PARAMS
from gitexp.model.command.program import Program, program_of
from gitexp.model.command.shell import pieces
from gitexp.model.command.special import NOTEBOOK, make_parts, notebook_parts, papermill_parts
from gitexp.model.command.text import is_shell_line
from gitexp.model.command.words import Part, Word, as_typed
from gitexp.model.values import Value, same

_DEEPEST = 4
"""How many lines for a shell within each other are read."""


class CommandParams(Struct, frozen=True):
    """The params of a command line, and the words of it that may set others."""

    values: dict[str, Value]
    left_out: list[str]


def command_params(command: Sequence[str]) -> CommandParams:
    """Return the params of a command line; what is not certain is left out.

    >>> command_params(["python", "-u", "train.py", "--lr", "1e-3", "--fast", "depth=4"]).values
    {'lr': 0.001, 'fast': True, 'depth': 4}
    >>> command_params(["nice train.py --lr 0.1 --seed $SEED > log; echo -n done"])
    CommandParams(values={'lr': 0.1}, left_out=['--seed $SEED'])
    """
    found: dict[str, Value] = {}
    left_out: dict[str, list[str]] = {}
    clear: dict[str, list[str]] = {}
    for parts in _commands(command):
        here: dict[str, Value] = {}
        for part in parts:
            typed = " ".join(word.typed for word in part.words).strip()
            if part.unclear:
                left_out.setdefault(part.key, []).append(typed)
            elif part.key:
                _add(here, part)
                clear.setdefault(part.key, []).append(typed)
        for key, value in here.items():
            if key in found and not same(found[key], value):
                left_out.setdefault(key, [])
            found[key] = value
    words = [text for key in left_out for text in [*clear.get(key, []), *left_out[key]]]
    values = {key: value for key, value in found.items() if key not in left_out}
    return CommandParams(values, [text for text in words if text])


def command_without(command: Sequence[str], left_out: Callable[[str], bool]) -> list[str]:
    """Return the words of a command line without the params that are left out.

    >>> command_without(["python", "a.py", "--seed", "3", "lr=1"], lambda key: key == "seed")
    ['python', 'a.py', 'lr=1']
    """
    return [
        word.typed
        for parts in _commands(command)
        for part in parts
        if not part.key or not left_out(part.key)
        for word in part.words
    ]


def _add(found: dict[str, Value], part: Part) -> None:
    for value in part.values:
        earlier = found.get(part.key)
        if part.key not in found or (part.replaces and not isinstance(earlier, list)):
            found[part.key] = value
        elif isinstance(earlier, list):
            found[part.key] = [*earlier, value]
        else:
            found[part.key] = [earlier, value]


def _commands(command: Sequence[str]) -> Iterator[list[Part]]:
    if is_shell_line(command):
        yield from _line(command[0], 0)
    else:
        yield from _command(as_typed(command), 0)


def _line(line: str, depth: int) -> Iterator[list[Part]]:
    for piece in pieces(line):
        if not piece.is_command:
            yield [Part(piece.words)]
            continue
        for parts in _command(piece.words, depth):
            if piece.is_rest and not any(map(_may_be_param, parts)):
                yield [Part([word], unclear=word.text.startswith("--")) for word in piece.words]
                continue
            yield parts if piece.certain else [_doubted(part) for part in parts]


def _may_be_param(part: Part) -> bool:
    return part.unclear or (bool(part.key) and not part.positional)


def _doubted(part: Part) -> Part:
    if part.positional:  # mostly of another program than the one that trains
        return Part(part.words)
    return replace(part, unclear=part.unclear or bool(part.key))


def _command(words: Sequence[Word], depth: int) -> Iterator[list[Part]]:
    """Yield the parts of one command, and those of the lines for a shell in it."""
    program = program_of(words)
    if program is None:
        options = any(re.match(r"(?s)-|[^=]+=", word.text) for word in words[1:])
        yield [Part(words, unclear=options or not all(word.fixed for word in words))]
        return
    arguments = _from_xargs(words, program) or words[program.arguments :]
    begin = Part(words[: program.arguments])
    name = program.name
    if name in SHELLS | OTHER_SHELLS:
        yield [begin]
        yield from _shell(arguments, depth, is_known=name in SHELLS)
    elif name == "papermill":
        yield [begin, *papermill_parts(arguments)]
    elif name.endswith(NOTEBOOK):
        yield [begin, *notebook_parts(arguments)]
    elif name in MAKES:
        yield [begin, *make_parts(arguments)]
    elif name in WITHOUT_PARAMS:
        yield [Part(words)]
    elif name == "eval":
        yield [Part(words, unclear=True)]
    else:
        script = _script_among(arguments) if _may_launch(words, program) else 0
        doubted = [_doubted(part) for part in flag_parts(arguments[:script])]
        name_of_script = Part(arguments[script : script + 1] if script else [])
        rest = arguments[script + 1 :] if script else arguments
        yield [begin, *doubted, name_of_script, *flag_parts(rest)]


def _may_launch(words: Sequence[Word], program: Program) -> bool:
    """Return whether a program may be a launcher that gitexp does not know: a bare name."""
    before = words[: program.arguments]
    return bool(before) and not any(re.search(r"[/.]|^-", word.text) for word in before)


def _script_among(words: Sequence[Word]) -> int:
    """Return where a script of Python stands that cannot be the value of an option, or 0."""
    for place, (before, word) in enumerate(pairwise(words), 1):
        if word.text.endswith(".py") and not before.text.startswith("-"):
            return place
    return 0


def _from_xargs(words: Sequence[Word], program: Program) -> list[Word] | None:
    """Return the arguments as xargs makes them of its input: some are put in, or more come."""
    if "xargs" not in program.launchers:
        return None
    own = [word.text for word in words[: program.arguments]]
    named = [after for option, after in pairwise(own) if option == "-I"]
    named += [text[2:] for text in own if text.startswith("-I") and len(text) > len("-I")]
    named += ["{}"] if {"-i", "--replace"} & set(own) else []
    arguments = words[program.arguments :]
    if named:
        return [replace(word, fixed=word.fixed and named[0] not in word.text) for word in arguments]
    return [*arguments, Word("", "", fixed=False)]


def _shell(words: Sequence[Word], depth: int, *, is_known: bool) -> Iterator[list[Part]]:
    """Yield the parts of a line behind `-c`, or those of the arguments of a script."""
    position, is_line = 0, False
    while position < len(words) and words[position].text[:1] in {"-", "+"}:
        option = words[position].text
        position += 1
        if option.startswith("--"):
            position += option in {"--rcfile", "--init-file"}
            continue
        is_line = is_line or (option[0] == "-" and "c" in option)
        if "s" in option and option[0] == "-" and not is_line:
            position = len(words)
        position += option[-1] in "oO"
    begin, rest = words[:position], words[position:]
    if not is_line:
        yield [Part([*begin, *rest[:1]]), *flag_parts(rest[1:])]
    elif rest and rest[0].fixed and is_known and depth < _DEEPEST:
        yield [Part([*begin, Word("", "'")])]
        yield from _line(rest[0].text, depth + 1)
        yield [Part([Word("", "'"), *rest[1:]])]
    else:
        yield [Part([*begin, *rest], unclear=bool(rest))]
