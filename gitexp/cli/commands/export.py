"""`gitexp export`: all runs, in the formats of others."""

from __future__ import annotations

import click

from gitexp.cli.exports.folders import croissant, ro_crate
from gitexp.cli.exports.stores import mlflow
from gitexp.cli.exports.tables import csv, duckdb, parquet


@click.group()
def export() -> None:
    """Write all runs, or those named, in a format of others."""


for _format in (csv, parquet, duckdb, mlflow, croissant, ro_crate):
    export.add_command(_format)
