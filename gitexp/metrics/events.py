"""TensorBoard's event files, read by TensorBoard itself, which is an extra of gitexp."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.errors import GitexpError
from gitexp.metrics.rows import Row, best, counters_last, last
from gitexp.model.policy import Policy
from gitexp.model.values import Value

_ALL = {"scalars": 0, "tensors": 0}
"""Every point counts; unasked, TensorBoard takes samples."""

_SCORE, _NO_SCORE = "hp_metric", [(0, -1.0)]
"""What loggers write for TensorBoard's page of hyperparameters as long as nobody gives a score."""


def read_events(content: bytes, name: str, row: Row | None, policy: Policy) -> dict[str, Value]:
    """Return the scalars of the steps that stand for the run, with the step.

    Raises GitexpError where TensorBoard is not installed, or cannot read the file.
    """
    steps = _steps(content, name)
    rows = [{**values, "step": step} for step, values in sorted(steps.items())]
    chosen = best(rows, policy, lambda value: value) if row == "best" else None
    return counters_last(dict(last(rows) if chosen is None else chosen))


def _steps(content: bytes, name: str) -> Mapping[int, dict[str, Value]]:
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        file = Path(folder, "events.out.tfevents.0")
        file.write_bytes(content)
        try:
            scalars = _scalars(file)
        except ImportError as error:
            raise GitexpError(
                f"'{name}' is read by the package 'tensorboard', which is not installed",
                "`pip install 'tensorboard>=2.18'` installs it beside gitexp.",
            ) from error
        except Exception as error:  # TensorBoard raises what protobuf and NumPy raise
            raise GitexpError(f"TensorBoard cannot read '{name}': {error}") from error
    steps: dict[int, dict[str, Value]] = {}
    for tag, points in scalars.items():
        for step, value in points:
            steps.setdefault(step, {})[tag] = value
    return steps


def _scalars(file: Path) -> dict[str, list[tuple[int, float]]]:
    """Return the points of each tag; what was cut off is left out by TensorBoard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorBoard's own, about its own imports
        from tensorboard.backend.event_processing import event_accumulator as events  # noqa: PLC0415 - 400 ms, where there is such a file
        from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415 - as above

        logging.getLogger("tensorboard").setLevel(logging.ERROR)
        found: Any = events.EventAccumulator(str(file), size_guidance=_ALL).Reload()
    points = {
        tag: [(one.step, float(one.value)) for one in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }
    for tag in found.Tags()["tensors"]:
        numbers = [
            (one.step, float(value.reshape(())))
            for one in found.Tensors(tag)
            if (value := make_ndarray(one.tensor_proto)).size == 1 and value.dtype.kind in "fiu"
        ]
        if numbers:
            points[tag] = numbers
    if points.get(_SCORE) == _NO_SCORE:
        del points[_SCORE]
    return points
