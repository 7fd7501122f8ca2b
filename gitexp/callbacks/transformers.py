"""Hugging Face: a callback, for `Trainer(callbacks=[GitexpCallback()])`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from numbers import Real
from typing import Any

from transformers import TrainerCallback

from gitexp.writing.calls import log, param, summary

_PLACES = frozenset({"output_dir", "logging_dir", "run_name"})
_TOTALS = frozenset({"total_flos", "train_loss", "train_runtime"})
"""What the last line of a training has, which is of no step."""


class GitexpCallback(TrainerCallback):  # type: ignore[misc]  # transformers is not always there
    """Logs what the trainer logs, and the arguments that are not as they are by default."""

    def on_train_begin(self, args: Any, state: Any, _control: Any, **_more: Any) -> None:
        """Record the arguments as params."""
        if state.is_world_process_zero:
            param(_chosen(args))

    def on_log(
        self,
        _args: Any,
        state: Any,
        _control: Any,
        logs: Mapping[str, Any] | None = None,
        **_more: Any,
    ) -> None:
        """Log the numbers of a step; those of the whole training are its summary."""
        if not state.is_world_process_zero:
            return
        numbers = {key: value for key, value in (logs or {}).items() if isinstance(value, Real)}
        if numbers.keys() >= _TOTALS:
            summary.update({key: value for key, value in numbers.items() if key != "epoch"})
        else:
            log(numbers, state.global_step)


def _chosen(args: Any) -> dict[str, Any]:
    """Return the arguments that are not as they are by default, without places and tokens."""
    told = args.to_dict()
    found = {}
    for one in dataclasses.fields(args):
        value = told.get(one.name)
        standard = one.default
        if one.default_factory is not dataclasses.MISSING:
            standard = one.default_factory()
        is_chosen = value != standard and getattr(standard, "value", standard) != value
        if one.init and is_chosen and one.name not in _PLACES and not one.name.endswith("_token"):
            found[one.name] = value
    return found
