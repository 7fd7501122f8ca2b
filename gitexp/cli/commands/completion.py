"""`gitexp completion`: what a shell needs to complete commands, options and names of runs."""

from __future__ import annotations

import click
from click.shell_completion import (
    BashComplete,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

_BASH = "COMPREPLY+=($value)"
_ZSH = "compadd -U -V unsorted -a completions"
_ZSH_NO_SPACE = _ZSH.replace("-U", "-S '' -U")


class _Bash(BashComplete):
    """Leaves no space behind `key=`, where a value is to follow."""

    source_template = BashComplete.source_template.replace(
        _BASH, f"{_BASH}; [[ $value == *= ]] && compopt -o nospace"
    )


class _Zsh(ZshComplete):
    """Leaves no space behind `key=` either."""

    source_template = ZshComplete.source_template.replace(
        _ZSH, f"if [[ $completions[1] == *= ]]; then {_ZSH_NO_SPACE}; else {_ZSH}; fi"
    )


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print the script that completes gitexp's commands, options and names in SHELL.

    \b
    bash: echo 'eval "$(gitexp completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(gitexp completion zsh)"' >> ~/.zshrc
    fish: gitexp completion fish > ~/.config/fish/completions/gitexp.fish

    Then open a new shell. Besides runs it knows metrics, params (-S), branches and tags
    where a rev is asked for, remotes, and the files of a run.
    """
    cli = click.get_current_context().find_root().command
    click.echo(_SHELLS[shell](cli, {}, "gitexp", "_GITEXP_COMPLETE").source())
