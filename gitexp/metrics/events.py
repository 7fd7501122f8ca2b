"""TensorBoard's event files, read by TensorBoard itself, which is an extra of gitexp."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from gitexp.errors import GitexpError
from gitexp.metrics.rows import Row, best, counters_last, last
from gitexp.model.policy import Policy
from gitexp.model.values import Value

_ALL = {"scalars": 0, "tensors": 0}
"""Every point counts; unasked, TensorBoard takes samples."""
_HPARAMS, _SESSION = "hparams", "_hparams_/session_start_info"
_KINDS = ("number_value", "string_value", "bool_value")

_Taken = TypeVar("_Taken")


Points = dict[str, list[tuple[int, float, float]]]
"""Steps, values and moments, in seconds since 1970."""

_EXACT = 2.0**53
"""Up to there, a float has each whole number."""
_SCORE, _NO_SCORE = "hp_metric", (0, -1.0)
"""What loggers write for TensorBoard's page of hyperparameters as long as nobody gives a score."""


class NotInstalled(GitexpError):
    """TensorBoard is not there."""


def read_events(content: bytes, name: str, row: Row | None, policy: Policy) -> dict[str, Value]:
    """Return the scalars of the steps that stand for the run, with the step.

    Raises GitexpError where TensorBoard is not installed, or cannot read the file.
    """
    return _chosen(_found(content, name, points_of), row, policy)


def read_points(content: bytes, name: str) -> Points:
    """Return all scalars by tag; raises likewise."""
    return _found(content, name, points_of)


def read_logged(content: bytes, name: str) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return the params in an event file, and the last of its scalars; raises likewise."""
    params, points = _found(content, name, lambda found: (params_of(found), points_of(found)))
    return params, _chosen(points, None, Policy())


def _chosen(points: Points, row: Row | None, policy: Policy) -> dict[str, Value]:
    steps: dict[int, dict[str, Value]] = {}
    for tag, values in points.items():
        for step, value, _ in values:
            steps.setdefault(step, {})[tag] = value
    rows = [{**values, "step": step} for step, values in sorted(steps.items())]
    chosen = best(rows, policy, lambda value: value) if row == "best" else None
    return counters_last(dict(last(rows) if chosen is None else chosen))


def _found(content: bytes, name: str, take: Callable[[Any], _Taken]) -> _Taken:
    """Return what is taken from an event file that TensorBoard has read."""
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        file = Path(folder, "events.out.tfevents.0")
        file.write_bytes(content)
        with saying(name):
            return take(accumulated(file))


@contextlib.contextmanager
def saying(name: str) -> Iterator[None]:
    """Say what is wrong with what is being read; raises GitexpError."""
    try:
        yield
    except GitexpError:
        raise
    except ImportError as error:
        raise NotInstalled(
            f"'{name}' is read by the package 'tensorboard', which is not installed",
            "`pip install 'tensorboard>=2.18'` installs it beside gitexp.",
        ) from error
    except Exception as error:  # TensorBoard raises what protobuf and NumPy raise
        raise GitexpError(f"TensorBoard cannot read '{name}': {error}") from error


def accumulated(place: Path, level: int = logging.ERROR) -> Any:
    """Return what TensorBoard knows of a file or a folder; it leaves out what was cut off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorBoard's own, about its own imports
        from tensorboard.backend.event_processing import event_accumulator as events  # noqa: PLC0415 - 400 ms, where there is such a file

        logging.getLogger("tensorboard").setLevel(level)
        return events.EventAccumulator(str(place), size_guidance=_ALL).Reload()


def points_of(found: Any) -> Points:
    """Return the points of each tag."""
    from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415 - as above

    points = {
        tag: [(one.step, float(one.value), one.wall_time) for one in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }
    for tag in found.Tags()["tensors"]:
        numbers = [
            (one.step, float(value.reshape(())), one.wall_time)
            for one in found.Tensors(tag)
            if _holds_one(one.tensor_proto)
            and (value := make_ndarray(one.tensor_proto)).dtype.kind in "fiu"
        ]
        if numbers:
            points[tag] = numbers
    if [one[:2] for one in points.get(_SCORE, ())] == [_NO_SCORE]:
        del points[_SCORE]
    return points


def _holds_one(tensor: Any) -> bool:
    """Return whether a tensor is a single value, before one of the size that it names is made."""
    return all(one.size == 1 for one in tensor.tensor_shape.dim)


def params_of(found: Any) -> dict[str, Value]:
    """Return what `add_hparams` has written, in the words of TensorBoard's plugin."""
    try:
        contents = found.PluginTagToContent(_HPARAMS)
    except KeyError:
        return {}
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData  # noqa: PLC0415 - as above

    said = HParamsPluginData.FromString(contents.get(_SESSION, b"")).session_start_info.hparams
    found_kinds = ((name, one, one.WhichOneof("kind")) for name, one in sorted(said.items()))
    values = {name: getattr(one, kind) for name, one, kind in found_kinds if kind in _KINDS}
    return {name: _whole(value) for name, value in values.items()}


def _whole(value: Value) -> Value:
    """Return a number without the fraction that it has in TensorBoard alone.

    >>> _whole(32.0), _whole(0.5), _whole(1e300)
    (32, 0.5, 1e+300)
    """
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value
