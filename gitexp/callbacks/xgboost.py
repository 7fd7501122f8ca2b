"""XGBoost: a callback, for `xgb.train(…, callbacks=[GitexpCallback()])` and its estimators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xgboost.callback import TrainingCallback

from gitexp.writing.calls import log


class GitexpCallback(TrainingCallback):  # type: ignore[misc]  # XGBoost is not always there
    """Logs the evaluation of each round, such as `test/logloss`."""

    def after_iteration(
        self, _model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Sequence[Any]]]
    ) -> bool:
        """Log the last values of the history; return that the training goes on."""
        found = {}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                last = values[-1]
                if isinstance(last, tuple):  # `xgb.cv` has the mean and the deviation
                    last, found[f"{data}/{metric}-std"] = last
                found[f"{data}/{metric}"] = last
        log(found, epoch)
        return False
