"""A command line with two halves: the words of a space with options among them, and a command."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import click

from gitexp.errors import GitexpError
from gitexp.model.command.text import command_text

_COMMAND = "gitexp.sweep.command"
_IS_SEPARATE = "gitexp.sweep.is_separate"
_AXIS = re.compile(r"(?:~|\+{0,2})(?:[^=\s]*:)?(?:\+{0,2})[A-Za-z_][\w./@-]*=.*", re.DOTALL)
_OURS = ("--dry-run", "--such-that", "--minimize", "--maximize", "--max-failures", "--prune-on")
"""Options that hardly any program has: behind the command they are most likely meant for gitexp."""
_ELSEWHERE_TOO = ("--jobs", "--max-time", "--sampler", "--again", "--repeat-key", "--pruner")
"""Options that some programs have: behind the command, who means those types `--` before it."""


class SweepCommand(click.Command):
    """A command whose own options end where the command to run begins.

    That is at `--`, or at the first word that is neither an option nor an axis.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command to run aside, and parse the rest."""
        words, command = split_command(args, self.params)
        ctx.meta[_COMMAND] = command
        ctx.meta[_IS_SEPARATE] = "--" in args
        return super().parse_args(ctx, words)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what the usage line shows, the command included."""
        return [*super().collect_usage_pieces(ctx), "[--] [COMMAND]..."]


def command_to_run() -> tuple[str, ...]:
    """Return the command to run, as it was typed."""
    return tuple(click.get_current_context().meta.get(_COMMAND, ()))


def notes_on_command() -> list[str]:
    """Return notes on options that go to the command to run, and may be meant for gitexp.

    Raises GitexpError for them where nobody has typed `--`: runs of hours would start otherwise.
    """
    command = command_to_run()
    if click.get_current_context().meta.get(_IS_SEPARATE):
        return [
            f"note: '{word}' goes to the command; if it is meant for gitexp, put it before `--`"
            for word in meant_for_gitexp(command)
        ]
    ours = meant_for_gitexp(command, (*_OURS, *_ELSEWHERE_TOO))
    if ours:
        start = command_text(command[:1])
        raise GitexpError(
            f"'{ours[0]}' stands behind the command, and would go to `{start}`",
            f"Put it before `{start}`; if the command is to have it, write `-- {start} …`.",
        )
    return []


def meant_for_gitexp(command: Iterable[str], ours: Collection[str] = _OURS) -> list[str]:
    """Return the options of gitexp's among the words of a command, to which they go.

    >>> meant_for_gitexp(["python", "train.py", "--lr", "{lr}", "--dry-run", "--minimize=loss"])
    ['--dry-run', '--minimize']
    """
    names = (word.partition("=")[0] for word in command)
    return [name for name in dict.fromkeys(names) if name in ours]


def split_command(
    args: Sequence[str], params: Iterable[click.Parameter]
) -> tuple[list[str], list[str]]:
    """Return the words of ours, and those of the command to run."""
    if "--" in args:
        at = args.index("--")
        return list(args[:at]), list(args[at + 1 :])
    options = {name: one for one in params if isinstance(one, click.Option) for name in one.opts}
    at = 0
    while at < len(args):
        word = args[at]
        if word.startswith("-") and word != "-":
            at += 1 + _takes_next(word, args[at + 1 : at + 2], options)
        elif _AXIS.fullmatch(word):
            at += 1
        else:
            break
    return list(args[:at]), list(args[at:])


def _takes_next(word: str, following: Sequence[str], options: dict[str, click.Option]) -> bool:
    """Return whether an option takes the word after it as its value."""
    option = options.get(word)
    if option is None or option.is_flag or not following:
        return False  # with its value in it, as -j2 or --jobs=2, or none of ours, or a flag
    may_stand_alone = option.flag_value is not None
    return not (may_stand_alone and following[0].startswith("-"))
