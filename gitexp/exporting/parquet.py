"""Runs as Parquet: typed columns that any data tool reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from gitexp.exporting.curves import Value
from gitexp.exporting.frame import Frame, Type
from gitexp.exporting.library import library
from gitexp.exporting.whole import whole

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 2000
"""Rows that are held at a time: some 10 KB each."""


def write_frame(frame: Frame, target: Path) -> None:
    """Write runs into a file; raises GitexpError if pyarrow is not installed."""
    _write(batches(frame), schema_of(frame), target)


def write_curves(curves: Iterable[list[Value]], target: Path) -> None:
    """Write curves into a file, likewise."""
    _write(curve_batches(curves), curve_schema(), target)


def _write(found: Iterable[pa.RecordBatch], schema: pa.Schema, target: Path) -> None:
    parquet = library("pyarrow.parquet", "pyarrow")
    with whole(target) as place, parquet.ParquetWriter(place, schema, compression="zstd") as file:
        for batch in found:
            file.write_batch(batch)


def schema_of(frame: Frame) -> pa.Schema:
    """Return the columns of runs with their types."""
    arrow = library("pyarrow")
    types = {
        Type.TRUTH: arrow.bool_(),
        Type.INTEGER: arrow.int64(),
        Type.NUMBER: arrow.float64(),
        Type.TEXT: arrow.string(),
        Type.MOMENT: arrow.timestamp("ms", "UTC"),
    }
    return arrow.schema([(_utf8(column.name), types[column.type]) for column in frame.columns])


def curve_schema() -> pa.Schema:
    """Return the columns of curves."""
    arrow = library("pyarrow")
    text, number = arrow.string(), arrow.float64()
    types = {"step": number, "seconds": number, "value": number}
    return arrow.schema([(name, types.get(name, text)) for name in Value._fields])


def batches(frame: Frame) -> Iterator[pa.RecordBatch]:
    """Yield runs, some at a time."""
    return _batches(frame.rows(), schema_of(frame))


def curve_batches(curves: Iterable[list[Value]]) -> Iterator[pa.RecordBatch]:
    """Yield the values of curves, a run at a time."""
    schema = curve_schema()
    for values in curves:
        yield from _batches(iter(values), schema)


def _batches(rows: Iterator[Sequence[object]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    arrow = library("pyarrow")
    while part := list(islice(rows, _AT_ONCE)):
        columns = zip(*part, strict=True)
        arrays = [
            arrow.array(map(_text, column) if field.type == arrow.string() else column, field.type)
            for column, field in zip(columns, schema, strict=True)
        ]
        yield arrow.record_batch(arrays, schema=schema)


def _text(value: object) -> object:
    """Return a text as UTF-8 has it: what is not is spelled out."""
    return _utf8(value) if isinstance(value, str) else value


def _utf8(text: str) -> str:
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
