"""`gitexp`: the list of commands, and the one place where errors are printed."""

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

from gitexp.cli.sparing import import_command, postponed
from gitexp.errors import ExitCode, GitexpError, RunExitCode
from gitexp.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SECTIONS: dict[str, dict[str, str]] = {
    "Record runs": {
        "init": "Set up this folder: gitexp.yaml and DVC.",
        "run": "Run a command and record it as a commit.",
        "sweep": "Run a command many times, with other params each time.",
        "stop": "End a run under way, or a sweep.",
        "save": "Record the work tree as it stands, as a run.",
        "track": "Put data behind a DVC pointer.",
        "import": "Bring in what other tools have recorded.",
    },
    "Look and compare": {
        "ls": "List the runs, newest first.",
        "show": "Show one run whole.",
        "diff": "Show what differs between runs, revs or the work tree.",
        "best": "Show the best runs by a metric.",
        "trend": "Show how a metric moved over the runs.",
        "bisect": "Find the commit that moved a metric, by runs.",
        "blame": "Say which commit last moved each metric.",
        "plot": "Draw curves and values of runs.",
        "report": "Write a page about runs, with pictures.",
        "lineage": "Show where data and models come from, and lead to.",
        "story": "Tell what was supposed, and what came of it.",
        "ui": "Look at the runs in a browser.",
        "sql": "Ask the runs in SQL.",
        "mcp": "Offer the runs to an assistant.",
        "check": "Say whether a commit is sound.",
        "review": "Say what a pull request does to the metrics.",
    },
    "Use a run": {
        "evaluate": "Try a run's model on data that was held out.",
        "rerun": "Run the command of a run again, in isolation.",
        "verify": "Say whether a run gives the same again.",
        "verify-signatures": "Say who has signed runs, and whether git trusts that.",
        "apply": "Bring a run into the work tree.",
        "branch": "Make a branch with what a run changed.",
        "get": "Get one file, folder or model of a run.",
        "env": "Print what a run had installed, or make it again.",
    },
    "Rely on a model": {
        "promote": "Make a run a version of a model, and give it a stage.",
        "models": "List models with their versions and stages, and get one.",
        "card": "Print the model card of a version.",
        "demote": "Take a stage from the version that holds it.",
        "deprecate": "Say that a model or a version is no longer to be used.",
    },
    "Share": {
        "push": "Send runs and their data to a remote.",
        "pull": "Get the runs that others have pushed.",
        "export": "Write runs in the formats of others.",
    },
    "Annotate runs, and tidy up": {
        "tag": "Give a run tags, or take them away.",
        "note": "Write a comment on a run.",
        "rename": "Give a run another name.",
        "rm": "Hide runs.",
        "restore": "Bring back hidden runs.",
        "gc": "Free the data of removed runs.",
        "purge": "Take runs or files out of history for good.",
    },
    "Help": {
        "hooks": "Have git itself check, and show what changed.",
        "doctor": "Check that everything is as it should be.",
        "demo": "Make a small project and show what gitexp does with it.",
        "completion": "Print the script with which a shell completes.",
    },
}
"""What `gitexp --help` says, in its order; each command is a module of `gitexp.cli.commands`.

The summaries stand here so that neither help nor completion has to import all of these.
"""

SUMMARIES = {name: text for section in SECTIONS.values() for name, text in section.items()}
COMMANDS = tuple(SUMMARIES)

HIDDEN = ("git-driver", "git-hook")
"""What git calls, and nobody else."""

ALIASES = {"list": "ls"}

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
            if name not in ALONE:
                _ask_ahead(ctx.params["directory"], name)
            from gitexp.cli.own_modules import find_own_modules  # noqa: PLC0415 - 1 ms, as below

            find_own_modules()
        module_name = _MODULES.get(name, name)
        module = import_command(module_name)
        command = getattr(module, module_name)
        assert isinstance(command, click.Command)  # the list above says so
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
    except click.ClickException as error:
        _show_usage(error)
        return called.refused
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except GitexpError as error:
        show_error(error)
        return called.refused
    except SystemExit:  # what click makes of a closed stdout: `gitexp ls | head`
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is a bug, and is reported as one
        return _unforeseen(error, called)


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


def _unforeseen(error: Exception, called: Called) -> int:
    """Print what the machine has refused, or a bug; return the exit code."""
    from gitexp.cli.machine import refusal  # noqa: PLC0415 - 1 ms, on the way out alone

    refused = refusal(error)
    if refused is None:
        _show_bug(error)
        return ExitCode.BUG
    show_error(refused)
    return called.refused


def show_error(error: GitexpError) -> None:
    """Print an error that the user can fix."""
    from gitexp.model.text import harmless_lines  # noqa: PLC0415 - 1 ms, on the way out alone

    click.echo(harmless_lines(f"error: {error}"), err=True)
    if error.hint is not None:
        click.echo(harmless_lines(f"hint: {error.hint}"), err=True)


def _show_usage(error: click.ClickException) -> None:
    """Print what is wrong with a command line as all other errors are printed."""
    if type(error).show not in (click.UsageError.show, click.ClickException.show):
        error.show()  # no error at all: a group without a command shows its help
        return
    said = error.format_message().removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"`{context.command_path} --help` says more." if context is not None else None
    show_error(GitexpError(said[:1].lower() + said[1:], hint))


def _show_bug(error: Exception) -> None:
    import platform  # noqa: PLC0415 - 2 ms, on the way out alone
    import traceback  # noqa: PLC0415 - 2 ms, on the way out alone

    click.echo("".join(traceback.format_exception(error)), nl=False, err=True)
    click.echo(
        f"bug: gitexp {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        "hint: This should not have happened. Please report it with all of the above.",
        err=True,
    )
