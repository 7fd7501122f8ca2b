"""Texts that are nearly right: valid ones with a piece lost, doubled or spoilt, and plain noise."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_PLAIN = "abcxyzABC0123456789_ "
_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r"
_ODD = "\0\x07\x1b\x7f\x85\xa0éßµ²³٣①Ⅷ\u0301\u200b\u200d\u2028\u2029\u202e\ufeff\ufffd\ufffe😀損"
_MOST_NOISE = 40
_OFTEN = (2, 3, 20, 120)
"""How many times a piece is repeated: seldom so often that it nests deeply."""


def noise(lot: Random, longest: int = _MOST_NOISE) -> str:
    """Return characters by lot, mostly signs."""
    alphabet = lot.choice((_PLAIN, _SIGNS, _PLAIN + _SIGNS, _PLAIN + _SIGNS + _ODD, _ODD))
    return "".join(lot.choices(alphabet, k=lot.randrange(longest + 1)))


def spoilt(text: str, lot: Random, words: Sequence[str]) -> str:
    """Return a text with one to four accidents; `words` are what its grammar knows."""
    for _ in range(lot.choice((1, 1, 1, 2, 2, 3, 4))):
        start = lot.randrange(len(text) + 1)
        end = min(len(text), start + lot.choice((0, 1, 1, 2, 5, 15)))
        piece = text[start:end]
        new = _piece(piece, lot, words)
        if len(text) + len(new) < 20_000:
            text = text[:start] + new + text[end:]
    return text


def _piece(old: str, lot: Random, words: Sequence[str]) -> str:
    """Return what comes in the place of a piece."""
    new = lot.choice(words)
    return lot.choice(
        (
            "",
            old * lot.choice(_OFTEN),
            noise(lot, 3),
            new,
            f"{old}{new}{old}",
            old[::-1],
            new * lot.choice(_OFTEN),
        )
    )


def word(lot: Random) -> str:
    """Return a name that people and machines may have given."""
    return lot.choice(_NAMES) if lot.random() < 0.8 else noise(lot, 6)


_NAMES = (
    *("lr", "loss", "accuracy", "train.lr", "val/loss", "a-b", "x", "f1 score", "model.layers.0"),
    *("true", "null", "and", "name", "status", "metrics.loss", "params.lr", "é", "1e3", "0.5"),
)
