"""The columns of a list for what a run was to find out, and what people said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from gitexp.model.command.rest import command_rest, rests_differ
from gitexp.rendering.run_rows import Row, UnreadableRun
from gitexp.rendering.table import Column

_TAGS, _MESSAGE = 20_001, 30_001
_VERIFIED = _TAGS + 1
_COMMAND = _MESSAGE + 1
"""Their ranks, between those of one param and of the other values: `rendering.ls` has these."""

_Cell: TypeAlias = Callable[[Row], object]


def said_columns(rows: Sequence[Row]) -> Iterator[tuple[Column, _Cell]]:
    """Yield those that have something to show."""
    yield from _command_column(rows)
    yield from _verified_column(rows)
    yield from _hypothesis_column(rows)
    yield from _tags_column(rows)
    yield from _message_column(rows)


def _hypothesis_column(rows: Sequence[Row]) -> Iterator[tuple[Column, _Cell]]:
    if any(map(_hypothesis, rows)):
        yield Column("hypothesis", "mark", rank=_TAGS), _hypothesis


def _hypothesis(row: Row) -> str:
    found = None if isinstance(row.run, UnreadableRun) else row.run[1].hypothesis
    return "" if found is None else found.verdict or "not judged"


def _tags_column(rows: Sequence[Row]) -> Iterator[tuple[Column, _Cell]]:
    if any(map(_tags, rows)):
        yield Column("tags", rank=_TAGS, limit=40, shortest=12), _tags


def _tags(row: Row) -> str:
    return "" if isinstance(row.run, UnreadableRun) else ", ".join(row.run[1].tags)


def _verified_column(rows: Sequence[Row]) -> Iterator[tuple[Column, _Cell]]:
    if any(map(_verified, rows)):
        yield Column("verified", rank=_VERIFIED), _verified


def _verified(row: Row) -> str:
    found = None if isinstance(row.run, UnreadableRun) else row.run[1].verified
    return "" if found is None else found.answer.result


def _command_column(rows: Sequence[Row]) -> Iterator[tuple[Column, _Cell]]:
    """Yield the commands if they differ in more than their params, which they then go without."""
    if rests_differ(row.run[1].command for row in rows if not isinstance(row.run, UnreadableRun)):
        yield Column("command", rank=_COMMAND, limit=40, shortest=16), _command


def _command(row: Row) -> str:
    return "" if isinstance(row.run, UnreadableRun) else command_rest(row.run[1].command)


def _message_column(rows: Sequence[Row]) -> Iterator[tuple[Column, _Cell]]:
    if any(map(_message, rows)):
        yield Column("message", rank=_MESSAGE, limit=40, shortest=16), _message


def _message(row: Row) -> str:
    run = row.run
    if isinstance(run, UnreadableRun):
        return ""
    return next(iter(run[1].message.strip().splitlines()), "")
