"""Progress files as rows: JSON lines, CSV, DVCLive's TSV, or one document that is rewritten."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from gitexp.metrics.tables import is_beyond_measure
from gitexp.model.values import flatten, is_number


class Reader(Protocol):
    """Makes rows of the whole lines of a file that grows."""

    def rows(self, lines: Iterable[str]) -> Iterator[Mapping[str, Any]]: ...


class JsonLines:
    """A mapping a line, nested or flat; other lines are passed over."""

    def rows(self, lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Return the mappings, flat."""
        for line in lines:
            row = document(line)
            if row is not None:
                yield row


class Separated:
    """A row a line, below a line with the names; another such line may follow further down."""

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._names: list[str] | None = None
        self._words: frozenset[str] = frozenset()
        """The names that cannot be values."""

    def rows(self, lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Return the rows by the names; one with too few or too many cells is passed over."""
        for line in lines:
            cells = self._cells(line)
            if cells and (self._names is None or not self._words.isdisjoint(cells)):
                self._names = cells
                self._words = frozenset(
                    cell for cell in cells if cell and isinstance(_number(cell), str)
                )
            elif self._names is not None and len(cells) == len(self._names):
                yield dict(zip(self._names, map(_number, cells), strict=True))

    def _cells(self, line: str) -> list[str]:
        try:
            found = next(csv.reader([line], delimiter=self._separator), [])
        except csv.Error:
            return []
        return [] if is_beyond_measure(found) else [cell.strip() for cell in found]


def reader_of(name: str) -> Reader | None:
    """Return what reads a file of that name line by line; None for a document.

    >>> reader_of("metrics.json") is None, type(reader_of("a/loss.tsv")).__name__
    (True, 'Separated')
    """
    ending = name.rpartition(".")[2].lower()
    if ending == "json":
        return None
    separator = {"csv": ",", "tsv": "\t"}.get(ending)
    return JsonLines() if separator is None else Separated(separator)


def document(text: str) -> Mapping[str, Any] | None:
    """Return a JSON mapping by dotted names; None for what is none, or is half written."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return flatten(values) if isinstance(values, dict) else None


def number_of(value: object) -> float | None:
    """Return a number as a float, one beyond all floats as an infinity; None for what is none."""
    if not is_number(value):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
