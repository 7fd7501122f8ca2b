"""Models of XGBoost and CatBoost, by the JSON that their own library makes of them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from gitexp.contents.answer import Answer, unknown
from gitexp.contents.values import compare_values


def compare_xgboost(old: Path, new: Path) -> Answer:
    """Compare two boosters."""
    try:
        import xgboost  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return unknown("XGBoost is not installed")
    found: list[Any] = []
    for path in (old, new):
        booster = xgboost.Booster()
        booster.load_model(path)
        found.append(json.loads(booster.save_raw("json")))
    return compare_values(*found)


_OF_THE_TRAINING = "model_info"
"""When it ended, its id, the params that it had, and what the classes are called."""
_CLASSES = "class_params"


def compare_catboost(old: Path, new: Path) -> Answer:
    """Compare trees, features and classes, without when and how they were made."""
    try:
        import catboost  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return unknown("CatBoost is not installed")
    found: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        for path in (old, new):
            model = catboost.CatBoost()
            model.load_model(str(path))
            target = Path(scratch, "model.json")
            model.save_model(str(target), format="json")
            one = json.loads(target.read_bytes())
            said = one.pop(_OF_THE_TRAINING, {})
            found.append({**one, _CLASSES: said.get(_CLASSES)})
    return compare_values(*found)
