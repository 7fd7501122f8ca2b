"""Nested names and paths, as short as they can be and still be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

_MOST_PARTS = 8
"""Names with more parts than anybody reads are not tried in every form."""


def short_names(names: Sequence[str]) -> list[str]:
    """Return names without the parts that are not needed to tell them apart.

    >>> short_names(["name", "val.loss", "train.loss", "model.name", "train.lr"])
    ['name', 'val.loss', 'train.loss', 'model.name', 'lr']
    >>> short_names(["model.encoder.attention.dropout", "model.decoder.attention.dropout"])
    ['encoder…dropout', 'decoder…dropout']
    >>> short_names(["data/train/images", "data/test/images", "src/net.py"])
    ['train/images', 'test/images', 'net.py']
    >>> short_names(["a.yaml:train.lr", "b.yaml:train.lr", "a.yaml:lr"])
    ['a.yaml:train.lr', 'b.yaml:train.lr', 'a.yaml:lr']
    """
    forms = {name: dict.fromkeys([*_forms(name), name]) for name in names}
    times = Counter(form for each in forms.values() for form in each)
    return [next((form for form in forms[name] if times[form] == 1), name) for name in names]


def _forms(name: str) -> Iterator[str]:
    """Yield the last part, alone and then with one or two of those before it, the nearest first."""
    file, colon, key = name.rpartition(":")
    separator = "/" if "/" in key else "."
    first, *others = key.split(separator)
    parts = [f"{file}{colon}{first}", *others]
    last = len(parts) - 1
    if not parts[last] or last > _MOST_PARTS:
        return
    for count in (0, 1, 2):
        for chosen in combinations(range(last - 1, -1, -1), count):
            yield _joined(parts, (*reversed(chosen), last), separator)


def _joined(parts: Sequence[str], places: Sequence[int], separator: str) -> str:
    text = parts[places[0]]
    for before, at in pairwise(places):
        text += (separator if at == before + 1 else "…") + parts[at]
    return text
