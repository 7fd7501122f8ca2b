"""`gitexp sweep`: many runs from one description."""

from __future__ import annotations

import os

import click

from gitexp.cli.options import tell, with_project
from gitexp.project import Project


@click.command()
@click.option("--agent", is_flag=True)
@click.option("--resume")
@with_project
def sweep(project: Project, *, agent: bool, resume: str) -> int:
    """Run."""
    from gitexp.sweep.process import run_process

    return run_process(project, resume, tell)
