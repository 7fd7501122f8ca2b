"""What a command logged with trackers, as the record has it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.capture.places import (
    event_files,
    mlflow_databases,
    mlflow_folders,
    own_database,
    wandb_files,
)
from gitexp.execution.capture.values import NOTHING, Captured
from gitexp.execution.record.later import end_of
from gitexp.execution.record.logged_run import described
from gitexp.execution.record.metrics import oldest_first
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.stages import Outcome, Started
from gitexp.metrics.logged import Logged, with_step
from gitexp.metrics.reading import LARGEST_LOG, curve_prefix
from gitexp.model.numbers import counted
from gitexp.model.record import LARGEST_METRICS
from gitexp.model.values import Value, dumps, without_long_lists

Document = dict[str, Value]

_TITLES = {"mlflow": "MLflow", "wandb": "W&B", "tensorboard": "TensorBoard"}
_MS = 1_000_000
"""Nanoseconds."""
_OF_HPARAMS = re.compile(r"/\d{9,}\.\d+$")
"""The folder that `add_hparams` makes for its own file: its name is the time, in seconds."""


def captured(started: Started, outcome: Outcome, outputs: Outputs) -> Captured:
    """Return what the command logged, as far as `capture` asks for it."""
    found = NOTHING
    until = attempt(
        started.tell, "when the command ended is not known", partial(_end, started), None
    )
    for name in started.project.config.capture:
        lost = f"what was logged with {_TITLES[name]} is not in the record"
        read = partial(_of_tracker, started, outcome, outputs, name, until)
        one = attempt(started.tell, lost, read, NOTHING)
        found = Captured(
            {**found.params, **one.params},
            {**found.metrics, **one.metrics},
            {**found.trackers, **one.trackers},
        )
    return found


def _end(started: Started) -> int | None:
    """Return when a command ended, in ns, if others may have logged into its stores since."""
    return end_of(started.scratch) if started.is_late else None


def _of_tracker(
    started: Started, outcome: Outcome, outputs: Outputs, name: str, until: int | None
) -> Captured:
    logged = _READERS[name](started, outcome, outputs, until)
    if logged is None:
        return NOTHING
    found = described(started, outputs, logged, _TITLES[name])
    if not _fits(started, name, "tags and models", found):
        found = {}
    return Captured(
        _documents(started, name, "params", logged.params),
        _documents(started, name, "metrics", logged.metrics),
        {name: found} if found else {},
    )


def _documents(
    started: Started, tracker: str, what: str, values: Mapping[str, Value]
) -> dict[str, Document]:
    kept, dropped = without_long_lists(values)
    if dropped:
        started.tell(
            f"note: lists of more than 100 values stay with {_TITLES[tracker]} alone: "
            f"{', '.join(dropped)}"
        )
    return {tracker: kept} if kept and _fits(started, tracker, what, kept) else {}


def _fits(started: Started, tracker: str, what: str, values: object) -> bool:
    """Return whether values are small enough for a record, and say so if they are not."""
    if len(dumps(values)) <= LARGEST_METRICS:
        return True
    started.tell(f"note: the {what} of {_TITLES[tracker]} are larger than 1 MB: not recorded")
    return False


def _mlflow(started: Started, outcome: Outcome, _: Outputs, until: int | None) -> Logged | None:
    # 3 ms, where something is captured, as below
    from gitexp.metrics.mlflow_database import read_database  # noqa: PLC0415 - as above
    from gitexp.metrics.mlflow_files import read_files  # noqa: PLC0415 - as above

    since, last = started.since // _MS, None if until is None else until // _MS
    files = [(one, since) for one in mlflow_databases(started, outcome)]
    runs: list[Logged] = []
    for file, after in ((own_database(started), 0), *files):
        if file.is_file():
            read = partial(read_database, file, (after, last), LARGEST_LOG)
            runs += _unless_unreadable(started, read)
    for folder in mlflow_folders(started, outcome):
        runs += _unless_unreadable(started, partial(read_files, folder, (since, last)))
    return _last(started, "MLflow", runs)


def _wandb(started: Started, outcome: Outcome, _: Outputs, until: int | None) -> Logged | None:
    from gitexp.metrics.wandb_file import read_run  # noqa: PLC0415 - 3 ms, where something is captured

    def read(file: Path) -> list[Logged]:
        run = read_run(_content(file), file.name)
        is_later = run is not None and until is not None and run.started * _MS > until
        return [] if run is None or is_later else [run]

    found = (
        one
        for file in wandb_files(started, outcome)
        for one in _unless_unreadable(started, partial(read, file))
    )
    return _last(started, "W&B", sorted(found, key=lambda one: one.started, reverse=True))


def _unless_unreadable(started: Started, read: Callable[[], list[Logged]]) -> list[Logged]:
    return attempt(started.tell, "a store of a tracker is not read", read, [])


def _last(started: Started, title: str, runs: Iterable[Logged]) -> Logged | None:
    """Return the run that began last, and say so if there are others."""
    found = list(runs)
    if len(found) > 1:
        last = max(found, key=lambda one: one.started)
        started.tell(
            f"note: the command made {counted(len(found), 'run')} of {title}; "
            f"the last one counts, '{last.name or last.run}'"
        )
        return last
    return found[0] if found else None


def _tensorboard(
    started: Started, outcome: Outcome, outputs: Outputs, until: int | None
) -> Logged | None:
    """Return the scalars of all event files together, and the params that one of them has."""
    held = (*outputs.added, *outputs.pointed, *outputs.unkept)
    files = list(event_files(started, outcome, held, until))
    if not files:
        return None
    from gitexp.metrics.events import NotInstalled, read_logged  # noqa: PLC0415 - 500 ms with TensorBoard

    top, params = started.project.repository.top, Document()
    found: dict[str, Document] = {}
    for path in oldest_first(started.project, files):
        try:
            said, values = read_logged(_content(top / path), path)
        except NotInstalled:
            raise
        except (GitexpError, OSError) as error:
            started.tell(f"warning: an event file is not read: {error}")
            continue
        params |= said
        found[_writer(path)] = values
    return Logged("", params=params, metrics=_joined(found))


def _writer(path: str) -> str:
    """Return the path by which the curves of an event file are named.

    >>> _writer("runs/1795974816.19/events.out.tfevents.1"), _writer("a/events.out.tfevents.1")
    ('runs/1795974816.19', 'a/events.out.tfevents.1')
    """
    folder = posixpath.dirname(path)
    return folder if _OF_HPARAMS.search(folder) else path


def _content(file: Path) -> bytes:
    """Return what a store in a file holds; raises GitexpError for what is not to be read."""
    if not file.is_file():
        raise GitexpError(f"'{file.name}' is not a file")
    if file.stat().st_size > LARGEST_LOG:
        raise GitexpError(f"'{file.name}' is larger than {LARGEST_LOG // 1_000_000} MB")
    return file.read_bytes()


def _joined(found: Mapping[str, Document]) -> Document:
    """Return the last scalars of all files, with the last step once."""
    joined: Document = {}
    steps: list[int] = []
    for path, values in found.items():
        steps += [step] if isinstance(step := values.get("step"), int) else []
        prefix = curve_prefix(path, found)
        joined |= {f"{prefix}{tag}": one for tag, one in values.items() if tag != "step"}
    return with_step(joined, steps)


_READERS: Mapping[str, Callable[[Started, Outcome, Outputs, int | None], Logged | None]] = {
    "mlflow": _mlflow,
    "wandb": _wandb,
    "tensorboard": _tensorboard,
}
