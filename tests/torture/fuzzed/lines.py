"""Command lines of gitexp itself, read and not run; and those of commands that gitexp records."""

from __future__ import annotations

import functools
from random import Random
from typing import NamedTuple

import click

from gitexp.cli.main import cli
from gitexp.cli.sections import ALIASES, COMMANDS
from gitexp.errors import GitexpError
from gitexp.model.command.params import command_params, command_without
from gitexp.model.command.text import command_text
from gitexp.model.values import dumps

from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word

_VALUES = (
    *("loss", "lr=0.1", "-S", "0", "-1", "1e3", "10h", "90s", "HEAD~1", "main..x", "--", "-", "-x"),
    *("train.lr", "loss > 0.5", "brave-otter-7f", "a.py", "python", "", "=", "--x=y", "@{-1}"),
)


class _Known(NamedTuple):
    name: str
    command: click.Command
    options: tuple[str, ...]


@functools.cache
def _known(name: str) -> _Known:
    with click.Context(cli) as context:
        command = cli.get_command(context, name)
    assert command is not None, name
    options = [text for one in command.params for text in (*one.opts, *one.secondary_opts)]
    return _Known(name, command, tuple(one for one in options if one.startswith("-")))


class CommandLines:
    """The words after `gitexp`."""

    def make(self, lot: Random) -> list[str]:
        """Return words, of which some may be spoilt."""
        known = _known(lot.choice(COMMANDS))
        words = [known.name] if lot.random() < 0.9 else [lot.choice((*ALIASES, word(lot)))]
        words[:0] = lot.choice(([], [], [], ["-C", "."], ["--no-pager"], ["-C", word(lot)]))
        for _ in range(lot.randrange(6)):
            words += _words(known, lot)
        if lot.random() < 0.3:
            at = lot.randrange(len(words))
            words[at] = spoilt(words[at], lot, (*known.options, *_VALUES))
        words = [one.replace("\0", "") for one in words]  # which no system hands over
        return [one for one in words if one not in ("-h", "--help", "--version")]

    def check(self, made: list[str]) -> str:
        """Read the words as `main` does, down to the command that they name."""
        try:
            with cli.make_context("gitexp", list(made)) as top:
                _descend(cli, top)
        except click.exceptions.Exit:
            return "answered at once"
        except (click.ClickException, GitexpError):
            return REFUSED
        return "read"


def _descend(group: click.Group, context: click.Context) -> None:
    """Read what is left for the commands below, as click does before it calls them."""
    words = [*context._protected_args, *context.args]
    if not words:
        return
    name, command, rest = group.resolve_command(context, words)
    if command is None:
        return
    with command.make_context(name, rest, parent=context) as below:
        if isinstance(command, click.Group):
            _descend(command, below)


def _words(known: _Known, lot: Random) -> list[str]:
    chance = lot.random()
    if chance < 0.25 or not known.options:
        return [lot.choice(_VALUES)]
    if chance < 0.3:
        return [noise(lot, 8)]
    option = lot.choice(known.options)
    value = lot.choice(_VALUES) if lot.random() < 0.8 else noise(lot, 8)
    return lot.choice(([option], [option, value], [option, value], [f"{option}={value}"]))


_PIECES = (
    *(
        "python",
        "train.py",
        "--lr",
        "0.1",
        "--lr=1e-3",
        "-x",
        "--no-cache",
        "--seed",
        "$SEED",
        "&&",
    ),
    *("|", ";", ">", "log.txt", "'a b'", '"c $d"', "env", "A=1", "torchrun", "--nproc_per_node=2"),
    *("-m", "pkg.train", "sh", "-c", "bash -lc 'python a.py --lr 2'", "nice", "-n", "10", "srun"),
    *("papermill", "in.ipynb", "-p", "lr", "jupyter nbconvert --execute a.ipynb", "make", "X=1"),
    *("(", ")", "{", "}", "`", "\\", "$(date)", "<<EOF", "for i in 1 2; do", "done", "#", "!", "~"),
    *("xargs", "eval", "accelerate", "launch", "uv", "run", "poetry", "docker run", "--", "+a=1"),
)


class RecordedCommands:
    """The words of a command whose params are recorded."""

    def make(self, lot: Random) -> list[str]:
        """Return words, or a single line for the shell."""
        words = [lot.choice(_PIECES) for _ in range(lot.randrange(1, 9))]
        if lot.random() < 0.5:
            at = lot.randrange(len(words))
            words[at] = spoilt(words[at], lot, _PIECES)
        return [" ".join(words)] if lot.random() < 0.5 else words

    def check(self, made: list[str]) -> str:
        """Find the params, which a record must be able to hold."""
        found = command_params(made)
        dumps(found.values)
        command_without(made, lambda key: key == "lr")
        command_text(tuple(made))
        return "with params" if found.values else "without params"
