"""Which files look like metrics, by their names alone, and the setting that records one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from gitexp.metrics.reading import is_events

_DOCUMENT = r"\.(json|ya?ml|toml)"
_ANY = r"\.(json|ya?ml|toml|csv|tsv|jsonl|ndjson)"
_LIKELY = (
    rf"metrics{_DOCUMENT}",
    rf"metrics{_ANY}|all_results\.json",
    r"results\.(csv|json)|progress\.csv|trainer_state\.json|cv_results\.csv",
    rf"(eval|test|val|train)_results\.json|(scores?|evaluation|results){_ANY}",
    r"(history|training_log|train_log|training|log)\.(csv|tsv|jsonl)|scalars\.json",
    rf".*(metrics|results|scores|history){_ANY}",
    r".*\.tfevents(\..*)?",
)
"""What metrics files are called, the most telling first."""
_NEVER = re.compile(r"(checkpoint-\d+|\.hydra|wandb|mlruns|plots)/", re.IGNORECASE)
_OF_ONE_RUN = re.compile(
    r"(version|ver|v|run|exp|experiment|trial|try|job)[-_]?\d+|\d+|.*\d{4}-?\d{2}-?\d{2}.*|\d{2}-\d{2}-\d{2}"
    r"|[A-Z][a-z]{2}\d{2}_\d{2}-\d{2}-\d{2}.*|[0-9a-f]{16,}"
)
"""Folders that each run has for itself: Lightning's, Hydra's, those with a date or an id."""
_TRACKERS = {
    "mlflow": re.compile(r"(.*/)?(mlflow\.db|mlruns/\d+/[0-9a-f]{32}/meta\.yaml)"),
    "wandb": re.compile(r"(.*/)?run-\w+\.wandb"),
}
_RUNS = "runs"
"""The folder in which TensorBoard's writer and Ultralytics make one for each run."""


def likeliest(paths: Iterable[str]) -> str | None:
    """Return the file that looks most like metrics, the one that lies highest of several.

    >>> likeliest(["out/predictions.csv", "lightning_logs/version_0/metrics.csv"])
    'lightning_logs/version_0/metrics.csv'
    """
    ranked = [
        (rank, path.count("/"), path)
        for path in paths
        if (rank := _rank(path)) is not None and not _NEVER.search(path)
    ]
    return min(ranked)[2] if ranked else None


def tracker_of(path: str) -> str:
    """Return the tracker that has a file in a store of its own, by the name alone; '' if none.

    >>> tracker_of("mlflow.db"), tracker_of("wandb/run-2-x/run-x.wandb"), tracker_of("data.db")
    ('mlflow', 'wandb', '')
    """
    return next((known for known, one in _TRACKERS.items() if one.fullmatch(path)), "")


def _rank(path: str) -> int | None:
    name = posixpath.basename(path).lower()
    return next((at for at, one in enumerate(_LIKELY) if re.fullmatch(one, name)), None)


def pattern_of(path: str) -> str:
    """Return a pattern that also finds the file in the folder of the next run.

    >>> pattern_of("outputs/2026-11-29/14-30-12/metrics.json")
    'outputs/*/*/metrics.json'
    """
    *folders, name = path.split("/")
    parts = ["*" if _OF_ONE_RUN.fullmatch(one) else one for one in folders]
    if parts[1:] and parts[0] == _RUNS:
        parts[-1] = "*"
    if is_events(name):
        name = "events.out.tfevents.*"
    return "/".join((*parts, name))


def setting_for(path: str) -> str:
    """Return the line of `gitexp.yaml` that records a metrics file.

    >>> setting_for("scores.json"), setting_for("lightning_logs/version_0/metrics.csv")
    ('metrics: [scores.json]', 'metrics: {metrics.csv: "lightning_logs/*/metrics.csv"}')
    """
    pattern = pattern_of(path)
    if "*" not in pattern:
        return f"metrics: [{pattern}]"
    name = "tensorboard" if is_events(path) else posixpath.basename(path)
    return f'metrics: {{{name}: "{pattern}"}}'
