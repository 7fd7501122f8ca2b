"""`gitexp verify`: whether a run gives the same again."""

from __future__ import annotations

import math
import os

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.ending import status_of_command, stdout_for_record, used_environment
from gitexp.cli.launchers import check_rank
from gitexp.cli.options import format_option, recover_runs, tell, with_project
from gitexp.cli.running_options import (
    copied_option,
    environment_option,
    incomplete_option,
    timeout_option,
)
from gitexp.errors import ExitCode
from gitexp.model.ranks import rank_above_zero
from gitexp.model.verification import verification_value
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.rendering.verification import verify_document
from gitexp.rerunning.original import read_original
from gitexp.rerunning.rerun import Wanted
from gitexp.rerunning.verify import Demand, check_verifiable
from gitexp.rerunning.verify import verify as verify_run
from gitexp.store.facts import append


def _tolerances(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """Read `METRIC=NUMBER`; a number alone is for all metrics."""
    found = []
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            most = float(number)
        except ValueError:
            most = -1.0
        if not 0 <= most < math.inf:
            raise click.BadParameter(f"'{text}': give a number such as accuracy=0.001, or 0.001")
        found.append((name or "*", most))
    return tuple(found)


@click.command()
@click.argument("run", metavar="RUN", shell_complete=complete_run)
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="[METRIC=]NUMBER",
    callback=_tolerances,
    help="How far a metric may be off; else as the policy says.",
)
@click.option(
    "--repeat", type=click.IntRange(1, 100), default=1, metavar="N", help="Run it N times."
)
@click.option(
    "--unpickle", is_flag=True, help="Unpickle what cannot be compared otherwise; this runs code."
)
@environment_option
@click.option("--by-hash", is_flag=True, help="Go on if an output of the first time is gone.")
@click.option("--record", is_flag=True, help="Record each rerun as a run, too.")
@copied_option("An ignored PATH to copy from here.")
@incomplete_option
@timeout_option
@format_option
@with_project
def verify(
    project: Project,
    *,
    run: str,
    tolerances: tuple[tuple[str, float], ...],
    repeat: int,
    unpickle: bool,
    in_environment: bool,
    by_hash: bool,
    record: bool,
    copied: tuple[str, ...],
    incomplete: bool,
    timeout: float | None,
    format_name: str,
) -> int:
    """Run the command of RUN again as `gitexp rerun` does, and say whether it gives the same.

    Metrics are compared within the policy's tolerances; outputs by their bytes, and where these
    differ by what they hold. The answer is kept with RUN, and shown by `show` and `ls`. Exits
    with 0 if the run is reproduced, with 1 if not, and with 2 if nothing could be started. A
    rerun that was interrupted, or took longer than --timeout, is no answer, and nothing is kept.

    \b
    Examples:
      gitexp verify brave-otter-7f
      gitexp verify brave-otter-7f --tolerance accuracy=0.001 --repeat 3
    """
    if rank_above_zero(os.environ) is not None:
        check_rank(os.environ, sets_params=False, in_copy=True)
    recover_runs(project, most_bytes=None)
    found = get_run(project, run)
    may_lack = found.record.left_out if incomplete and found.problem is None else copied
    original = read_original(project, found, may_lack=may_lack)
    demand = Demand(tolerances, repeat, unpickle, by_hash)
    check_verifiable(project, original, demand)
    wanted = Wanted(timeout=timeout, copied=copied, incomplete=incomplete, unrecorded=not record)
    with (
        stdout_for_record(as_json=True),  # stdout is for the answer
        used_environment(project, found, wanted=in_environment) as python,
    ):
        wanted = replace(wanted, python=python)
        compared = verify_run(project, original, demand, wanted, tell)
    if compared.ending.record.status == "interrupted":
        tell(f"error: the rerun of '{found.name}' was interrupted, so nothing is kept of it")
        return status_of_command(compared.ending)
    append(project.repository, [(found, "verify", verification_value(compared.answer))])
    document = verify_document(found.name, compared.answer, original.record, compared.ending.record)
    output.show(project, document, format_name)
    return ExitCode.OK if compared.answer.is_reproduced else ExitCode.NO
