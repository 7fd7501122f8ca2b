"""`gitexp completion`: what a shell needs to complete commands, options and names of runs."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, get_completion_class

_WHOLE_WORD = "COMPREPLY+=($value)"
_AND_NO_SPACE = f"""{_WHOLE_WORD}
            [[ $value == *= ]] && compopt -o nospace"""


class _Bash(BashComplete):
    """Leaves no space behind `key=`, where a value is to follow."""

    source_template = BashComplete.source_template.replace(_WHOLE_WORD, _AND_NO_SPACE)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes gitexp's commands, options and names in SHELL.

    \b
    bash: echo 'eval "$(gitexp completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(gitexp completion zsh)"' >> ~/.zshrc
    fish: gitexp completion fish > ~/.config/fish/completions/gitexp.fish

    Then open a new shell. Besides runs it knows metrics, params (-S), branches and tags
    where a rev is asked for, remotes, and the files of a run.
    """
    kind = _Bash if shell == "bash" else get_completion_class(shell)
    assert kind is not None  # noqa: S101 - one of the choices
    cli = click.get_current_context().find_root().command
    click.echo(kind(cli, {}, "gitexp", "_GITEXP_COMPLETE").source())
