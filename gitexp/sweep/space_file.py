"""Axes from a file in YAML, in the words that people know from W&B and Optuna."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import cast

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import split_file
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value, Values, is_number
from gitexp.sweep.grammar import check_key, choices, interval, stepped
from gitexp.sweep.space import Axis, Choices, Interval

_CALLED_ELSEWHERE = {"low": "min", "high": "max", "choices": "values"}
_KNOWN = ("values", "value", "min", "max", "step", "log", "when")
_FORMS = "`{values: [1, 2]}` or `{min: 1e-4, max: 0.1, log: true}`"


def parse_space(content: bytes, name: str) -> tuple[list[Axis], list[str]]:
    """Read a space file; return its axes in their order, and notes on them."""
    document = parse_document(content, name)
    if isinstance(document.get("parameters"), dict) and "method" in document:
        raise GitexpError(
            f"'{name}' is a sweep of W&B's, not a space",
            "Put what is below `parameters:` into a file of its own; method and metric go onto the "
            "command line, as `--sampler` and `--metric`.",
        )
    if not document:
        raise GitexpError(f"'{name}' has no axes", f"Write a key a line, with {_FORMS}.")
    return axes_of(document, name)


def axes_of(document: Values, name: str) -> tuple[list[Axis], list[str]]:
    """Return the axes of a mapping in their order, and notes on them; `name` says where it is."""
    notes: list[str] = []
    axes = [_axis(key, value, name, notes) for key, value in document.items()]
    return axes, notes


def _axis(text: str, value: Value, name: str, notes: list[str]) -> Axis:
    file, rest = split_file(text)
    key = rest.lstrip("+")
    sign = rest[: len(rest) - len(key)]
    check_key(text, key)
    if len(sign) > len("++"):
        raise GitexpError(f"'{text}' in '{name}' has too many signs", "Write `+key` or `++key`.")
    if not isinstance(value, dict):
        listed = value if isinstance(value, list) else [value]
        return Axis(key, choices(key, listed, notes), file, sign)
    words = {_CALLED_ELSEWHERE.get(word, word): one for word, one in value.items()}
    _check_words(text, words, name)
    when = words.pop("when", None)
    if when is not None and (not isinstance(when, str) or not when.strip()):
        raise GitexpError(
            f"'{text}' in '{name}' has a `when` that is no condition",
            "Write one on an axis before it, as `when: model = rf`.",
        )
    return Axis(key, _domain(text, words, name, notes), file, sign, when)


def _check_words(text: str, words: Mapping[str, Value], name: str) -> None:
    for word in words:
        if word in _KNOWN:
            continue
        close = difflib.get_close_matches(word, _KNOWN, n=1)
        hint = f"Did you mean `{close[0]}`?" if close else f"An axis is {_FORMS}."
        if isinstance(words[word], dict | list) and not close:
            hint = f"Write nested keys with dots: `{text}.{word}: …`."
        raise GitexpError(f"'{text}' in '{name}' has an unknown word '{word}'", hint)


def _domain(
    text: str, words: Mapping[str, Value], name: str, notes: list[str]
) -> Choices | Interval:
    listed = [word for word in ("values", "value") if word in words]
    if len(listed) == 1 and len(words) == 1:
        value = words[listed[0]]
        if listed == ["value"]:
            return choices(text, [value], notes)
        if isinstance(value, list):
            return choices(text, value, notes)
        raise GitexpError(
            f"'{text}' in '{name}' has `values` that are no list", "Write `values: [1, 2]`."
        )
    bounds = [words.get("min"), words.get("max")]
    log, step = words.get("log", False), words.get("step")
    if listed or not all(map(is_number, bounds)) or not isinstance(log, bool):
        raise GitexpError(
            f"'{text}' in '{name}' says neither which values nor from where to where",
            f"An axis is {_FORMS}.",
        )
    low, high = cast("list[float]", bounds)
    if step is None:
        return interval(text, low, high, log=log)
    if not is_number(step) or step <= 0 or log:
        raise GitexpError(
            f"'{text}' in '{name}' has a step that cannot be gone",
            "A step is a number above 0, and there is none in orders of magnitude (`log`).",
        )
    return _with_end(text, low, high, step)


def _with_end(key: str, low: float, high: float, step: float) -> Choices:
    """Return the values of a stepped range whose end counts, as Optuna has it."""
    if low > high:
        interval(key, low, high, log=False)  # says so
    beyond = stepped(key, low, high + step, step)
    values = tuple(value for value in beyond.values if is_number(value) and value <= high)
    return Choices(values, ordered=True)
