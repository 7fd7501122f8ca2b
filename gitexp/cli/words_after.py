"""Words after `--`, which are the command to run and nothing else."""

from __future__ import annotations

import click

_COMMAND = "gitexp.words_after"


class WordsAfter(click.Command):
    """A command whose line may end in `--` and a command to run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep what stands after `--` for later."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[_COMMAND] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Name the command in the usage line."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


def words_after() -> tuple[str, ...]:
    """Return the command, as it was typed; nothing if there is none."""
    found = click.get_current_context().meta.get(_COMMAND, ())
    return tuple(found)
