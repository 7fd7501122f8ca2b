"""The order of names in which the numbers in them count as numbers."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.model.lazy_pattern import lazy_pattern

_NUMBER = lazy_pattern(r"([0-9]+)")


def in_order(names: Iterable[str]) -> list[str]:
    """Return names as people would put them in order.

    >>> in_order(["layer_10.loss", "layer_2.loss", "layer_1.loss", "acc"])
    ['acc', 'layer_1.loss', 'layer_2.loss', 'layer_10.loss']
    """
    return sorted(names, key=natural)


def natural(name: str) -> tuple[list[tuple[str, int, str]], str]:
    """Return what orders a name: text and numbers in turn, and the name itself of `1` and `01`.

    Numbers are compared by their digits: a name may have more of them than `int` reads.
    """
    texts = _NUMBER.split(name)
    numbers = [digits.lstrip("0") for digits in texts[1::2]]
    parts = zip(texts[::2], [*numbers, ""], strict=True)
    return [(text, len(digits), digits) for text, digits in parts], name
