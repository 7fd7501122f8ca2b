"""Tables of metrics, CSV and TSV: a line of names, then a line for each epoch or step."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator

from gitexp.errors import GitexpError
from gitexp.metrics.rows import Row, best, counters_last, last
from gitexp.model.documents.reading import decode
from gitexp.model.policy import Policy
from gitexp.model.values import Scalar, Value, is_number

_INT = re.compile(r"[+-]?\d{1,300}")
_TRUTHS = {"true": True, "false": False}
_RANK = re.compile(r"rank_test_.*")
"""In the table that scikit-learn's searches make of `cv_results_`: 1 is the best."""

_LONGEST = 100_000

_Text = dict[str, str]


def read_table(content: bytes, name: str, row: Row | None, policy: Policy) -> dict[str, Value]:
    """Return the numbers of the rows that stand for the run; other cells are no metrics.

    Raises GitexpError for a table without names, or without numbers.
    """
    rows = list(_rows(content, name))
    chosen = best(rows, policy, value_in) if row == "best" else None
    if chosen is None:
        chosen = (_ranked_first(rows) if row is None else None) or last(rows)
    values = {column: value_in(cell) for column, cell in chosen.items()}
    found: dict[str, Value] = {
        column: one for column, one in values.items() if not isinstance(one, str)
    }
    if rows and not found:
        raise GitexpError(f"'{name}' holds no numbers")
    return counters_last(found)


def read_rows(content: bytes, name: str) -> list[dict[str, Scalar]]:
    """Return all rows, numbers as numbers; raises GitexpError for a table without names."""
    rows = _rows(content, name)
    return [{column: value_in(cell) for column, cell in row.items()} for row in rows]


def _rows(content: bytes, name: str) -> Iterator[_Text]:
    """Yield each row without its empty cells.

    A last line without its end counts only with all its cells: a program that was killed may have
    got no further. That its last number is cut as well, nobody can see.
    """
    text = decode(content, name).lstrip()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, name))
    try:
        names = [cell.strip() for cell in next(reader, [])]
        if names and all(is_number(value_in(cell)) for cell in names if cell):
            raise GitexpError(
                f"'{name}' begins with numbers, not with the names of its columns",
                "Write a first line that names them: `epoch,loss`.",
            )
        kept: list[str] = []
        for cells in reader:
            if is_beyond_measure(cells):
                raise csv.Error(f"a cell has more than {_LONGEST:,} characters")  # noqa: TRY301 - told like the others
            yield from _row(names, kept)
            kept = cells
    except csv.Error as error:
        line = reader.line_num
        raise GitexpError(f"'{name}' is not a valid table (line {line}: {error})") from error
    if text.endswith(("\n", "\r")) or len(kept) >= len(names):
        yield from _row(names, kept)


def is_beyond_measure(cells: Iterable[str]) -> bool:
    """Return whether a cell is too long to be one.

    By a limit of our own: some libraries lift that of the module `csv` for the whole process.
    """
    return any(len(cell) > _LONGEST for cell in cells)


def _row(names: list[str], cells: list[str]) -> Iterator[_Text]:
    found = {key: cell.strip() for key, cell in zip(names, cells, strict=False) if key}
    if row := {key: cell for key, cell in found.items() if cell}:
        yield row


def delimiter_of(text: str, name: str) -> str:
    """Return what stands between the cells of a table, by its first line and its name."""
    head = text.partition("\n")[0]
    if name.lower().endswith(".tsv") or ("\t" in head and "," not in head):
        return "\t"
    return ";" if ";" in head and "," not in head else ","


def value_in(cell: str) -> Scalar:
    """Return what a cell says: a number, true or false, or else its text.

    >>> value_in("1e-3"), value_in("12"), value_in("True"), value_in("1_000")
    (0.001, 12, True, '1_000')
    """
    if _INT.fullmatch(cell):
        return int(cell)
    try:
        return cell if "_" in cell else float(cell)
    except ValueError:
        return _TRUTHS.get(cell.lower(), cell)


def _ranked_first(rows: list[_Text]) -> _Text | None:
    """Return the row that a search ranks first, if the table is one of a search."""
    rank = next((name for row in rows[:1] for name in row if _RANK.fullmatch(name)), None)
    if rank is None:
        return None
    ranks = [(value_in(row.get(rank, "")), row) for row in rows]
    known = [(one, row) for one, row in ranks if is_number(one) and not math.isnan(one)]
    return min(known, key=lambda pair: pair[0])[1] if known else None
