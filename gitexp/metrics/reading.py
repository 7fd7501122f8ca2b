"""Which module reads a metrics file: told by its name, and by how it begins."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from gitexp.errors import GitexpError
from gitexp.metrics.rows import Row
from gitexp.model.documents.reading import KINDS, PYTHON, parse_document
from gitexp.model.policy import Policy
from gitexp.model.record import LARGEST_METRICS
from gitexp.model.values import Value

_Read = Callable[[bytes, str, "Row | None", Policy], dict[str, Value]]

LARGEST_LOG = 50_000_000
"""Bytes of a table or log that is read: of its many rows, a record has one."""

_TABLES = (".csv", ".tsv")
_LINES = (".jsonl", ".ndjson")
_STORES = (".db", ".sqlite", ".sqlite3")
_EVENTS = ".tfevents"
_WANDB = ".wandb"
_DATABASES = ("mlflow.db", "optuna.db", "study.db")
TRAINER_STATE = "trainer_state.json"
"""What the Trainer of transformers knows of its steps, whole in each checkpoint."""


def parse_metrics(
    content: bytes, name: str, row: Row | None = None, policy: Policy | None = None
) -> dict[str, Value]:
    """Return the metrics in a file; of many rows, those of the last one or of the best.

    Raises GitexpError for what cannot be read.
    """
    policy = policy or Policy()
    ending = _ending(name)
    if is_log(name):
        return _reader(name)(content, name, row, policy)
    if ending not in (*KINDS, PYTHON):
        raise GitexpError(
            f"cannot read metrics from '{name}'",
            "Metrics are read from files whose names end in "
            f"{', '.join(f'`{one}`' for one in (*KINDS, *_TABLES, *_LINES))}, "
            "from event files of TensorBoard, runs of W&B, and databases of MLflow and Optuna.",
        )
    if ending != ".json":
        return parse_document(content, name)
    from gitexp.metrics import logs  # noqa: PLC0415 - 1 ms, where metrics are

    if logs.are_lines(content):
        return logs.read_lines(content, name, row, policy)
    values = parse_document(content, name)
    if logs.has_history(values):
        return logs.read_history(values, row, policy)
    return logs.scores_of_model(values) or values


def _reader(name: str) -> _Read:
    # 6 ms together, where there are such files.
    if is_events(name):
        from gitexp.metrics.events import read_events  # noqa: PLC0415 - as above

        return read_events
    if _ending(name) in _TABLES:
        from gitexp.metrics.tables import read_table  # noqa: PLC0415 - as above

        return read_table
    if _ending(name) in _STORES:
        from gitexp.metrics.stores import read_store  # noqa: PLC0415 - as above

        return read_store
    if _ending(name) == _WANDB:
        from gitexp.metrics.wandb_file import read_steps  # noqa: PLC0415 - as above

        return read_steps
    from gitexp.metrics.logs import read_lines  # noqa: PLC0415 - as above

    return read_lines


def kind_of(name: str) -> str:
    """Return what kind of file with many rows a name stands for; '' for others.

    >>> kind_of("a/metrics.csv"), kind_of("log.jsonl"), kind_of("x.wandb"), kind_of("metrics.json")
    ('table', 'lines', 'wandb', '')
    """
    if is_events(name):
        return "events"
    ending = _ending(name)
    kinds = {"table": _TABLES, "lines": _LINES, "store": _STORES, "wandb": (_WANDB,)}
    return next((kind for kind, endings in kinds.items() if ending in endings), "")


def is_events(name: str) -> bool:
    """Return whether a file is called like an event file of TensorBoard.

    >>> is_events("runs/a/events.out.tfevents.1700000000.host.1.0")
    True
    >>> is_events("catboost_info/test/events.out.tfevents"), is_events("x.tfevents/a.csv")
    (True, False)
    """
    if _EVENTS not in name:
        return False
    name = name.rpartition("/")[2]
    return f"{_EVENTS}." in name or name.endswith(_EVENTS)


def is_tracker_name(name: str) -> bool:
    """Return whether trackers call the files so in which they log, and which grow.

    >>> is_tracker_name("mlflow.db"), is_tracker_name("data.db")
    (True, False)
    """
    if name.endswith(_DATABASES):
        return name.rpartition("/")[2] in _DATABASES
    return is_events(name)


def curve_prefix(path: str, paths: Iterable[str]) -> str:
    """Return what tells the curves of one event file from those of others, as TensorBoard does.

    >>> curve_prefix("logs/train/events.out.tfevents.1", ["logs/val/events.out.tfevents.2"])
    'train/'
    """
    folders = {posixpath.dirname(one) for one in (path, *paths)}
    if len(folders) == 1:
        return ""
    common = posixpath.commonpath(folders)
    inside = posixpath.relpath(posixpath.dirname(path), common or ".")
    return "" if inside == "." else f"{inside}/"


def is_log(name: str) -> bool:
    """Return whether a file has many rows, of which some stand for the run.

    >>> is_log("metrics.csv"), is_log("metrics.json")
    (True, False)
    """
    return _ending(name) in (*_TABLES, *_LINES, *_STORES, _WANDB) or is_events(name)


def is_summary(path: str) -> bool:
    """Return whether a file in a folder of metrics holds some, as DVC sees it, but no plot.

    >>> is_summary("metrics.json"), is_summary("plots/metrics/loss.tsv")
    (True, False)
    """
    *folders, _ = path.split("/")
    return _ending(path) in KINDS and "plots" not in folders


def largest(name: str) -> int:
    """Return how many bytes a file may have for its metrics to be read."""
    return LARGEST_LOG if has_rows(name) else LARGEST_METRICS


def has_rows(name: str) -> bool:
    """Return whether a file holds all the steps of what wrote it, and is not merged into."""
    return is_log(name) or PurePosixPath(name).name == TRAINER_STATE


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
