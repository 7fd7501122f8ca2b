"""A run of MLflow's, whatever its store is, as a run of ours.

A run that gitexp exported to MLflow comes back as the run that it was.
"""

from __future__ import annotations

import contextlib
import math
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, ValidationError, convert

from gitexp.importing.foreign import Artifact, End, ForeignRun
from gitexp.metrics.logged import LoggedModel, value_of
from gitexp.metrics.mlflow_database import PARENT, own_tags
from gitexp.model.command.text import command_text
from gitexp.model.record import DataPointer, Exit, Role
from gitexp.model.values import Value, loads
from gitexp.series.series import Series, series_of_points

ID_TAG = "gitexp.run"
"""The tag by which a run of gitexp's is known there."""
_OURS = "gitexp."
_POINTER = re.compile(r"gitexp\.(input|output)\.(.+)", re.DOTALL)
_MD5 = re.compile(r"md5:([0-9a-f]{32}(?:\.dir)?)")
_LARGEST = 1.7976931348623157e308
"""What MLflow's database has for an infinity."""
_ODD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_ENDS: Mapping[str, End] = {
    "FINISHED": "done",
    "FAILED": "failed",
    "KILLED": "interrupted",
}
_COMMIT, _NOTE, _USER = "mlflow.source.git.commit", "mlflow.note.content", "mlflow.user"
_SOURCE, _NAME = "mlflow.source.name", "mlflow.runName"
_SECRET = re.compile(r"(?<=://)[^/\s]*@")

Point = tuple[int, int, float]
"""Step, milliseconds since 1970, and value."""


class Raw(Struct, frozen=True):
    """What a store has of a run."""

    key: str
    name: str = ""
    status: str = ""
    started: int | None = None
    ended: int | None = None
    """Milliseconds since 1970."""
    group: str = ""
    place: str = ""
    """Where its artifacts are."""
    user: str = ""
    params: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}
    metrics: Mapping[str, float] = {}
    points: Mapping[str, Sequence[Point]] = {}
    """In the order in which they were measured."""
    models: Sequence[LoggedModel] = ()
    data: Sequence[Artifact] = ()


def mapped(raw: Raw) -> ForeignRun:
    """Return the run as ours."""
    tags, is_ours = raw.tags, ID_TAG in raw.tags
    own = own_tags(tags)
    points = {key: _by_step(some) for key, some in raw.points.items()}
    source = tags.get(_SOURCE, "")
    ended = _exit(tags.get("gitexp.exit", "")) if is_ours else Exit(None)
    return ForeignRun(
        name=raw.name or tags.get(_NAME, ""),
        end=_ENDS.get(raw.status, "running"),
        exit_code=ended.code,
        signal=ended.signal,
        reason=ended.reason,
        started=_seconds(raw.started),
        ended=_seconds(raw.ended),
        command=command_words(source) if is_ours else (),
        commit=tags.get(_COMMIT) or None,
        message=tags.get(_NOTE, ""),
        tags=tuple(filter(None, tags.get("gitexp.tags", "").split(", "))) if is_ours else (),
        user=tags.get(_USER) or raw.user or None,
        params={name: _param(text, is_ours) for name, text in raw.params.items()},
        metrics={name: _finite(value) for name, value in raw.metrics.items()},
        curves=[*_curves(points, raw if is_ours else None)],
        group=raw.group,
        labels={name: one for name, one in own.items() if not (is_ours and _is_ours(name))},
        parent=tags.get(PARENT, ""),
        artifacts=[*_artifacts(raw)],
        pointers=tuple(_pointers(tags)) if is_ours else (),
        extra={} if is_ours or not source else {"source": without_user(source)},
    )


def _exit(text: str) -> Exit:
    try:
        return convert(loads(text), Exit)
    except (ValueError, ValidationError):
        return Exit(None)


def _is_ours(name: str) -> bool:
    return name.startswith(_OURS)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def command_words(text: str) -> tuple[str, ...]:
    """Return the words of a command that was written on one line.

    >>> command_words("python train.py --name 'a b'"), command_words("a && b"), command_words("")
    (('python', 'train.py', '--name', 'a b'), ('a && b',), ())
    """
    with contextlib.suppress(ValueError):
        words = tuple(shlex.split(text))
        if command_text(words) == text:
            return words
    return (text,) if text else ()


def _param(text: str, is_ours: bool) -> Value:
    if text in _ODD:
        return _ODD[text]
    if is_ours:
        if text in ("True", "False", "None"):
            return text
        if text in ("true", "false", "null") or text[:1] in ("[", "{"):
            with contextlib.suppress(ValueError):
                return loads(text)
    return value_of(text)


def _finite(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) == _LARGEST else value


def _by_step(points: Sequence[Point]) -> list[Point]:
    return sorted(
        ((step, time, _finite(value)) for step, time, value in points), key=lambda one: one[:2]
    )


def _curves(points: Mapping[str, list[Point]], ours: Raw | None) -> Iterator[Series]:
    """Yield the curves, as seconds since the first value; one value at step 0 is none."""
    began = min((some[0][1] for some in points.values() if some), default=0)
    began = min((time for some in points.values() for _, time, _ in some), default=began)
    for key, some in points.items():
        kept = some
        if ours is not None and len(some) > 1 and some[-1][0] == some[-2][0]:
            kept = some[:-1]  # the export put the metric itself there
        is_alone = len(some) == 1 and some[0][0] == 0
        if not kept or (is_alone and not (ours is not None and some[0][1] != ours.ended)):
            continue
        if len(kept) > 1 and len({step for step, _, _ in kept}) == 1:  # nobody counted
            kept = [(at, time, value) for at, (_, time, value) in enumerate(kept)]
        timed = ((step, value, (time - began) / 1000) for step, time, value in kept)
        curve = series_of_points(key, timed)
        if curve is not None:
            yield curve


def _artifacts(raw: Raw) -> Iterator[Artifact]:
    for model in raw.models:
        yield Artifact(
            model.name or "artifacts", without_user(model.place), kind="model" if model.name else ""
        )
    yield from raw.data
    if raw.place:
        yield Artifact("artifacts", without_user(raw.place))


def without_user(place: str) -> str:
    """Return an address without the name and the password in it.

    >>> without_user("s3://key:sec@ret@bucket/a"), without_user("/data/a@b")
    ('s3://bucket/a', '/data/a@b')
    """
    return _SECRET.sub("", place)


def _pointers(tags: Mapping[str, str]) -> Iterator[DataPointer]:
    for name, value in sorted(tags.items()):
        found, md5 = _POINTER.fullmatch(name), _MD5.fullmatch(value)
        if found and md5:
            role: Role = "input" if found[1] == "input" else "output"
            yield DataPointer(found[2], md5[1], role=role)
