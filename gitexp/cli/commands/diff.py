"""`gitexp diff`: what changed between two runs, or any two revs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_rev
from gitexp.cli.options import format_option, wants_colour, with_project
from gitexp.code_changes import CodeDiff
from gitexp.comparison.diff import diff_sides
from gitexp.errors import ExitCode, GitexpError
from gitexp.project import Project
from gitexp.rendering.diff import diff_document
from gitexp.rendering.formats.markdown import fenced
from gitexp.revisions import read_pair


@click.command()
@click.argument("revs", nargs=-1, metavar="[A] [B]", shell_complete=complete_rev)
@click.option("--code", is_flag=True, help="Append the patch of the code.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs.")
@format_option
@with_project
def diff(
    project: Project, *, revs: tuple[str, ...], code: bool, exit_code: bool, format_name: str
) -> ExitCode:
    """Show what changed from A to B: params, metrics, data and models, environment, code.

    A and B are names, ids or git revs, also as A..B, or as A...B to begin at their merge
    base. Without B the work tree is compared, without A and B the work tree with HEAD.
    """
    if code and format_name not in ("text", "md"):
        raise GitexpError(f"a patch has no place in {format_name}", hint="Leave out `--code`.")
    old, new = read_pair(project, revs)
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        changed = CodeDiff.of(project, old, new, Path(scratch))
        found = diff_sides(old.side, new.side, changed.changes(), project.config.policy)
        patch = _patch(changed, format_name) if code and found.code else ""
        output.show(project, diff_document(found), format_name, below=patch)
    return ExitCode.NO if exit_code and found else ExitCode.OK


def _patch(changed: CodeDiff, format_name: str) -> str:
    colour = wants_colour() and format_name == "text"
    patch = changed.patch(colour=colour).decode(errors="replace")
    shown = f"{fenced(patch.rstrip(), 'diff')}\n" if format_name == "md" else patch
    return f"\n{shown}"
