"""What is printed of an error: this is the one place where that is done."""

from __future__ import annotations

import click

from gitexp.errors import GitexpError
from gitexp.model.text import harmless_lines
from gitexp.version import __version__


def show_failure(error: Exception) -> bool:
    """Print what has ended a command; return whether it is a bug."""
    if isinstance(error, click.ClickException):
        _show_usage(error)
        return False
    if isinstance(error, GitexpError):
        show_error(error)
        return False
    from gitexp.cli.machine import refusal  # noqa: PLC0415 - 1 ms, for what nobody foresaw

    refused = refusal(error)
    if refused is None:
        _show_bug(error)
        return True
    show_error(refused)
    return False


def show_error(error: GitexpError) -> None:
    """Print an error that the user can fix."""
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
    import platform  # noqa: PLC0415 - 2 ms, for a bug alone
    import traceback  # noqa: PLC0415 - 2 ms, for a bug alone

    click.echo("".join(traceback.format_exception(error)), nl=False, err=True)
    click.echo(
        f"bug: gitexp {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        "hint: This should not have happened. Please report it with all of the above.",
        err=True,
    )
