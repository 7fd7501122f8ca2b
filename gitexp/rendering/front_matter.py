"""The front matter of a model card: what model hubs read of it, as YAML."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping

from gitexp.comparison.naming import key_of
from gitexp.model.text import harmless
from gitexp.model.values import Value, is_number
from gitexp.rendering.card_content import Card

_LIBRARIES = {
    ".keras": "keras",
    ".onnx": "onnx",
    ".skops": "sklearn",
    ".pt": "pytorch",
    ".pth": "pytorch",
    ".ckpt": "pytorch",
    ".ubj": "xgboost",
    ".xgb": "xgboost",
    ".lgb": "lightgbm",
    ".lgbm": "lightgbm",
}
"""What hubs call the library that reads a file, where its ending says so."""


def front_matter(card: Card) -> str:
    """Return what hubs read of a card, as YAML."""
    import yaml  # noqa: PLC0415 - 10 ms, for a card alone

    library = _library(card)
    results = [
        {
            "task": {"type": "other"},
            "dataset": {"type": "private", "name": _dataset(card, name)},
            "metrics": [{"type": key_of(name).rpartition(".")[2], "value": value, "name": name}],
        }
        for name, value in (*_numbers(card.metrics), *_numbers(card.held_out))
    ]
    fields: dict[str, object] = {
        **({"library_name": library} if library else {}),
        "tags": ["gitexp", *map(harmless, card.record.tags)],
    }
    if results:
        fields["model-index"] = [{"name": harmless(card.model), "results": results}]
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=math.inf)


def _library(card: Card) -> str | None:
    """Return what reads the file; what was merely installed when it was made says nothing of it."""
    ending = card.path[card.path.rfind(".") :].lower() if "." in card.path else ""
    if ending in _LIBRARIES:
        return _LIBRARIES[ending]
    return card.library


def _numbers(values: Mapping[str, Value]) -> Iterator[tuple[str, float]]:
    """Yield the numbers that a hub can show."""
    for name, value in values.items():
        with contextlib.suppress(OverflowError):  # a whole number beyond every float
            if is_number(value) and math.isfinite(value):
                yield harmless(name), value


def _dataset(card: Card, metric: str) -> str:
    if metric in card.held_out:
        return "held-out data"
    return ", ".join(harmless(one.path) for one in card.inputs) or "data of the run"
