"""`gitexp check`: whether one revision is sound."""

from __future__ import annotations

import os
from pathlib import Path

import click
from msgspec.structs import replace

from gitexp.checking.check import check_revision
from gitexp.cli import output
from gitexp.cli.completion import complete_rev
from gitexp.cli.options import format_option, tell, with_reading_project
from gitexp.cli.selection import name_hidden_refs
from gitexp.errors import ExitCode, GitexpError
from gitexp.project import Project
from gitexp.rendering.check import check_document
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import find_revision, staged_revision
from gitexp.store.fetched import has_runs, remote_of


@click.command()
@click.argument("rev", required=False, metavar="[REV]", shell_complete=complete_rev)
@click.option("--staged", is_flag=True, help="Check what is staged, as a commit would hold it.")
@click.option("--remote", is_flag=True, help="Ask the DVC remote for data that is not here.")
@format_option
@with_reading_project
def check(
    project: Project, *, rev: str | None, staged: bool, remote: bool, format_name: str
) -> ExitCode:
    """Say whether REV (HEAD) is sound: files, data, policy, and metrics that are fresh.

    REV is a git rev, a run, or `workspace`. Its files must be readable and without conflict
    markers; its metrics must meet the policy and come from a recorded run with exactly the
    inputs that REV has. The exit code is 1 if something is wrong.
    """
    if staged and rev is not None:
        raise GitexpError("both a rev and `--staged`", hint="Leave one of them out.")
    if rev is not None:
        name_hidden_refs(project, (rev,))
    revision = (
        staged_revision(project, _hooks_index(project))
        if staged
        else find_revision(project, rev or "HEAD")
    )
    reading = Reading(project, revision)
    found = check_revision(project, reading, ask_remote=remote)
    if reading.settings is not None and reading.settings.review.signatures == "required":
        from gitexp.registry.signed import promoted_findings  # noqa: PLC0415 - 35 ms, where it is demanded

        found = replace(found, findings=(*found.findings, *promoted_findings(project)))
    if reading.settings is not None and reading.project.runs.tip is not None:
        from gitexp.checking.uncommitted import lacking  # noqa: PLC0415 - 7 ms, where there are runs

        found = replace(found, findings=(*found.findings, *lacking(reading)))
    output.show(project, check_document(found), format_name)
    source = _source_of_runs(project)
    if source is not None:
        tell(f"hint: `gitexp pull` gets the runs of '{source}', if it has any.")
    return ExitCode.OK if found.passed else ExitCode.NO


def _source_of_runs(project: Project) -> str | None:
    """Return the remote that may have runs, if there are none here."""
    try:
        config = project.config
    except GitexpError:  # the check itself says so
        return None
    return None if has_runs(project.runs, config) else remote_of(project.repository, config)


def _hooks_index(project: Project) -> Path | None:
    """Return the index that git has made for the hook that we are in, if we are in one."""
    named = os.environ.get("GIT_INDEX_FILE")
    return project.repository.top / named if named else None
