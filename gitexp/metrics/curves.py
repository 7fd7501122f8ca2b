"""The curves in tables, logs and event files of other tools: all of their rows, not one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from gitexp.metrics.reading import (
    LARGEST_LOG,
    curve_prefix,
    is_events,
    kind_of,
)
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import flatten, is_number
from gitexp.series.series import (
    Series,
    Step,
    series_by_key,
    series_of_points,
    series_of_steps,
)

_STEPS = (
    *("step", "_step", "global_step", "steps", "iteration", "iter", "training_iteration"),
    *("epoch", "epochs"),
)
"""What columns are called that count, the finest first."""
_TIMES = frozenset({"time", "timestamp", "total_time", "time_total_s", "_timestamp", "_runtime"})
_OF_DVCLIVE = re.compile(r"(?:.*/)?plots/metrics/(.+)\.tsv")
_KINDS = frozenset({"table", "lines", "events", "wandb"})


def may_hold_curves(path: str) -> bool:
    """Return whether a file may hold more than one value of a metric, by its name alone.

    >>> may_hold_curves("dvclive/plots/metrics/train/loss.tsv"), may_hold_curves("metrics.yaml")
    (True, False)
    """
    return kind_of(path) in _KINDS or path.endswith(".json")


def is_dvclives(path: str) -> bool:
    """Return whether DVCLive puts a curve into a file that is called so."""
    return _OF_DVCLIVE.fullmatch(path) is not None


def read_curves(content: bytes, path: str) -> dict[str, Series]:
    """Return the curves in a file; none in one that holds but one value of each metric.

    Raises GitexpError for what cannot be read.
    """
    if len(content) > LARGEST_LOG or not may_hold_curves(path):
        return {}
    if is_events(path):
        from gitexp.metrics.events import read_points  # noqa: PLC0415 - 1 ms, where there are such files

        return series_by_key(read_points(content, path))
    found = curves_of_rows(_rows(content, path))
    own = _OF_DVCLIVE.fullmatch(path)
    if own is None:
        return found
    key = own[1]
    return {key: _called(one, key) for one in [*found.values()][-1:]}  # noqa: B035 - one at most


def _rows(content: bytes, path: str) -> Iterable[Mapping[str, object]]:
    # 6 ms together, where there are such files
    kind = kind_of(path)
    if kind == "table":
        from gitexp.metrics.tables import read_rows  # noqa: PLC0415 - as above

        return read_rows(content, path)
    if kind == "wandb":
        from gitexp.metrics.wandb_file import read_history  # noqa: PLC0415 - as above

        return [flatten(one) for one in read_history(content)]
    from gitexp.metrics import logs  # noqa: PLC0415 - as above

    if kind == "lines" or logs.are_lines(content):
        return [flatten(one) for one in logs.rows_of_lines(content, path)]
    values = parse_document(content, path)
    return [flatten(one) for one in logs.rows_of_history(values)]


def curves_of_rows(rows: Iterable[Mapping[str, object]]) -> dict[str, Series]:
    """Return the columns of rows as curves, by what counts in them; else by the rows' numbers.

    >>> rows = [{"epoch": 1, "step": 10, "loss": 0.5}, {"epoch": 2, "step": 20, "acc": 0.9}]
    >>> {key: (one.steps, one.values) for key, one in curves_of_rows(rows).items()}
    {'epoch': ([10, 20], [1, 2]), 'loss': ([10], [0.5]), 'acc': ([20], [0.9])}
    """
    known = list(rows)
    names = {name for row in known for name in row}
    counter = next((name for name in _STEPS if name in names), None)
    columns: dict[str, dict[Step, tuple[float, float | None]]] = {}
    last: Step = -1
    for row in known:
        step = row.get(counter) if counter is not None else last + 1
        if is_number(step) and not math.isnan(step):
            last = step
        for name, value in row.items():
            if name != counter and name not in _TIMES and isinstance(value, int | float):
                columns.setdefault(name, {})[last] = float(value) if value is True else value, None
    made = ((name, series_of_steps(name, points)) for name, points in columns.items())
    return {name: one for name, one in made if one is not None}


def joined_curves(files: Mapping[str, Mapping[str, Series]]) -> dict[str, Series]:
    """Return the curves of several files by keys that differ.

    Those of event files are named as TensorBoard names them; of the rest, the second curve of a
    name has its file in front.
    """
    events = [path for path in files if is_events(path)]
    found: dict[str, Series] = {}
    for path, curves in files.items():
        prefix = curve_prefix(path, events) if path in events else ""
        for name, one in curves.items():
            key = f"{prefix}{name}"
            if key in found and path in events:
                points = [*_points(found[key]), *_points(one)]
                one = series_of_points(key, points) or one  # noqa: PLW2901 - goes on in another file
            elif key in found:
                key = f"{path}:{key}"
            found[key] = _called(one, key)
    return found


def _points(series: Series) -> Iterable[tuple[Step, float, None]]:
    return ((step, value, None) for step, value in zip(series.steps, series.values, strict=True))


def _called(series: Series, key: str) -> Series:
    return Series(key, series.steps, series.values, series.times)
