"""`python -m benchmarks`: gitexp's budgets, measured side by side with its peers."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from benchmarks import (
    comparing,
    copies,
    crowd,
    folders,
    hooks,
    listing,
    logging_steps,
    many_files,
    models,
    packed,
    packed_series,
    pointing,
    pushing,
    recording,
    rerunning,
    reviewing,
    running,
    startup,
    sweeping,
)
from benchmarks.measure import Rounds
from benchmarks.report import RESULTS, write_results
from benchmarks.results import Outcome, Result, Unmeasured, explanations, text_table
from benchmarks.workshop import PeerMissing, ProgramFailed, Workshop, seal

Row = Callable[[Workshop], Iterator[Outcome]]

ROWS: dict[str, Row] = {
    "version": startup.version,
    "run": running.fresh,
    "run-again": running.again,
    "run-true": running.no_outputs,
    "diff": comparing.diff,
    "record": recording.whole,
    "record-commit": recording.commit,
    "packed": packed.packed,
    "logging": logging_steps.logging_steps,
    "logging-10000": logging_steps.ten_thousand,
    "logging-100000": logging_steps.hundred_thousand,
    "logging-packed": packed_series.packed_series,
    "ls": listing.thousand,
    "ls-mlflow": listing.beside_mlflow,
    "models": models.thousand,
    "temp": copies.temp,
    "rerun": rerunning.again,
    "at-once": crowd.at_once,
    "sweep": sweeping.grid,
    "sweep-dvc": sweeping.beside_dvc,
    "sweep-tiny": sweeping.tiny,
    "hooks": hooks.hooks,
    "drivers": hooks.drivers,
}
LARGE: dict[str, Row] = {
    "model-1gb": pointing.model,
    "folder-10k": pointing.folder,
    "many": listing.many,
    "many-first": listing.first,
    "push": pushing.one,
    "review": reviewing.reviewed,
    "folders": folders.growing,
    "files": many_files.large,
    "files-growth": many_files.growing,
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--rows", "names", multiple=True, type=click.Choice([*ROWS, *LARGE]), help="Only these rows."
)
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--patience",
    default=0.0,
    metavar="SECONDS",
    help="How long a round may wait for a moment in which nothing else runs.",
)
@click.option(
    "--large", is_flag=True, help="Also the rows that take minutes: several GB, 100,000 runs."
)
@click.option("--datalad", type=click.Path(exists=True), help="Where datalad is, if not on PATH.")
@click.option("--mlflow", type=click.Path(exists=True), help="Where mlflow is, if not on PATH.")
@click.option(
    "--hydra", type=click.Path(exists=True), help="A Python that has hydra-joblib-launcher."
)
@click.option("--before", type=click.Path(exists=True), help="An earlier build of gitexp.")
@click.option(
    "--loggers",
    type=click.Path(exists=True),
    help="A Python that has dvclive, wandb, tensorboardX, mlflow and trackio.",
)
@click.option("--write", is_flag=True, help=f"Write {RESULTS.name}; with --rows, these rows of it.")
def main(  # noqa: PLR0913 - the options of a command
    *,
    names: tuple[str, ...],
    rounds: int,
    patience: float,
    large: bool,
    datalad: str | None,
    mlflow: str | None,
    before: str | None,
    hydra: str | None,
    loggers: str | None,
    write: bool,
) -> None:
    """Run gitexp and its peers in turn; exit with 1 where a budget is not kept."""
    rows = ROWS | (LARGE if large or names else {})
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="gitexp-benchmarks-") as folder:
        seal(Path(folder) / "home")
        workshop = Workshop.open(
            Path(folder),
            Rounds(rounds, patience),
            datalad=datalad,
            mlflow=mlflow,
            hydra=hydra,
            before=before,
            loggers=loggers,
        )
        outcomes: list[Outcome] = []
        for name in names or rows:
            found = _measured(name, rows[name], workshop)
            click.echo(text_table(found), err=True)  # in case a later row never ends
            outcomes += found
        click.echo(f"\n{text_table(outcomes)}\n{explanations(outcomes)}", nl=False)
        if write:
            write_results(workshop, outcomes, load, whole=not names)
    sys.exit(0 if all(isinstance(one, Result) and one.is_met for one in outcomes) else 1)


def _measured(name: str, row: Row, workshop: Workshop) -> Sequence[Outcome]:
    click.echo(f"measuring {name}", err=True)
    try:
        return list(row(workshop))
    except PeerMissing as missing:
        return [Unmeasured(name, f"{missing}, so the row was skipped", failed=False)]
    except ProgramFailed as failed:
        return [Unmeasured(name, str(failed), failed=True)]


if __name__ == "__main__":
    main()
