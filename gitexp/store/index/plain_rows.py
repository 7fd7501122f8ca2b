"""The rows of records that gitexp itself wrote in ASCII: of nearly all, in half the time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import DecodeError

from gitexp.comparison.query.run_values import on_a_line
from gitexp.model.facts import NO_FACTS
from gitexp.model.many_records import many_decoder, many_reader, may_be_decoded
from gitexp.model.record import inputs_text
from gitexp.model.sweep_point import SweepPoint
from gitexp.store.index.cells import MOST
from gitexp.store.index.flat import flat
from gitexp.store.index.rows import RunRows, curves, encoded, rows_of
from gitexp.store.stored_run import StoredRun

_TIME = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_FIRST, _LAST = "0002", "9998"
"""The years that `record_check` takes."""
_HASH = re.compile(r"[0-9A-Za-z]*(?:\.dir)?")
_NO_SWEEP = (None,) * 4


class _NotPlain(ValueError):
    """It is to be looked at more closely."""


@cache
def many_rows() -> Callable[[StoredRun], RunRows]:
    """Return what makes the rows of runs as `rows_of` does."""
    decode, read = many_decoder(), many_reader()

    def rows(run: StoredRun) -> RunRows:
        content = run.content
        if run.facts is NO_FACTS and _is_plain(content):
            try:
                return _rows(run, decode(content))
            except (DecodeError, ValueError, RecursionError):
                pass
        return rows_of(run, read)

    return rows


def _is_plain(content: bytes) -> bool:
    """Return whether all texts are ASCII; the decoder refuses control characters."""
    return content.isascii() and b"\\u" not in content and may_be_decoded(content)


def _rows(run: StoredRun, written: Any) -> RunRows:
    pointers = written.pointers
    if not all(map(_HASH.fullmatch, [one.md5 for one in pointers])):
        raise _NotPlain
    made = [one for one in pointers if one.role == "output"]
    return RunRows(
        run,
        encoded(run.project),
        _attributes(written),
        flat(written.metrics),
        flat(written.params),
        curves(written.series),
        written.tags,
        (*map(encoded, written.outputs), *[encoded(f"{one.path}.dvc") for one in made]),
        tuple([(encoded(one.path), one.md5) for one in made]),
    )


def _attributes(written: Any) -> tuple[object, ...]:
    started, ended = written.started, written.ended
    hypothesis = written.hypothesis
    return (
        written.status,
        written.exit.reason,
        None,
        started,
        ended,
        (_moment(ended) - _moment(started)).total_seconds(),
        on_a_line(written.command) or None,
        written.message.strip() or None,
        hypothesis.verdict if hypothesis is not None else None,
        written.baseline or None,
        written.user,
        written.host,
        inputs_text(written.inputs),
        *(_NO_SWEEP if written.point is None else _sweep(written.sweep, written.point)),
    )


def _moment(text: str) -> datetime:
    """Return a moment without its zone, which is UTC."""
    found = _TIME.fullmatch(text)
    if found is None or not _FIRST <= found[1] <= _LAST:
        raise _NotPlain
    return datetime.fromisoformat(text[:-1])


def _sweep(sweep: str | None, point: SweepPoint) -> tuple[object, ...]:
    if sweep is None or max(abs(point.number), abs(point.repeat)) > MOST:
        raise _NotPlain
    return sweep, point.sweep or None, point.number, point.repeat
