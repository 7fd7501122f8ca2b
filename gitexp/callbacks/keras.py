"""Keras: a callback, for `model.fit(…, callbacks=[GitexpCallback()])`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from gitexp.writing.calls import log


class GitexpCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is not always there
    """Logs what an epoch ends with, as `fit` returns it in its history."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the values of an epoch; the first is 0, as in the history."""
        log(logs or {}, epoch)
