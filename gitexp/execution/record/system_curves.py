"""What a command used of its machine, as curves over the seconds since it started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitexp.model.system import Row, in_order
from gitexp.revisions.series_files import SERIES_FOLDER, SYSTEM
from gitexp.series.series import Series
from gitexp.series.tables import ENDING, read_tables, write_tables

_FEWEST = 10
"""Rows that make a curve: of a run of a few seconds, means and peaks say it all."""


def system_curves(rows: Sequence[Row], logged: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with the curves, by name in the project; none of a short run.

    What was logged itself into the same table, by file in `.gitexp`, stays in it, and counts.
    """
    if len(rows) < _FEWEST:
        return {}
    names = in_order({name for row in rows for name in row.means})
    curves = [_curve(name, [row for row in rows if name in row.means]) for name in names]
    same = logged.get(f"series/{SYSTEM}{ENDING}", b"").decode()
    tables = write_tables({**{one.key: one for one in curves}, **read_tables({SYSTEM: same})})
    return {f"{SERIES_FOLDER}/{name}": text.encode() for name, text in tables.items()}


def _curve(name: str, rows: Sequence[Row]) -> Series:
    return Series(f"{SYSTEM}/{name}", [row.at for row in rows], [row.means[name] for row in rows])
