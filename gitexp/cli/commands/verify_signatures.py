"""`gitexp verify-signatures`: who has signed which run, and whether that is to be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.options import format_option, tell, with_reading_project
from gitexp.cli.progress import progress_line
from gitexp.errors import ExitCode, GitexpError
from gitexp.git.signatures import signatures_of
from gitexp.git.signing import wants_signature
from gitexp.model.signature import Signature
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.rendering.signatures import SignedRun, signatures_document
from gitexp.store.branch import check_ours
from gitexp.store.reading import runs_between
from gitexp.store.selectors import NoRuns, find_run
from gitexp.store.stored_run import StoredRun

_RANGE = ".."


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN|A..B]...", shell_complete=complete_run)
@click.option("--all", "every", is_flag=True, help="All runs on the experiments branch.")
@click.option("--require", is_flag=True, help="Exit with 1 unless every signature is good.")
@format_option
@with_reading_project
def verify_signatures(
    project: Project, *, runs: tuple[str, ...], every: bool, require: bool, format_name: str
) -> ExitCode:
    """Say who has signed RUNs, with which key, and whether git trusts it.

    A..B stands for the runs that B has on the branch and A does not. Git itself checks, by its
    own settings: `gpg.ssh.allowedSignersFile`, the keyring. The exit code is 1 if a signature
    is bad or its key was revoked; with --require also if one is missing, past its date or of
    nobody who is trusted. A run that has none is good if a signed tag of somebody trusted is on it.

    \b
    Examples:
      gitexp verify-signatures latest
      gitexp verify-signatures latest~20..latest --require
      gitexp verify-signatures --all --csv
    """
    if bool(runs) == every:
        raise click.UsageError("name runs, or a range of them, or give --all")
    wanted = _all(project) if every else [one for text in runs for one in _named(project, text)]
    wanted = list({one.oid: one for one in wanted}.values())
    found = _checked(project, wanted)
    rows = [SignedRun.of(one.id, one.name, one.oid, found[one.oid]) for one in wanted]
    output.show(project, signatures_document(rows), format_name)
    _tell_what_next(project, found)
    wrong = any(one.is_forged or (require and not one.is_good) for one in found.values())
    return ExitCode.NO if wrong else ExitCode.OK


def _all(project: Project) -> list[StoredRun]:
    tip = project.runs.tip
    if tip is None:
        raise NoRuns
    return list(runs_between(project.repository, None, tip, project.catch_up))


def _named(project: Project, text: str) -> list[StoredRun]:
    if _RANGE not in text or find_run(project.runs, text) is not None:
        return [get_run(project, text)]
    start, _, end = text.partition(_RANGE)
    since = _commit(project, start) if start else None
    tip = _commit(project, end) if end else project.runs.tip
    if tip is None:
        raise NoRuns
    return list(runs_between(project.repository, since, tip))


def _commit(project: Project, text: str) -> str:
    """Return the commit of a run, or of the branch, that is the end of a range."""
    found = find_run(project.runs, text)
    if found is not None:
        return found.oid
    oid = None if text.startswith("-") else project.repository.objects.commit(text)
    if oid is None:
        raise GitexpError(f"no run or commit '{text}'", hint="`gitexp ls` lists all runs.")
    check_ours(project.repository, text, oid)
    return oid


def _checked(project: Project, runs: list[StoredRun]) -> dict[str, Signature]:
    done = 0
    with progress_line() as show:

        def checked(more: int) -> None:
            nonlocal done
            done += more
            if show is not None and done < len(runs):
                show(f"checked {done:,} of {len(runs):,} signatures")

        return signatures_of(project.repository, [one.oid for one in runs], checked)


def _tell_what_next(project: Project, found: Mapping[str, Signature]) -> None:
    config = project.repository.config
    states = {one.state: oid for oid, one in found.items()}
    if "unchecked" in states:
        tell(f"hint: `git verify-commit {states['unchecked'][:10]}` says why git cannot check it.")
    if "untrusted" in states and (
        config.get("gpg.format") == "ssh" and "gpg.ssh.allowedsignersfile" not in config
    ):
        tell("hint: `git config gpg.ssh.allowedSignersFile FILE` names those whom git trusts.")
    if states.keys() == {"none"} and not wants_signature(project.repository):
        tell("hint: `git config commit.gpgSign true` has git sign runs as well.")
