"""The file of one run of W&B's, `run-ID.wandb`: what was logged, one record after the other.

W&B's own reader is no longer part of its Python package (0.31). Each record is a protobuf message,
whose numbers never change.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from gitexp.errors import GitexpError
from gitexp.metrics.leveldb_log import records
from gitexp.metrics.logged import Logged, LoggedModel
from gitexp.metrics.protobuf import fields
from gitexp.metrics.rows import Row, best, counters_last
from gitexp.metrics.wandb_summary import summary_of, update
from gitexp.model.policy import Policy
from gitexp.model.values import Value, flatten

_START = b":W&B"
HISTORY, SUMMARY, CONFIG, ARTIFACT, RUN = 2, 3, 5, 8, 17
"""The numbers of a record's fields."""
_RUN_TEXTS = {1: "run", 3: "project", 6: "group", 8: "name"}
RUN_CONFIG, TAGS, STARTED = 4, 10, 17
"""Those of a run's."""
_KIND, _NAME, _DIGEST, _MANIFEST = 4, 5, 6, 12
"""Those of an artifact's."""
_CONTENTS, _PATH, _FILE_DIGEST = 4, 1, 2
"""Those of its manifest's, and of a file in that."""
OWN_CONFIG = "_wandb"
"""What W&B keeps of its own among the params."""
_STEP, _OURS, _TYPE = "_step", "_", "_type"
_NOT_JSON = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class _Known(Struct):
    """What the records have said so far."""

    run: str = ""
    name: str = ""
    project: str = ""
    started: int = 0
    group: str = ""
    tags: list[str] = field(default_factory=list)
    config: dict[str, Value] = field(default_factory=dict)
    measured: list[bytes] = field(default_factory=list)
    """What sets values of the summary, in order."""
    told: list[bytes] = field(default_factory=list)
    """Of these, what is no step."""
    models: dict[str, LoggedModel] = field(default_factory=dict)


def read_run(content: bytes, name: str) -> Logged | None:
    """Return what a file says of its run, up to a record that is cut off.

    None if not even the run is there. Raises GitexpError for another kind of file.
    """
    if not content.startswith(_START):
        raise GitexpError(f"'{name}' is not a run of W&B's")
    known = _Known()
    for record in records(content):
        with contextlib.suppress(ValueError, RecursionError):  # of a kind that nobody knows
            _take(known, record)
    if not known.run:
        return None
    tags = dict.fromkeys(known.tags, "") | ({"group": known.group} if known.group else {})
    return Logged(
        *(known.run, known.name, known.project, known.started),
        params={key: one for key, one in known.config.items() if key != OWN_CONFIG},
        metrics=_metrics(summary_of(known.measured, known.told)),
        tags=tags,
        models=tuple(known.models.values()),
    )


def read_steps(content: bytes, name: str, row: Row | None, policy: Policy) -> dict[str, Value]:
    """Return the metrics of a run's file: the last ones, or those of the best step."""
    run = read_run(content, name)
    if row == "best":
        chosen = best([flatten(one) for one in read_history(content)], policy, lambda value: value)
        if chosen is not None:
            return counters_last(chosen)
    return counters_last(dict(run.metrics)) if run is not None else {}


def read_history(content: bytes) -> Iterator[dict[str, Value]]:
    """Yield the metrics of each step, with its number."""
    for record in records(content):
        with contextlib.suppress(ValueError, RecursionError):  # as above
            for number, value in fields(record):
                if number == HISTORY and isinstance(value, bytes):
                    step: dict[str, Value] = {}
                    update(step, value)
                    yield _metrics(step)


def _take(known: _Known, record: bytes) -> None:
    for number, value in fields(record):
        if not isinstance(value, bytes):
            continue
        if number == RUN:
            _take_run(known, value)
        elif number == CONFIG:
            update(known.config, value)
        elif number in (SUMMARY, HISTORY):
            known.measured.append(value)
            known.told += [value] if number == SUMMARY else []
        elif number == ARTIFACT:
            kind, model = artifact_in(value)
            known.models |= {model.name: model} if kind == "model" and model.name else {}


def _take_run(known: _Known, message: bytes) -> None:
    found = [(number, one) for number, one in fields(message) if isinstance(one, bytes)]
    texts = {number: one.decode(errors="replace") for number, one in found if number in _RUN_TEXTS}
    for number, name in _RUN_TEXTS.items():
        if number in texts:
            setattr(known, name, texts[number])
    known.tags = [one.decode(errors="replace") for number, one in found if number == TAGS]
    for number, one in found:
        if number == RUN_CONFIG:
            update(known.config, one)
        elif number == STARTED:
            known.started = milliseconds(one)


def milliseconds(moment: bytes) -> int:
    """Return a moment that is told in seconds and nanoseconds."""
    parts = {at: one for at, one in fields(moment) if isinstance(one, int)}
    return parts.get(1, 0) * 1000 + parts.get(2, 0) // 1_000_000


def _metrics(summary: dict[str, Value]) -> dict[str, Value]:
    """Return what was measured: neither W&B's own values nor pictures, tables and texts."""
    found = measured({key: one for key, one in summary.items() if not key.startswith(_OURS)})
    step = summary.get(_STEP)
    return {**found, "step": step} if step and "step" not in found else found


def measured(values: Mapping[str, Any]) -> dict[str, Value]:
    """Return the numbers in a step or a summary, nested as they are."""
    found: dict[str, Value] = {}
    for key, value in sorted(values.items()):  # W&B has them in any order
        if isinstance(value, dict):
            inner = {} if _TYPE in value else measured(value)
            found |= {key: inner} if inner else {}
        elif isinstance(value, int | float):
            found[key] = value
        elif isinstance(value, str) and value in _NOT_JSON:
            found[key] = _NOT_JSON[value]
    return found


def artifact_in(message: bytes) -> tuple[str, LoggedModel]:
    """Return what an artifact is, and of what kind."""
    texts: dict[int, str] = {}
    contents: list[bytes] = []
    for number, value in fields(message):
        if number in (_KIND, _NAME, _DIGEST) and isinstance(value, bytes):
            texts[number] = value.decode(errors="replace")
        elif number == _MANIFEST and isinstance(value, bytes):
            inside = ((at, one) for at, one in fields(value) if isinstance(one, bytes))
            contents += [one for at, one in inside if at == _CONTENTS]
    model = LoggedModel(texts.get(_NAME, ""), id=texts.get(_DIGEST, ""), **_only_file(contents))
    return texts.get(_KIND, ""), model


def _only_file(contents: Iterable[bytes]) -> dict[str, str]:
    """Return the name and the hash of an artifact's file, if it has but one."""
    entries = list(contents)
    if len(entries) != 1:
        return {}
    found = dict(fields(entries[0]))
    path, digest = found.get(_PATH), found.get(_FILE_DIGEST)
    if not isinstance(path, bytes) or not isinstance(digest, bytes):
        return {}
    with contextlib.suppress(ValueError, binascii.Error):
        md5 = base64.b64decode(digest, validate=True).hex()
        return {"place": path.decode(errors="replace"), "md5": md5}
    return {}
