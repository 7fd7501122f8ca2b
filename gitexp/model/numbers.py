"""Numbers as people read them: short, and never untrue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

_DIGITS = 6
"""Significant digits shown when nothing asks for more."""

_MOST_DIGITS = 17
"""Significant digits that tell any two doubles apart."""

_MINUTE, _HOUR = 60, 60
"""In seconds, and in minutes."""

_NEXT_UNIT = 999.95
"""What would be rounded to 1000.0 of a unit is 1.0 of the next."""


_DIGITS_OF_SPREAD = 6
_LARGEST_SPREAD = 1e6
"""Beyond these a mean and its deviation are written in powers of ten."""


def number_text(number: float, digits: int = _DIGITS) -> str:
    """Return `number` in at most `digits` significant digits; integers are given whole.

    >>> number_text(0.1 + 0.2), number_text(1234567), number_text(1e-7), number_text(3.0)
    ('0.3', '1234567', '1e-07', '3.0')
    """
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        return str(number)
    shortest = repr(number)
    rounded = f"{number:.{digits}g}"
    whole = "." not in rounded and "e" not in rounded
    if len(shortest) <= len(rounded) or (whole and float(rounded) == number):
        return shortest
    return rounded


def spread_text(mean: float, deviation: float | None) -> str:
    """Return a mean with its standard deviation, to the digits that the latter gives sense to.

    >>> spread_text(0.90695, 0.00190919), spread_text(1234.5, 67.8), spread_text(0.5, 0.0)
    ('0.9070 ± 0.0019', '1234 ± 68', '0.5 ± 0')
    >>> spread_text(0.25, None)
    '0.25'
    """
    if deviation is None or not math.isfinite(mean):
        return number_text(mean)
    if deviation == 0:
        return f"{number_text(mean)} ± 0"
    place = math.floor(math.log10(deviation)) - 1
    if abs(place) > _DIGITS_OF_SPREAD or abs(mean) >= _LARGEST_SPREAD:
        return f"{number_text(mean)} ± {number_text(deviation, 2)}"
    decimals = max(0, -place)
    return f"{mean:.{decimals}f} ± {deviation:.{decimals}f}"


def repeats_text(mean: float, deviation: float | None, count: int) -> str:
    """Return a mean with its deviation, and of how many values it is if they are several.

    >>> repeats_text(0.25, None, 1), repeats_text(0.5, 0.0, 2)
    ('0.25', '0.5 ± 0 (n = 2)')
    """
    text = spread_text(mean, deviation)
    return f"{text} (n = {count})" if count > 1 else text


def pair_texts(old: float, new: float) -> tuple[str, str]:
    """Return both numbers with as many digits as tell them apart.

    >>> pair_texts(0.12345678, 0.12345679)
    ('0.12345678', '0.12345679')
    """
    texts = texts_apart((old, new))
    return texts[0], texts[1]


def texts_apart(numbers: Sequence[float]) -> list[str]:
    """Return numbers with as many digits as tell those that differ apart.

    >>> texts_apart([0.12345678, 0.12345679, 0.5])
    ['0.12345678', '0.12345679', '0.5']
    """
    kinds = _count(numbers)
    for digits in range(_DIGITS, _MOST_DIGITS + 1):
        texts = [number_text(number, digits) for number in numbers]
        if _count([float(text) for text in texts]) == kinds:
            return texts
    return [repr(number) for number in numbers]


def texts_of(number: float) -> frozenset[str]:
    """Return all that a number may be written as, whatever others it has to be told from.

    >>> sorted(texts_of(0.12345678))
    ['0.12345678', '0.1234568', '0.123457']
    """
    digits = range(_DIGITS, _MOST_DIGITS + 1)
    return frozenset((*(number_text(number, some) for some in digits), repr(number)))


def _count(numbers: Sequence[float]) -> int:
    """Return how many numbers differ, NaN being equal to NaN."""
    return len({None if is_nan(number) else number for number in numbers})


def same_number(old: float, new: float) -> bool:
    """Return whether two numbers are equal, NaN being equal to NaN."""
    return old == new or (is_nan(old) and is_nan(new))


def difference(old: float, new: float) -> float:
    """Return how far the number moved, free of binary noise.

    The subtraction is done on the shortest decimals that name the two doubles,
    as a person would do it on paper.

    >>> difference(0.3, 0.4), difference(0.942, 0.961), difference(3, 5)
    (0.1, 0.019, 2)
    """
    if isinstance(old, int) and isinstance(new, int):
        return new - old
    if not (_is_finite(old) and _is_finite(new)):
        if same_number(old, new):
            return 0.0
        return math.nan if is_nan(old) or is_nan(new) else _infinite(old, new)
    return float(_exact(new) - _exact(old))


def portion(part: float, number: float) -> float:
    """Return a part of a number's size, free of binary noise; 0 of what is not finite.

    >>> portion(0.1, -3), portion(0.02, float("inf"))
    (0.3, 0.0)
    """
    if not part or not _is_finite(number):
        return 0.0
    return float(_exact(part) * abs(_exact(number)))


def share(number: float, whole: float) -> float:
    """Return which part of a whole's size a number is; infinite if that is undefined.

    >>> share(0.3, -3), share(1, 0), share(0, 0)
    (0.1, inf, 0.0)
    """
    if not number:
        return 0.0
    if not whole or not _is_finite(whole) or not _is_finite(number):
        return math.inf
    return float(_exact(number) / abs(_exact(whole)))


def is_nan(number: float) -> bool:
    """Return whether a number is NaN, also of integers that no float can hold."""
    return number != number  # noqa: PLR0124 - only NaN is not itself


def _exact(number: float) -> Decimal:
    from decimal import Decimal  # noqa: PLC0415 - 1 ms, where numbers are compared

    return Decimal(repr(number))


def _infinite(old: float, new: float) -> float:
    """Return the difference of two numbers of which one at least is infinite."""
    if not _is_finite(old) and not _is_finite(new):
        return new  # from one end to the other
    return -old if not _is_finite(old) else new


def _is_finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)  # an int may be too large for a float


def signed_text(number: float) -> str:
    """Return a difference with its sign.

    >>> signed_text(0.019), signed_text(-2), signed_text(0.0)
    ('+0.019', '-2', '0.0')
    """
    return f"+{number_text(number)}" if number > 0 else number_text(number)


def delta_text(delta: float) -> str:
    """Return a difference with its sign; nothing of NaN.

    >>> delta_text(0.019), delta_text(math.nan)
    ('+0.019', '')
    """
    return "" if is_nan(delta) else signed_text(delta)


def duration_text(seconds: float) -> str:
    """Return a duration to two units.

    >>> duration_text(0.21), duration_text(3.4), duration_text(75), duration_text(7384)
    ('0.2 s', '3 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, _MINUTE)
    if minutes < _HOUR:
        return f"{minutes} min {rest} s"
    return f"{minutes // _HOUR} h {minutes % _HOUR} min"


def size_text(size: int) -> str:
    """Return a size in bytes with a decimal unit, as `ls` and disks have it.

    >>> size_text(999), size_text(1_234_567)
    ('999 B', '1.2 MB')
    """
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < _NEXT_UNIT:
            return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def size_texts(one: int, other: int) -> tuple[str, str]:
    """Return two sizes as texts that differ if the sizes do.

    >>> size_texts(1_200_000, 1_000_000), size_texts(1_000_001, 1_000_000)
    (('1.2 MB', '1.0 MB'), ('1000001 B', '1000000 B'))
    """
    texts = size_text(one), size_text(other)
    return texts if texts[0] != texts[1] or one == other else (f"{one} B", f"{other} B")


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(0, "run"), counted(1, "run"), counted(2, "entry", "entries")
    ('0 runs', '1 run', '2 entries')
    """
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
