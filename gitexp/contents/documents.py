"""JSON, YAML and notebooks, by their values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gitexp.contents.answer import Answer, unknown
from gitexp.contents.values import compare_values


def compare_json(old: Path, new: Path) -> Answer:
    """Compare JSON, or JSON Lines."""
    return compare_values(_json(old), _json(new))


def _json(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def compare_yaml(old: Path, new: Path) -> Answer:
    """Compare YAML, read without its tags for Python's objects."""
    try:
        import yaml  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return unknown("PyYAML is not installed")
    read = [list(yaml.safe_load_all(one.read_text(encoding="utf-8"))) for one in (old, new)]
    return compare_values(*(one[0] if len(one) == 1 else one for one in read))


def compare_notebooks(old: Path, new: Path) -> Answer:
    """Compare cells and their outputs, without ids, and without when each was run."""
    return compare_values(_notebook(old), _notebook(new))


_TIMES = ("execution", "papermill", "ExecuteTime")
"""Where those who run notebooks write down when they did."""


def _notebook(path: Path) -> Any:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for one in (notebook, *notebook.get("cells", ())):
        one.pop("id", None)
        for name in _TIMES:
            one.get("metadata", {}).pop(name, None)
    return notebook
