"""`gitexp hooks`: what git calls at a commit, a checkout, a merge and a push."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from gitexp.cli import output
from gitexp.cli.options import format_option, say, tell, with_project
from gitexp.drivers.registration import (
    forget_lines,
    is_current,
    is_registered,
    register,
    unregister,
    unregister_clone,
)
from gitexp.errors import ExitCode, GitexpError
from gitexp.hooks.install import hook_states, install_hooks, kept_aside, uninstall_hooks
from gitexp.hooks.names import HOOKS, HookState, State
from gitexp.project import Project
from gitexp.rendering.hooks import hooks_document

DRIVERS = "drivers"
"""Go by a name as hooks do, so that they come and go alone."""


_NAMES = (*HOOKS, DRIVERS)


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in _NAMES if name.startswith(incomplete)]


names_argument = click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete)


@click.group()
def hooks() -> None:
    """Have git check what is committed and pushed, and bring data along.

    \b
    NAME is a hook of git's:
      pre-commit          what is staged is readable and small, its data somewhere
      prepare-commit-msg  the changes of metrics, as a comment in the editor
      post-checkout       the data behind pointers that changed
      post-merge          the same after a merge
      post-rewrite        the same after a rebase
      pre-push            data goes first, and what is pushed is checked
    or `drivers`: how git shows and merges params, metrics and pointers.
    """


@hooks.command()
@names_argument
@with_project
def install(project: Project, names: tuple[str, ...]) -> ExitCode:
    """Install the named hooks, or all; what is there already runs before them."""
    wanted = _known(names)
    if DRIVERS in wanted:
        register(project)
        forget_lines(project.repository)
    install_hooks(project.repository, [name for name in HOOKS if name in wanted])
    say(f"installed: {', '.join(wanted)}", err=True)
    return ExitCode.OK


@hooks.command()
@names_argument
@with_project
def uninstall(project: Project, names: tuple[str, ...]) -> ExitCode:
    """Remove the named hooks, or all, and put back what was there.

    Lines of .gitattributes that are committed go only if `drivers` is named.
    """
    wanted = _known(names)
    gone = uninstall_hooks(project.repository, [name for name in HOOKS if name in wanted])
    if not names:
        has_gone, committed = unregister_clone(project.repository)
        gone += [DRIVERS] if has_gone else []
        if has_gone and committed:
            tell(f"note: {', '.join(committed)}: the lines of the drivers are committed, and stay")
            tell("hint: In a project's folder, `gitexp hooks uninstall drivers` takes them out.")
    elif DRIVERS in wanted and unregister(project):
        gone.append(DRIVERS)
    for path in kept_aside(project.repository):
        tell(f"note: '{path}' stays: it was there before our hook, which was overwritten")
    say(f"uninstalled: {', '.join(gone)}" if gone else "nothing was installed", err=True)
    return ExitCode.OK


@hooks.command()
@names_argument
@format_option
@with_project
def status(project: Project, names: tuple[str, ...], format_name: str) -> ExitCode:
    """Show which hooks are installed; the exit code is 1 if one of those named is not."""
    wanted = _known(names)
    found = [one for one in _states(project) if one.name in wanted]
    output.show(project, hooks_document(found), format_name)
    return ExitCode.NO if names and _any_missing(found) else ExitCode.OK


def _states(project: Project) -> Sequence[HookState]:
    state: State = "installed" if is_current(project) else "outdated"
    found = HookState(DRIVERS, state if is_registered(project) else "not installed", None)
    return [*hook_states(project.repository), found]


def _any_missing(found: Iterable[HookState]) -> bool:
    return any(one.state in ("not installed", "overwritten") for one in found)


def _known(names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in _NAMES:
            raise GitexpError(f"no hook '{name}'", hint=f"The hooks are {', '.join(_NAMES)}.")
    return [name for name in _NAMES if not names or name in names]
