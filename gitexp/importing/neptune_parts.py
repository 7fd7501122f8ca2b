"""The Parquet files that `neptune-exporter` writes: a row for each value of a run or a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from gitexp.errors import GitexpError
from gitexp.importing.store_files import folders, is_folder
from gitexp.metrics.own_files import opened_plain

FIRST = "_part_0.parquet"
TMP = ".tmp"
"""Behind the name of a part while it is being written."""
MODEL_DATA, _REGISTRY = "model_data", ("models", "model_versions")
"""Where the exporter puts the model registry, and the folders of a project in it."""
_ROWS = 50_000
"""Rows that are in memory at once."""
_NEEDED = ("project_id", "run_id", "attribute_path", "attribute_type", "step", "timestamp")

Row = dict[str, Any]


class Parts:
    """The files of a run: `NAME_part_0.parquet` and so on."""

    def __init__(self, first: Path) -> None:
        self._first = first

    def identity(self) -> tuple[str, str]:
        """Return project and id of the run; raises GitexpError for what is no such file."""
        for row in _rows(self._first, ["project_id", "run_id"], 1):
            project, run = row["project_id"], row["run_id"]
            if isinstance(project, str) and isinstance(run, str):
                return project, run
        raise GitexpError(f"'{self._first.name}' names no run")

    def rows(self) -> Iterator[Row]:
        """Yield the rows of all parts; raises GitexpError where one is missing or damaged."""
        stem = self._first.name.removesuffix("0.parquet")
        number = 0
        file = self._first
        while file.exists():
            yield from _rows(file, None, _ROWS)
            number += 1
            file = self._first.with_name(f"{stem}{number}.parquet")
        later = re.compile(rf"{re.escape(stem)}(\d{{1,9}})\.parquet")
        names = (later.fullmatch(one.name) for one in self._first.parent.iterdir())
        if any(found is not None and int(found[1]) > number for found in names):
            raise GitexpError(f"'{file.name}' is missing, and there are parts after it")


def models_in(data: Path) -> Iterator[str]:
    """Yield the ids of models and of their versions, which `export-models` writes."""
    projects = folders(data) if is_folder(data.parent, data.name) else ()
    for project in projects:
        for kind in _REGISTRY:
            if is_folder(project, kind):
                yield from (one.name.removesuffix(FIRST) for one in firsts_in(project / kind))


def firsts_in(project: Path) -> Iterator[Path]:
    """Yield the first part of each run: it is the last one to be given its name."""
    names = {one.name for one in project.iterdir()}
    for name in sorted(names):
        if name.endswith(FIRST) or (
            name.endswith(f"{FIRST}{TMP}") and name[: -len(TMP)] not in names
        ):
            yield project / name


def require_parquet() -> Any:
    """Return what reads Parquet; raises GitexpError if it is not installed."""
    try:
        return import_module("pyarrow.parquet")  # 100 ms
    except ImportError as error:
        raise GitexpError(
            "an export of Neptune's is read by the package 'pyarrow', which is not installed",
            "`pip install pyarrow` installs it beside gitexp.",
        ) from error


def _rows(file: Path, columns: list[str] | None, size: int) -> Iterator[Row]:
    parquet = require_parquet()
    try:
        with opened_plain(file) as plain, parquet.ParquetFile(plain) as opened:
            _check(file, opened.schema_arrow.names)
            for batch in opened.iter_batches(batch_size=size, columns=columns):
                yield from batch.to_pylist()
    except (GitexpError, OSError):
        raise
    except Exception as error:  # pyarrow's, of several bases
        raise GitexpError(f"'{file.name}' is damaged or not whole ({error})") from error


def _check(file: Path, columns: list[str]) -> None:
    for one in _NEEDED:
        if one not in columns:
            raise GitexpError(f"'{file.name}' has no column '{one}'")
