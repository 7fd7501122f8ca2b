"""Curves as tables: one wide TSV a family, the step first, exact and short.

The names of the columns are the keys; `docs/reference/run-format.md` describes the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from gitexp.series.numbers import decimals_for, number_in, number_text
from gitexp.series.series import Series, Step, series_of_steps

STEP, TIME = "step", "time"
ENDING = ".tsv"
_ALONE = "metrics"
"""The family of the keys that name none."""
_UNSAFE = re.compile(r"[^0-9A-Za-z_-]+")
_LONGEST_NAME = 60
_MARK = "\\-"
"""Before a key that is called like a column of ours, or like nothing."""
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_MOST_CELLS, _SPARSE = 1_000_000, 20
"""A table larger than that must have a value in every twentieth cell."""
_ODD = re.compile(r"[\\\t\n\r\0]")
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {written[1]: letter for letter, written in _ESCAPES.items()} | {"-": ""}


def family(key: str) -> str:
    """Return the name of the table that a key belongs to: its first part, as a file may be called.

    >>> family("val/loss"), family("val.loss"), family("loss"), family("../x"), family("a b/c")
    ('val', 'val', 'metrics', 'metrics', 'a_b')
    """
    head, slash, _ = key.partition("/")
    if not slash:
        head, slash, _ = key.partition(".")
    name = _UNSAFE.sub("_", head).strip("_") if slash else ""
    return name[:_LONGEST_NAME].lower() or _ALONE


def write_tables(series: Iterable[Series] | Mapping[str, Series]) -> dict[str, str]:
    """Return the texts of the tables, by file name."""
    families: dict[str, list[Series]] = {}
    for one in series.values() if isinstance(series, Mapping) else series:
        families.setdefault(family(one.key), []).append(one)
    return {f"{name}{ENDING}": _table(families[name]) for name in sorted(families)}


def without_scattered(series: Mapping[str, Series]) -> dict[str, Series]:
    """Return the curves without those that share so few steps that a table of them is all empty.

    A key for each step, such as `loss_17`, makes a table as large as the square of its values.
    The longest curves stay.
    """
    steps: dict[str, set[Step]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    kept: set[str] = set()
    for key, one in sorted(series.items(), key=lambda item: -len(item[1].steps)):
        name = family(key)
        columns, points = sizes.get(name, (0, 0))
        columns, points = columns + 1, points + len(one.steps)
        every = steps.setdefault(name, set())
        more = {step for step in one.steps if step not in every}
        if columns * (len(every) + len(more)) <= max(_MOST_CELLS, _SPARSE * points):
            every |= more
            sizes[name] = columns, points
            kept.add(key)
    return {key: one for key, one in series.items() if key in kept}


def _table(series: list[Series]) -> str:
    cells: dict[Step, list[str]] = {}
    times: dict[Step, float] = {}
    for at, one in enumerate(series):
        for step, value in zip(one.steps, one.values, strict=True):
            row = cells.get(step)
            if row is None:
                row = cells[step] = [""] * len(series)
            row[at] = number_text(value)
        if one.times is not None:
            for step, time in zip(one.steps, one.times, strict=True):
                times.setdefault(step, time)
    steps = sorted(cells)
    head = [STEP, *([TIME] if times else []), *(_head(one.key) for one in series)]
    rows = [[number_text(step), *cells[step]] for step in steps]
    if times:
        decimals = decimals_for(max(times.values()) - min(times.values()))
        for row, step in zip(rows, steps, strict=True):
            row.insert(1, number_text(round(times[step], decimals)) if step in times else "")
    return "".join("\t".join(row) + "\n" for row in (head, *rows))


def _head(key: str) -> str:
    r"""Return what a column is called.

    >>> _head("a\tb"), _head("step"), _head("val/loss")
    ('a\\tb', '\\-step', 'val/loss')
    """
    text = _ODD.sub(lambda match: _ESCAPES[match[0]], key)
    return f"{_MARK}{text}" if text in ("", STEP, TIME) else text


def key_of_head(head: str) -> str:
    """Return the key that a column is of."""
    return _ESCAPED.sub(lambda match: _MEANT.get(match[1], match[0]), head)


def read_tables(texts: Mapping[str, str]) -> dict[str, Series]:
    """Return the curves in tables, by key; what is no number is passed over.

    A table may come from anybody, and its last line may be cut off.
    """
    found: dict[str, Series] = {}
    for name in sorted(texts):
        found |= _read(texts[name])
    return found


def _read(text: str) -> dict[str, Series]:
    lines = text.split("\n")
    head = lines[0].removesuffix("\r").split("\t")
    if head[0] != STEP:
        return {}
    has_time = head[1:2] == [TIME]
    columns = [key_of_head(one) for one in head[1 + has_time :]]
    points: list[dict[Step, tuple[float, float | None]]] = [{} for _ in columns]
    for line in islice(lines, 1, len(lines) - 1):
        cells = line.removesuffix("\r").split("\t")
        step = number_in(cells[0])
        if step is None or step != step:  # noqa: PLR0124 - NaN is no step
            continue
        time = number_in(cells[1]) if has_time and len(cells) > 1 else None
        for column, cell in zip(points, cells[1 + has_time :], strict=False):
            if cell and (value := number_in(cell)) is not None:
                column[step] = value, time
    made = zip(columns, points, strict=True)
    return {key: one for key, some in made if (one := series_of_steps(key, some)) is not None}
