"""Axes from words: Hydra's grammar of sweeps, read by its own parser, and a file before a colon."""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import (
    check_depth,
    operation_of,
    parsed_by_hydra,
    plain_value,
    split_file,
)
from gitexp.model.override import Operation
from gitexp.model.values import Value, dumps
from gitexp.sweep.misread import misread
from gitexp.sweep.space import Axis, Choices, Interval

MOST_CHOICES = 10_000
"""How many values an axis may list: each stands in the definition of the sweep."""
LARGEST = 2**53
"""Up to here every whole number is a float, too."""

_SPELLABLE = re.compile(r"[A-Za-z0-9_$+./*%?|@-]+(?: +[A-Za-z0-9_$+./*%?|@-]+)*", re.ASCII)
"""Keys of mappings that Hydra's grammar has a way to write."""
_SHUFFLED = re.compile(r"(?<![\w.])shuffle\s*\(")
_GLOB = re.compile(r"=\s*glob\s*\(")


def parse_axis(text: str) -> tuple[Axis, list[str]]:
    """Read one word of a space; return the axis, and notes on it.

    Raises GitexpError for what Hydra refuses, and for what a sweep cannot repeat.

    >>> parse_axis("depth=range(2,10,2)")[0].domain.values
    (2, 4, 6, 8)
    """
    file, rest = split_file(text)
    _check_repeatable(text, rest)
    try:
        parsed = parsed_by_hydra(text, rest)
    except GitexpError as error:
        raise misread(text) or error from error
    operation, key = operation_of(parsed), parsed.key_or_group
    if operation is Operation.DELETE:
        raise GitexpError(
            f"'{text}' gives no values to try", f"To delete the key in every point: `-S '{text}'`."
        )
    check_key(text, key)
    notes: list[str] = []
    domain = _domain(text, key, parsed.value(), notes)
    return Axis(key, domain, file, operation.value), notes


def check_key(text: str, key: str) -> None:
    """Raise GitexpError for a key that is none."""
    if not all(key.split(".")):
        raise GitexpError(f"'{text}' names no key", "Write an axis as `key=value,value`.")
    check_depth(key)


def _check_repeatable(text: str, rest: str) -> None:
    unquoted = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "''", rest)
    if _SHUFFLED.search(unquoted):
        raise GitexpError(
            f"'{text}' is in another order each time",
            "Leave `shuffle` out; `--sampler random` tries points in an order of its own, the same "
            "each time.",
        )
    if _GLOB.search(unquoted):
        raise GitexpError(
            f"'{text}' asks for config groups, which params files do not have",
            "List the values: `key=a,b,c`.",
        )


def _domain(text: str, key: str, value: Any, notes: list[str]) -> Choices | Interval:
    from hydra.core.override_parser import types  # noqa: PLC0415 - its parser has run already

    if isinstance(value, types.Sweep):
        _check_tags(text, value)
    if isinstance(value, types.IntervalSweep):
        return interval(key, value.start, value.end, log="log" in value.tags)
    if isinstance(value, types.RangeSweep):
        return stepped(key, value.start, value.stop, value.step)
    listed = value.list if isinstance(value, types.ChoiceSweep) else [value]
    return choices(key, [_unquoted(one) for one in listed], notes)


def _check_tags(text: str, sweep: Any) -> None:
    from hydra.core.override_parser.types import IntervalSweep  # noqa: PLC0415 - as above

    unknown = sorted(sweep.tags - {"log"})
    if unknown:
        raise GitexpError(f"'{text}' has an unknown tag '{unknown[0]}'", "The only one is `log`.")
    if sweep.tags and not isinstance(sweep, IntervalSweep):
        raise GitexpError(
            f"'{text}' has a tag that only intervals have",
            "Write `tag(log, interval(1e-4,1e-1))`, or leave it out.",
        )


def _unquoted(value: object) -> Value:
    from hydra.core.override_parser.types import QuotedString  # noqa: PLC0415 - as above

    if isinstance(value, QuotedString):
        return str(value.text)
    if isinstance(value, list):
        return [_unquoted(item) for item in value]
    if isinstance(value, dict):
        return plain_value({key: _unquoted(item) for key, item in value.items()})
    return plain_value(value)


def choices(key: str, values: Iterable[Value], notes: list[str]) -> Choices:
    """Return values as choices, each once; equal ones of other types stay apart."""
    listed = list(values)
    found: dict[str, Value] = {}
    for value in listed:
        found.setdefault(dumps(value), value)
    kept = tuple(found.values())
    for value in kept:
        _check_keys(key, value)
    if not kept:
        raise GitexpError(f"'{key}' has no values to try", f"Give some: `{key}=1,2`.")
    _check_count(key, len(kept))
    if len(kept) < len(listed):
        times = Counter(map(dumps, listed))
        twice = next(text for text, count in times.items() if count > 1)
        notes.append(f"note: '{key}' has {twice} more than once: it counts once")
    return Choices(kept)


def _is_spellable(name: str) -> bool:
    """Return whether Hydra's grammar can write the key of a mapping, and reads the same back.

    >>> _is_spellable("a b"), _is_spellable("1"), _is_spellable("1."), _is_spellable("True")
    (True, True, False, False)
    """
    if not _SPELLABLE.fullmatch(name):
        return False
    if name.lower() in ("true", "false", "null", "nan", "inf"):
        return name.islower()
    with contextlib.suppress(ValueError):
        return name in (str(float(name)), str(int(float(name))))
    return True


def _check_keys(key: str, value: Value) -> None:
    """Raise GitexpError for a mapping with keys that no override can spell."""
    if isinstance(value, list):
        for item in value:
            _check_keys(key, item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not _is_spellable(name):
                raise GitexpError(
                    f"'{key}' has a mapping with the key '{name}', which cannot be set",
                    "Set its values one by one, or choose among files by their names.",
                )
            _check_keys(key, item)


def stepped(key: str, start: float, stop: float, step: float) -> Choices:
    """Return a range without its end as choices; steps are as exact as they are written.

    >>> stepped("x", 0.1, 0.4, 0.1).values
    (0.1, 0.2, 0.3)
    """
    _check_numbers(key, start, stop, step)
    first, end, by = (Decimal(repr(number)) for number in (start, stop, step))
    if not (first.is_finite() and end.is_finite() and by.is_finite()) or not by:
        raise GitexpError(
            f"'{key}' has a range that never ends",
            f"Write `{key}=range(START,END,STEP)` with numbers, and a step other than 0.",
        )
    count = max(0, math.ceil((end - first) / by))
    if not count:
        raise GitexpError(
            f"'{key}' has a range without values, from {start} to {stop} by {step}",
            f"The end does not count: `{key}=range({min(start, stop)},{max(start, stop) + 1})`.",
        )
    _check_count(key, count)
    whole = all(isinstance(number, int) for number in (start, stop, step))
    numbers = (first + by * at for at in range(count))
    return Choices(tuple(int(one) if whole else float(one) for one in numbers), ordered=True)


def _check_numbers(key: str, *numbers: float) -> None:
    """Raise GitexpError for true and false, which Hydra passes on as the ends of a range."""
    if any(isinstance(one, bool) for one in numbers):
        raise GitexpError(
            f"'{key}' has a range of true or false", f"List them: `{key}=true,false`."
        )


def interval(key: str, low: float, high: float, *, log: bool) -> Interval:
    """Return an interval; raises GitexpError for one that is none."""
    whole = isinstance(low, int) and isinstance(high, int)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise GitexpError(f"'{key}' has an interval without an end", "Give two finite numbers.")
    if low > high:
        raise GitexpError(
            f"'{key}' has an interval that ends before it begins, from {low:g} to {high:g}",
            f"Turn it round: `{key}=interval({high:g},{low:g})`.",
        )
    if low == high:
        raise GitexpError(
            f"'{key}' has an interval with one value", f"Write `{key}={low:g}` to set it."
        )
    if log and low <= 0:
        raise GitexpError(
            f"'{key}' has a logarithmic interval that begins at {low:g}",
            "Begin above 0, or leave out `log`.",
        )
    if whole and max(abs(low), abs(high)) > LARGEST:
        raise GitexpError(
            f"'{key}' has whole numbers above 2^53", "Leave out `int`: floats go further."
        )
    return Interval(low, high, log=log, integer=whole)


def _check_count(key: str, count: int) -> None:
    if count > MOST_CHOICES:
        raise GitexpError(
            f"'{key}' has {count:,} values; an axis lists at most {MOST_CHOICES:,}",
            f"Take an interval: `{key}=interval(1,100)`, with `int(...)` around it for whole "
            "numbers.",
        )
