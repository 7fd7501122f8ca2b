"""Lightning: a logger, for `Trainer(logger=GitexpLogger())`."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from gitexp.writing.calls import log, param

if "pytorch_lightning" in sys.modules and "lightning" not in sys.modules:  # its older name
    from pytorch_lightning.loggers.logger import Logger
    from pytorch_lightning.utilities import rank_zero_only
else:
    from lightning.pytorch.loggers.logger import Logger
    from lightning.pytorch.utilities import rank_zero_only


class GitexpLogger(Logger):  # type: ignore[misc]  # Lightning is not there when types are checked
    """Logs what modules log, and the hyperparameters that they save."""

    @property
    def name(self) -> str:
        """Return the folder that checkpoints are put below: Lightning's own."""
        return "lightning_logs"

    @property
    def version(self) -> str:
        """Return the name of the run, for the folder of its checkpoints."""
        return os.environ.get("GITEXP_RUN_NAME") or "no-run"

    def log_hyperparams(
        self, params: Mapping[str, Any] | Namespace, *_args: Any, **_more: Any
    ) -> None:
        """Record hyperparameters as params."""
        if rank_zero_only.rank == 0:
            param(params)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log the values of a step."""
        if rank_zero_only.rank == 0:
            log(metrics, step)
