"""CSV and Parquet, by their values."""

from __future__ import annotations

import contextlib
import csv
import itertools
import sys
from pathlib import Path
from typing import Any

from gitexp.contents.answer import EQUAL, Answer, by_names, differs, unknown
from gitexp.contents.values import same_value


def compare_csv(old: Path, new: Path) -> Answer:
    """Compare cells; what is a number in both is compared as one."""
    csv.field_size_limit(sys.maxsize)
    delimiter = "\t" if ".tsv" in new.suffixes or ".tsv" in old.suffixes else ","
    with (
        old.open(encoding="utf-8", newline="") as one,
        new.open(encoding="utf-8", newline="") as other,
    ):
        rows = itertools.zip_longest(
            csv.reader(one, delimiter=delimiter), csv.reader(other, delimiter=delimiter)
        )
        for number, (a, b) in enumerate(rows, 1):
            if a is None or b is None:
                return differs(f"row {number} is {'new' if a is None else 'missing'}")
            if len(a) != len(b):
                return differs(f"row {number} had {len(a)} cells, now {len(b)}")
            for was, now in zip(a, b, strict=True):
                if was != now and not _same_number(was, now):
                    return differs(f"row {number} had '{was}', now '{now}'")
    return EQUAL


def _same_number(one: str, other: str) -> bool:
    for kind in (int, float):  # a float would round the ids of rows
        with contextlib.suppress(ValueError):
            return same_value(kind(one), kind(other))
    return False


def compare_parquet(old: Path, new: Path) -> Answer:
    """Compare columns, by the first library that is installed."""
    try:
        from pyarrow import parquet  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return _with_polars(old, new)
    one, other = parquet.read_table(old), parquet.read_table(new)
    columns = _columns(
        {field.name: str(field.type) for field in one.schema},
        {field.name: str(field.type) for field in other.schema},
    )
    if columns != EQUAL:
        return columns
    for name in one.column_names:
        a, b = one.column(name), other.column(name)
        if not a.equals(b) and not _same_lists(a.to_pylist(), b.to_pylist()):
            return differs(f"column '{name}' holds other values")
    return EQUAL


def _with_polars(old: Path, new: Path) -> Answer:
    try:
        import polars as pl  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return unknown("neither pyarrow nor polars is installed")
    one, other = pl.read_parquet(old), pl.read_parquet(new)
    columns = _columns(
        {name: str(kind) for name, kind in one.schema.items()},
        {name: str(kind) for name, kind in other.schema.items()},
    )
    if columns != EQUAL:
        return columns
    for name in one.columns:
        if not one[name].equals(other[name]):
            return differs(f"column '{name}' holds other values")
    return EQUAL


def _columns(one: dict[str, str], other: dict[str, str]) -> Answer:
    names = by_names(set(one), set(other), "column")
    if names != EQUAL:
        return names
    odd = [name for name in one if one[name] != other[name]]
    return differs(f"column '{odd[0]}' was {one[odd[0]]}, now {other[odd[0]]}") if odd else EQUAL


def _same_lists(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(map(same_value, one, other))
