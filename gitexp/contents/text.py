"""Text, line by line: line ends, and a newline at the end, do not count."""

from __future__ import annotations

import itertools
from pathlib import Path

from gitexp.contents.answer import EQUAL, Answer, differs

_SHOWN = 60


def compare_text(old: Path, new: Path) -> Answer:
    """Compare lines; raises UnicodeDecodeError for what is not text."""
    with old.open(encoding="utf-8") as one, new.open(encoding="utf-8") as other:
        for number, (a, b) in enumerate(itertools.zip_longest(one, other), 1):
            if a is None or b is None or a.rstrip("\n") != b.rstrip("\n"):
                return differs(f"line {number} was {_text(a)}, now {_text(b)}")
    return EQUAL


def _text(line: str | None) -> str:
    if line is None:
        return "not there"
    text = line.rstrip("\n")
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def compare_lightgbm(old: Path, new: Path) -> Answer:
    """Compare the trees of models that LightGBM wrote, without the params of the training."""
    trees = [_without_params(one.read_text(encoding="utf-8")).splitlines() for one in (old, new)]
    for number, (a, b) in enumerate(itertools.zip_longest(*trees), 1):
        if a != b:
            return differs(f"line {number} was {_text(a)}, now {_text(b)}")
    return EQUAL


def _without_params(text: str) -> str:
    """Return a model without its params; what pandas' categories stand for comes after them."""
    trees, _, rest = text.partition("\nparameters:")
    return f"{trees}\n{rest.partition('end of parameters')[2]}"


def is_lightgbm(path: Path) -> bool:
    """Return whether a text begins as LightGBM's models do."""
    with path.open("rb") as file:
        return file.read(13) == b"tree\nversion="
