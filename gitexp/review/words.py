"""Values in the phrases of a verdict."""

from __future__ import annotations

import math

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import number_text, pair_texts
from gitexp.model.values import dumps, is_number

_LONGEST = 40
_NAMED = 3
_MOST_DECIMALS = 6


def shown(value: object) -> str:
    """Return a value as it stands in a phrase.

    >>> shown(0.1 + 0.2), shown("adam"), shown(None)
    ('0.3', '"adam"', 'null')
    """
    if is_number(value):
        return number_text(value)
    text = "absent" if value is ABSENT else dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def part_text(part: float) -> str:
    """Return a part in percent.

    >>> part_text(0.02), part_text(0.125), part_text(3)
    ('2 %', '12.5 %', '300 %')
    """
    return f"{_plain(number_text(_hundredfold(part)))} %"


def part_pair(one: float, other: float) -> tuple[str, str]:
    """Return two parts in percent, rounded as in tables; with as many digits as tell them apart.

    >>> part_pair(0.0312415, 0.03), part_pair(0.0200001, 0.02), part_pair(0.02, 0.02)
    (('3.1 %', '3 %'), ('2.00001 %', '2 %'), ('2 %', '2 %'))
    """
    parts = [_hundredfold(one), _hundredfold(other)]
    if all(map(math.isfinite, parts)):
        for digits in range(1, _MOST_DECIMALS):
            rounded = [round(part, digits) for part in parts]
            if _order(rounded) == _order(parts):
                return _percent(rounded[0]), _percent(rounded[1])
    texts = pair_texts(parts[0], parts[1])
    return f"{_plain(texts[0])} %", f"{_plain(texts[1])} %"


def _order(parts: list[float]) -> tuple[bool, bool]:
    return parts[0] < parts[1], parts[0] > parts[1]


def _percent(part: float) -> str:
    return f"{_plain(number_text(part))} %"


def named(names: list[str]) -> str:
    """Return a few of the names, and how many more there are.

    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_NAMED])} and {more} more"


def listed(parts: list[str]) -> str:
    """Return all of the parts, the last one after an 'and'.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _hundredfold(part: float) -> float:
    return float(f"{part * 100:.12g}") if math.isfinite(part) else part


def _plain(number: str) -> str:
    return number.removesuffix(".0")
