"""All that a folder of event files holds, as TensorBoard itself puts it together."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, cast

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.metrics.events import Points, accumulated, params_of, points_of, saying
from gitexp.metrics.reading import is_events
from gitexp.model.values import Value

_HPARAMS = "hparams"
_START, _END = "_hparams_/session_start_info", "_hparams_/session_end_info"
End = Literal["done", "failed", "running"] | None
_ENDS: Mapping[int, End] = {1: "done", 2: "failed", 3: "running"}
"""By TensorBoard's numbers for them."""
_CUT = "Truncated record"
"""How TensorBoard's message begins that says where it stopped reading."""


class EventFolder(Struct, frozen=True):
    """What TensorBoard shows of one folder."""

    points: Points
    params: dict[str, Value]
    """Of the plugin of hyperparameters."""
    end: End
    """What that plugin was told of the end, if anything."""
    started: float | None
    """Seconds since 1970: what that plugin was told, or when the first event was."""
    ended: float | None
    others: tuple[str, ...]
    """Tags whose values are no numbers: images, texts, histograms, graphs."""
    is_cut: bool
    """Whether a file ends in the middle of a record, or is damaged from there on."""


def event_files(folder: Path) -> list[Path]:
    """Return the event files of a folder that are no links, by name; raises OSError."""
    return sorted(one for one in folder.iterdir() if is_events(one.name) and _is_plain(one))


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def require_tensorboard(what: str) -> None:
    """Raise GitexpError that says how to get TensorBoard if it is not installed."""
    if find_spec("tensorboard") is None:
        with saying(what):
            raise ImportError


def read_event_folder(folder: Path) -> EventFolder:
    """Return what is in the event files of a folder.

    Raises GitexpError where TensorBoard is not installed, or cannot read them, and OSError.
    """
    for file in folder.iterdir():
        if is_events(file.name) and not _is_plain(file):
            raise GitexpError(f"'{file.name}' is a link or no file, and links are not followed")
    with saying(folder.name), _listening() as listener:
        found = accumulated(folder, logging.DEBUG)
        points = points_of(found)
        return EventFolder(
            points,
            params_of(found),
            *_session(found, points),
            others=tuple(dict.fromkeys(_others(found, points))),
            is_cut=listener.has_heard,
        )


class _Listener(logging.Handler):
    """Hears TensorBoard stop in the middle of a file, of which it speaks in its log alone."""

    has_heard = False

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(_CUT):
            self.has_heard = True


@contextlib.contextmanager
def _listening() -> Iterator[_Listener]:
    logger, listener = logging.getLogger("tensorboard"), _Listener()
    level, propagates = logger.level, logger.propagate
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield listener
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagates
        logger.setLevel(level)


def _session(found: Any, points: Points) -> tuple[End, float | None, float | None]:
    """Return how a run ended, when it began and when it ended, as far as anything says so."""
    from tensorboard.plugins.hparams import plugin_data_pb2 as said  # noqa: PLC0415 - 400 ms with the rest of TensorBoard

    contents = _contents(found)
    start = said.HParamsPluginData.FromString(contents.get(_START, b"")).session_start_info
    end = said.HParamsPluginData.FromString(contents.get(_END, b"")).session_end_info
    moments = [moment for some in points.values() for _, _, moment in some]
    with contextlib.suppress(ValueError):  # there is no event
        moments.append(found.FirstEventTimestamp())
    known = [one for one in (start.start_time_secs, *moments) if one > 0]
    ended = end.end_time_secs or max(known, default=0.0)
    return _ENDS.get(end.status), min(known, default=None), ended or None


def _contents(found: Any) -> Mapping[str, bytes]:
    with contextlib.suppress(KeyError):
        return cast("Mapping[str, bytes]", found.PluginTagToContent(_HPARAMS))
    return {}


def _others(found: Any, points: Points) -> Iterator[str]:
    tags = found.Tags()
    for kind in ("images", "audio", "histograms"):
        yield from tags[kind]
    own = _contents(found)
    yield from (tag for tag in tags["tensors"] if tag not in points and tag not in own)
    yield from ("graph" for kind in ("graph", "meta_graph") if tags[kind])
