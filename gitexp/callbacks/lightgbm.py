"""LightGBM: a callback, for `lgb.train(…, callbacks=[GitexpCallback()])` and its estimators."""

from __future__ import annotations

from typing import Any

from gitexp.writing.calls import log


class GitexpCallback:
    """Logs the evaluation of each round, such as `valid_0/auc`."""

    order = 20
    """After the round, and before early stopping (30) may end the training."""
    before_iteration = False

    def __call__(self, env: Any) -> None:
        """Log what LightGBM has evaluated in this round."""
        found = {}
        for data, metric, value, _, *deviation in env.evaluation_result_list or ():
            found[f"{data}/{metric}"] = value
            if deviation:  # `lgb.cv` has the mean and the deviation
                found[f"{data}/{metric}-stdv"] = deviation[0]
        if found:
            log(found, env.iteration)
