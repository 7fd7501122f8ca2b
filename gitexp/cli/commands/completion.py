"""`gitexp completion`: what a shell needs to complete commands, options and names of runs."""

from __future__ import annotations

import click

from gitexp.cli.shells import SHELLS, VARIABLE


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
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
    click.echo(SHELLS[shell](cli, {}, "gitexp", VARIABLE).source())
