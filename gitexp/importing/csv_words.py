"""What columns are called in tables of runs, and what each of these words says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

ROLES: Mapping[str, Sequence[str]] = {
    "key": ("id", "run id", "run uuid", "uuid"),
    "name": ("name", "run name", "display name", "tags.mlflow.runname", "run", "experiment"),
    "status": ("status", "state"),
    "started": (
        "started",
        "start time",
        "created",
        "started at",
        "created at",
        "timestamp",
        "date",
        "datetime",
    ),
    "ended": ("ended", "end time", "finished at", "ended at", "finished"),
    "duration": ("duration", "runtime"),
    "command": ("command",),
    "message": ("message", "notes", "tags.mlflow.note.content", "description"),
    "tags": ("tags",),
    "user": ("user", "tags.mlflow.user"),
    "host": ("host", "hostname"),
    "commit": ("baseline", "git commit", "commit", "tags.mlflow.source.git.commit"),
    "code": ("exit.code",),
}
"""What columns are called that say something of the run itself, the first first."""
PARAMS = ("params.", "param.", "parameters.", "config.", "config/", "hparams/", "hparam.")
METRICS = ("metrics.", "metric.", "metrics/", "summary.")
LABELS = ("tags.",)
LIKELY = re.compile(
    r"(?:^|[\W_])(?:loss|acc|accuracy|auc|auroc|f1|fbeta|precision|recall|error|err|mse|rmse|mae|mape|r2"
    r"|bleu|rouge\w*|perplexity|ppl|score|iou|dice|map|ndcg|nll|elbo|reward|return|wer|cer|psnr|ssim"
    r"|fid|top[_-]?[15]|throughput|latency|val|valid|validation|eval|test)(?:$|[\W_\d])",
    re.IGNORECASE,
)
"""Names of what is measured, where no column says that by its beginning."""
SAID = frozenset(
    (
        "sweep",
        "group",
        "job type",
        "project",
        "entity",
        "experiment id",
        "source type",
        "source name",
    )
)
"""What trackers say of a run beside what was set and measured."""
COUNTERS = frozenset({"_step", "_runtime", "_timestamp", "_wandb"})
"""What W&B itself writes into each summary."""
OURS = frozenset({"oid", "id", "name", "status", "started", "ended", "inputs.oid"})
