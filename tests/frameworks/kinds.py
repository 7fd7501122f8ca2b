"""The frameworks of the table: their pages, their environments, and what has to be recorded."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.frameworks.workshop import PAGES

PACKAGES = {
    "light": "catboost dvc dvclive hydra-core ipykernel joblib lightgbm msgspec optuna papermill"
    " pyyaml scikit-learn xgboost",
    "keras": "keras msgspec tensorflow-cpu",
    "spacy": "spacy",
    "torch": "accelerate datasets lightning msgspec tensorboard torch transformers trl ultralytics",
    "trackers": "mlflow scikit-learn wandb",
}
"""Packages by environment."""


TRACKERS = str(Path(__file__).with_name("trackers.md"))


class Kind(NamedTuple):
    """What has to be seen of a project: the params that differ, and the metric that matters."""

    title: str
    page: Path
    environment: str
    changed: frozenset[str]
    wanted: str


def _kind(title: str, page: str, environment: str, changed: str, wanted: str) -> Kind:
    path = PAGES / page if page.endswith(".md") else PAGES / f"use-with-{page}.md"
    return Kind(title, path, environment, frozenset(changed.split()), wanted)


KINDS = {
    "sklearn": _kind("scikit-learn", "scikit-learn", "light", "forest.trees", "accuracy"),
    "xgboost": _kind("XGBoost", "xgboost", "light", "eta", "logloss"),
    "lightgbm": _kind("LightGBM", "lightgbm", "light", "learning_rate", "auc"),
    "catboost": _kind("CatBoost", "catboost", "light", "learning_rate", "Logloss"),
    "optuna": _kind("Optuna", "optuna", "light", "n_trials", "best_value"),
    "hydra": _kind("Hydra", "hydra", "light", "lr", "loss"),
    "dvc-pipeline": _kind("DVC pipelines", "dvc-pipelines", "light", "train.lr", "loss"),
    "dvclive": _kind("DVCLive", "dvclive", "light", "lr", "loss"),
    "papermill": _kind("notebooks (papermill)", "papermill", "light", "lr", "loss"),
    "spacy": _kind("spaCy", "spacy", "spacy", "training.max_steps", "cats_score"),
    "pytorch": _kind("PyTorch", "pytorch", "torch", "lr", "loss"),
    "lightning": _kind("Lightning", "lightning", "torch", "lr", "val_loss"),
    "trainer": _kind(
        "Hugging Face: Trainer", "transformers", "torch", "learning_rate", "eval_accuracy"
    ),
    "accelerate": _kind("Hugging Face: accelerate", "accelerate", "torch", "lr", "loss"),
    "trl": _kind("Hugging Face: TRL", "trl", "torch", "learning_rate", "loss"),
    "ultralytics": _kind("Ultralytics", "ultralytics", "torch", "lr0", "val/cls_loss"),
    "keras": _kind("Keras", "keras", "keras", "lr", "val_loss"),
    "mlflow": _kind("MLflow", TRACKERS, "trackers", "C", "accuracy"),
    "wandb": _kind("W&B offline", TRACKERS, "trackers", "lr", "loss"),
}
"""By the name of the project on its page."""
