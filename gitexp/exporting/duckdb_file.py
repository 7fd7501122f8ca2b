"""Runs as a DuckDB database: tables `runs` and `curves`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gitexp.exporting.curves import Value
from gitexp.exporting.frame import Frame
from gitexp.exporting.library import library
from gitexp.exporting.parquet import batches, curve_batches, curve_schema, schema_of
from gitexp.exporting.whole import whole

if TYPE_CHECKING:
    import pyarrow as pa


def write_database(frame: Frame, curves: Iterable[list[Value]], target: Path) -> None:
    """Write runs and curves; raises GitexpError if duckdb or pyarrow is not installed."""
    duckdb, arrow = library("duckdb"), library("pyarrow")
    tables: dict[str, tuple[pa.Schema, Iterator[pa.RecordBatch]]] = {
        "runs": (schema_of(frame), batches(frame)),
        "curves": (curve_schema(), curve_batches(curves)),
    }
    with whole(target) as place, duckdb.connect(str(place)) as database:
        database.execute("SET TimeZone = 'UTC'")
        for name, (schema, found) in tables.items():
            database.register("part", arrow.Table.from_batches([], schema))
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM part")  # noqa: S608 - our names
            for batch in found:
                database.register("part", arrow.Table.from_batches([batch], schema))
                database.execute(f"INSERT INTO {name} SELECT * FROM part")  # noqa: S608
            database.unregister("part")
