"""Reads tables of runs, a row for each: what W&B, MLflow and gitexp export, and any other."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from gitexp.importing.csv_cells import seconds_in, value_of_cell
from gitexp.importing.csv_check import check_rows
from gitexp.importing.csv_columns import Columns, Wanted, cell, columns_of
from gitexp.importing.csv_dates import moment_by, why_no_moment
from gitexp.importing.foreign import End, ForeignRun, Found, NoStore, Unreadable, foreign_id
from gitexp.importing.mlflow_run import command_words
from gitexp.metrics.tables import delimiter_of, value_in
from gitexp.model.names import is_id
from gitexp.model.values import Value, is_number, loads

_HEAD = 65_536
"""Bytes in which what stands between cells shows."""
_ENDS: Mapping[str, End] = {
    **dict.fromkeys(("done", "finished", "completed", "complete", "success", "succeeded"), "done"),
    **dict.fromkeys(("failed", "crashed", "error", "failure"), "failed"),
    **dict.fromkeys(("interrupted", "killed", "stopped", "aborted", "preempted"), "interrupted"),
    **dict.fromkeys(("running", "scheduled", "pending", "queued"), "running"),
}
_ALMOST_A_NUMBER = re.compile(r"[-+]?\d[\d.,' ]*%?")
"""What a person takes for a number, and nobody else does."""
_CHART = re.compile(r".+ - .+(__MIN|__MAX)?")
"""A column of what W&B exports of a chart: `RUN - METRIC`."""


def found(file: Path, wanted: Wanted, tell: Callable[[str], None]) -> Iterator[Found | Unreadable]:
    """Return the runs of a table; what its columns were taken for is told.

    Raises NoStore for a file that is no table of runs, GitexpError for rows that cannot all come.
    """
    if not file.is_file():
        raise NoStore(
            f"there is no file '{file}'" if not file.exists() else f"'{file}' is not a file",
            hint="Name a table with a row for each run, and a first line of names.",
        )
    lines = _lines(file)
    _, head = next(lines, (0, []))
    _check_head(head, file)
    columns = columns_of(head, wanted)
    tell(f"note: columns: {columns.told()}")
    rows = _lines(file)
    next(rows, None)
    check_rows(rows, head, columns, file.name)
    return _found(lines, head, columns, file.stat().st_mtime)


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row that has any, and the number of its last line."""
    try:
        with file.open("rb") as start:
            first = start.read(_HEAD).decode("utf-8-sig", errors="replace").lstrip()
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, delimiter=delimiter_of(first, file.name), strict=True)
            yield from ((reader.line_num, cells) for cells in reader if any(cells))
    except UnicodeDecodeError as error:
        raise NoStore(f"'{file}' is not UTF-8: {error.reason}", hint="Save it as UTF-8.") from error
    except csv.Error as error:
        raise NoStore(f"'{file}' is not a valid table: {error}") from error
    except OSError as error:
        raise NoStore(f"'{file}' cannot be read: {error.strerror}") from error


def _check_head(head: Sequence[str], file: Path) -> None:
    if not any(cell.strip() for cell in head):
        raise NoStore(f"'{file}' is empty", hint="Its first line has to name the columns.")
    if all(is_number(value_in(cell.strip())) for cell in head if cell.strip()):
        raise NoStore(
            f"'{file}' begins with numbers, not with the names of its columns",
            hint="Write a first line that names them: `name,lr,accuracy`.",
        )
    rest = [one for one in head[1:] if one.strip()]
    if head[0].lower() in ("step", "_step", "epoch") and rest and all(map(_CHART.fullmatch, rest)):
        raise NoStore(
            f"'{file}' is a chart's data, with a row for each step",
            hint="Export the table of the runs instead; curves come by `gitexp import wandb`.",
        )


def _found(
    lines: Iterator[tuple[int, list[str]]], head: Sequence[str], columns: Columns, modified: float
) -> Iterator[Found | Unreadable]:
    seen: Counter[str] = Counter()
    for number, cells in lines:
        label = cell(cells, columns.roles.get("name")) or f"line {number}"
        if len(cells) > len(head):
            yield Unreadable(label, f"line {number} has more cells than names")
            continue
        key, run_id = _key(columns, head, cells, seen)
        yield Found(key, label, partial(_read, columns, cells, modified), run_id, is_compared=True)


def _key(
    columns: Columns, head: Sequence[str], cells: Sequence[str], seen: Counter[str]
) -> tuple[str, str]:
    """Return what names a run for good: its id, else what its row holds; and its id here."""
    told = cell(cells, columns.roles.get("key"))
    if told:
        if columns.is_ours and is_id(told):
            return told, told
        return told, foreign_id("mlflow", told) if columns.is_mlflow else ""
    row = dict(sorted((name, text) for name, text in zip(head, cells, strict=False) if text))
    content = hashlib.sha256(repr(row).encode(errors="surrogatepass")).hexdigest()
    seen[content] += 1
    return (content if seen[content] == 1 else f"{content}#{seen[content]}"), ""


def _read(columns: Columns, cells: Sequence[str], modified: float) -> ForeignRun:
    def told(role: str) -> str:
        return cell(cells, columns.roles.get(role))

    started, ended = (moment_by(told(role), columns.dates) for role in ("started", "ended"))
    problems = [
        f"{role} '{told(role)}' {why_no_moment(columns.dates)}"
        for role, moment in (("started", started), ("ended", ended))
        if moment is None and told(role)
    ]
    took = seconds_in(told("duration"))
    is_dated = started is not None or ended is not None
    if not is_dated:
        started = modified
        problems.append("nothing says when it was: the date of the file stands for that")
    if started is None and ended is not None:
        started = ended - (took or 0)
    if ended is None and started is not None:
        ended = started + (took or 0)
    code = value_in(told("code"))
    metrics = _values(columns.metrics, cells)
    problems += [
        f"metric '{name}' is the text '{value}', and no number"
        for name, value in metrics.items()
        if isinstance(value, str) and _ALMOST_A_NUMBER.fullmatch(value)
    ]
    return ForeignRun(
        name=told("name"),
        end=_ENDS.get(told("status").lower(), "done"),
        exit_code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        started=started,
        ended=ended,
        is_dated=is_dated,
        command=command_words(told("command")),
        commit=told("commit") or None,
        message=told("message"),
        tags=_tags(told("tags")),
        user=told("user") or None,
        host=told("host") or None,
        params=_values(columns.params, cells),
        metrics=metrics,
        labels={name: text for name, at in columns.labels.items() if (text := cell(cells, at))},
        problems=tuple(problems),
    )


def _values(columns: Mapping[str, int], cells: Sequence[str]) -> dict[str, Value]:
    found = ((name, cell(cells, at)) for name, at in columns.items())
    return {name: value_of_cell(text) for name, text in found if text}


def _tags(text: str) -> tuple[str, ...]:
    """Return the tags in a cell: a list as JSON, or words with commas between them."""
    if text.startswith("["):
        try:
            said = loads(text)
        except ValueError:
            said = None
        if isinstance(said, list):
            return tuple(str(one) for one in said)
    return tuple(filter(None, (one.strip() for one in text.split(","))))
