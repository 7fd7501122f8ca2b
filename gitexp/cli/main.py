"""`gitexp` as a program: the command that is called is imported, and an error has its exit code."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from gitexp.cli.sections import ALIASES, COMMANDS, HIDDEN, SECTIONS, SUMMARIES
from gitexp.cli.sparing import import_command, postponed
from gitexp.errors import ExitCode, RunExitCode
from gitexp.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

ALONE = ("completion", "demo", "init")
"""Commands that need no repository, or make one."""

CONFIGURED = ("push", "run", "save", "sweep")
"""Commands that need git's configuration at once."""

_MODULES = {
    "import": "import_",
    "git-driver": "git_driver",
    "git-hook": "git_hook",
    "verify-signatures": "verify_signatures",
}
"""Commands that cannot have the same name as their module."""


class Called:
    """Which command was called, for the exit code of an error that it did not catch itself."""

    command: str | None = None
    is_program: bool = False
    """Whether the process ends with it."""

    @property
    def refused(self) -> int:
        """The exit code of what the user can fix; `run` and `rerun` return the command's 2."""
        return RunExitCode.REFUSED if self.command in ("run", "rerun") else ExitCode.ERROR


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command by name or alias; a near miss is answered with the close names."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in (*COMMANDS, *HIDDEN):
            if ctx.resilient_parsing:  # a line that is being completed
                return None
            ctx.fail(_no_command(cmd_name))
        if isinstance(ctx.obj, Called) and ctx.obj.is_program:
            command = _imported_meanwhile(name, ctx.params["directory"])
        else:
            command = _imported(name)
        if isinstance(ctx.obj, Called):
            ctx.obj.command = name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands by what they are for."""
        widest = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                rows = [(name.ljust(widest), text) for name, text in commands.items()]
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands, with what they do where the shell shows it."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - 0.7 ms, while completing

        found = [
            CompletionItem(name, help=text)
            for name, text in SUMMARIES.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def _imported_meanwhile(name: str, directory: Path) -> click.Command:
    """Import a command of a program, which may be interrupted and asks git meanwhile."""
    from gitexp.cli.interrupts import ending_at_once  # noqa: PLC0415 - 1 ms, not for the version alone
    from gitexp.cli.own_modules import find_own_modules  # noqa: PLC0415 - as above

    with ending_at_once():
        if name not in ALONE:
            _ask_ahead(directory, name)
        find_own_modules()
        return _imported(name)


def _imported(name: str) -> click.Command:
    module_name = _MODULES.get(name, name)
    command = getattr(import_command(module_name), module_name)
    assert isinstance(command, click.Command)  # the list above says so
    return command


def _ask_ahead(directory: Path, command: str) -> None:
    """Have git at work while the module of a command is imported."""
    with postponed("locale"):  # 0.8 ms, for what programs print as text
        from gitexp.git.place import ask_ahead  # noqa: PLC0415 - 3 ms, not for the version alone

    ask_ahead(directory, config=command in CONFIGURED)


def _no_command(name: str) -> str:
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    close = difflib.get_close_matches(name, [*COMMANDS, *ALIASES], n=1)
    return f"no command '{name}'" + (f"; did you mean '{close[0]}'?" if close else "")


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`gitexp COMMAND --help` says more. Start with `gitexp demo`.",
)
@click.version_option(__version__, message="gitexp %(version)s")
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Run as if gitexp was started in DIR.",
)
@click.option("--no-pager", is_flag=True, help="Do not show long results in a pager.")
def cli(directory: Path, *, no_pager: bool) -> None:
    """Keep machine-learning experiments in git: each run is a commit, comparison is a diff."""


def main(argv: Sequence[str] | None = None, *, is_program: bool = False) -> int:
    """Run `gitexp` and return its exit code."""
    called = Called()
    called.is_program = is_program
    _prepare()
    try:
        return cli.main(argv, "gitexp", standalone_mode=False, obj=called) or ExitCode.OK
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except SystemExit:  # what click makes of a closed stdout: `gitexp ls | head`
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is a bug, and is reported as one
        from gitexp.cli.failures import show_failure  # noqa: PLC0415 - 1 ms, on the way out alone

        return ExitCode.BUG if show_failure(error) else called.refused


def _prepare() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show is not an error
            with contextlib.suppress(OSError):  # nor is a disk that fails at this moment
                stream.reconfigure(errors="backslashreplace")
    if "_GITEXP_COMPLETE" in os.environ:
        from gitexp.cli.shells import prepare  # noqa: PLC0415 - 1 ms, while completing

        prepare()


def entry() -> NoReturn:
    """Run `gitexp` as a program.

    A process that lives for a moment needs no garbage collector; and once everything is
    closed, taking the interpreter apart would cost as much as importing it (20 ms).
    """
    gc.disable()
    code = main(is_program=True)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:  # as it is where whoever started this has closed it
                stream.flush()
    os._exit(code)
