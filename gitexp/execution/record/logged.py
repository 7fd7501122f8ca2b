"""What a command logged with gitexp itself, as its run has it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, to_builtins

from gitexp.errors import GitexpError
from gitexp.execution.record.metrics import content_of
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.record.tree import RunTree
from gitexp.execution.stages import Started
from gitexp.metrics.reading import is_events
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.model.record import LARGEST_METRICS, LOGGED, Documents
from gitexp.model.values import Value, dumps, flatten, without_long_lists

if TYPE_CHECKING:
    from gitexp.series.series import Series

_FILE = lazy_pattern(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,120}")
"""What a picture's file may be called; the lines that name it may come from anybody."""
_LARGEST_LOG = 5_000_000
"""Bytes of a file of another tool that is read for its curves when a run is recorded."""
_MOST_FIGURES = 200
_SHOWN = 3
_ALONE = (
    "begun by the command itself with `gitexp.start()`: what it did before, and its output, "
    "are not recorded"
)


class LoggedByRun(Struct, frozen=True):
    """What was logged, for the record and for the folder of the run."""

    params: Mapping[str, Value] = {}
    metrics: Mapping[str, Value] = {}
    series: Mapping[str, dict[str, object]] = {}
    """Summaries of the curves, by key."""
    figures: Mapping[str, str] = {}
    files: Mapping[str, bytes] = {}
    """By path in the folder `.gitexp`."""
    artifacts: tuple[str, ...] = ()
    """Paths from the top that the script called its own."""
    notes: tuple[str, ...] = ()


NOTHING_LOGGED = LoggedByRun()


def logged_by(started: Started, outputs: Outputs, tree: RunTree) -> LoggedByRun:
    """Return what the command of a run logged; what went behind a pointer is now an output."""
    notes = (_ALONE,) if started.plan.request.alone else ()
    if not _anything(started.logged):
        return LoggedByRun(series=_summaries(started, _of_others(started, outputs)), notes=notes)
    # 4 ms, where something was logged
    from gitexp.execution.record.masked_names import with_masked_names  # noqa: PLC0415 - as above
    from gitexp.series.lines import FIGURES  # noqa: PLC0415 - as above
    from gitexp.series.logged import read_logged  # noqa: PLC0415 - as above
    from gitexp.series.tables import without_scattered, write_tables  # noqa: PLC0415 - as above

    found = with_masked_names(started, read_logged(started.logged))
    own = without_scattered(found.series)
    for text in _told(found.ignored, found.ranks, [key for key in found.series if key not in own]):
        started.tell(text)
    lost = "what `gitexp.artifact` names is not recorded"
    put = partial(_put_artifacts, started, outputs, tree, found.artifacts)
    artifacts = attempt(started.tell, lost, put, ())
    tables = {name: text.encode() for name, text in write_tables(own).items()}
    if sum(map(len, tables.values())) > started.project.config.max_series:
        from gitexp.execution.record.whole_curves import thinned  # noqa: PLC0415 - 25 ms with DVC's cache, where curves are long

        tables = thinned(started, outputs, tree, own, tables)
    lost, pictures = "figures are not recorded", started.logged / FIGURES
    figures = attempt(started.tell, lost, partial(_figures, started, pictures, found.figures), {})
    return LoggedByRun(
        params=_values(started, "params", found.params),
        metrics=_values(started, "metrics", found.metrics),
        series=_summaries(started, {**_of_others(started, outputs), **own}),
        figures={name: found.figures[name] for name in figures},
        artifacts=artifacts,
        files={
            **{f"series/{name}": content for name, content in tables.items()},
            **{f"figures/{found.figures[name]}": one for name, one in figures.items()},
        },
        notes=notes,
    )


def _put_artifacts(
    started: Started, outputs: Outputs, tree: RunTree, named: tuple[str, ...]
) -> tuple[str, ...]:
    if not named:
        return ()
    from gitexp.execution.record.artifacts import put_artifacts  # noqa: PLC0415 - 3 ms, where some are named

    return put_artifacts(started, outputs, tree, named)


def _summaries(started: Started, curves: Mapping[str, Series]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {
        key: to_builtins(one.summary) for key, one in curves.items()
    }
    if found and len(dumps(found)) > LARGEST_METRICS:
        started.tell("note: the run has so many curves that queries do not know them")
        return {}
    return found


def _of_others(started: Started, outputs: Outputs) -> dict[str, Series]:
    """Return the curves in files of other tools that git holds; they stay where they are."""
    if not outputs.added:
        return {}
    from gitexp.metrics.curves import may_hold_curves  # noqa: PLC0415 - 1 ms, where files were written

    if not any(map(may_hold_curves, outputs.added)):
        return {}
    lost = "queries do not know the curves in files"
    return attempt(started.tell, lost, lambda: _read_others(started, outputs), {})


def _read_others(started: Started, outputs: Outputs) -> dict[str, Series]:
    from gitexp.metrics.curves import joined_curves, read_curves  # noqa: PLC0415 - as above
    from gitexp.revisions.series_files import tells_curves  # noqa: PLC0415 - as above

    project, declared = started.project, started.declared
    files: dict[str, dict[str, Series]] = {}
    for path in sorted(outputs.added):
        is_asked = declared.is_metric(path) or not is_events(path)  # TensorBoard takes 500 ms
        if not is_asked or not tells_curves(declared, path):
            continue
        content = content_of(project, path, outputs.added[path]) or b""
        if len(content) <= _LARGEST_LOG:
            name = project.name(TopPath(path))
            with contextlib.suppress(GitexpError):  # its metrics have said what is wrong
                files[name] = read_curves(content, name)
    found = joined_curves(files)
    return {key: one for key, one in found.items() if len(one.steps) > 1}


def _anything(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def _told(
    ignored: tuple[str, ...], ranks: tuple[int, ...], scattered: Sequence[str]
) -> Iterable[str]:
    if scattered:
        yield (
            f"note: {counted(len(scattered), 'key')} such as '{scattered[0]}' "
            f"{'has' if len(scattered) == 1 else 'have'} hardly a step in common with others: "
            "only last values are recorded, no curves (does each step have a key of its own?)"
        )
    if ignored:
        more = f", and {len(ignored) - _SHOWN} more" if len(ignored) > _SHOWN else ""
        yield f"note: of what was logged, this is left out: {'; '.join(ignored[:_SHOWN])}{more}"
    if len(ranks) > 1:
        others = counted(len(ranks) - 1, "other rank")
        yield (
            f"note: rank {ranks[0]} and {others} logged: of a key that several have, the curve "
            "of the lowest rank is recorded"
        )


def _values(started: Started, what: str, values: Mapping[str, Value]) -> Mapping[str, Value]:
    kept, dropped = without_long_lists(values)
    if dropped:
        started.tell(
            f"note: lists of more than 100 values are no {what}, and not recorded: "
            f"{', '.join(dropped)}"
        )
    if len(dumps(kept)) > LARGEST_METRICS:
        started.tell(f"note: the {what} that were logged are larger than 1 MB: not recorded")
        return {}
    return kept


def with_logged(files: Documents, logged: Mapping[str, Value]) -> Documents:
    """Return metrics by file with those that were logged; of a name that a file has, that counts.

    A file may well have another value: that of the best step, or a rounded one.
    """
    if not logged:
        return files
    known = {name for values in files.values() for name in flatten(values)}
    kept = {name: one for name, one in logged.items() if known.isdisjoint(flatten({name: one}))}
    return {**files, LOGGED: {**kept, **files.get(LOGGED, {})}} if kept else files


def _figures(started: Started, folder: Path, files: Mapping[str, str]) -> dict[str, bytes]:
    """Return the pictures by what they are called, without those that are too large for git."""
    found: dict[str, bytes] = {}
    most = started.project.config.max_file_size
    for name, file in [*files.items()][-_MOST_FIGURES:]:
        place = folder / file
        if not _FILE.fullmatch(file) or place.is_symlink() or not place.is_file():
            continue
        if place.stat().st_size > most:
            started.tell(
                f"note: figure '{name}' is larger than `max_file_size`: not recorded "
                "(write it to a file of the project, and it goes behind a pointer)"
            )
            continue
        found[name] = place.read_bytes()
    return found
