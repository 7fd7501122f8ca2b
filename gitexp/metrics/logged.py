"""What a program told a tracker of one run, whatever the tracker's store is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from gitexp.model.values import Value

_INT = re.compile(r"[+-]?(?:0|[1-9]\d{0,299})")
_FLOAT = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_WORDS: Mapping[str, Value] = {"True": True, "False": False, "None": None}


class LoggedModel(Struct, frozen=True):
    """A model that was logged: what it is called, and where it is."""

    name: str
    place: str = ""
    """A path or an address, as the tracker has it; '' if it does not say."""
    md5: str = ""
    """Of its one file, if the tracker says that."""
    id: str = ""


class Logged(Struct, frozen=True):
    """One run of a tracker's."""

    run: str
    """Its id."""
    name: str = ""
    group: str = ""
    """The experiment or project that the tracker has it in."""
    started: int = 0
    """Milliseconds since 1970."""
    params: Mapping[str, Value] = {}
    metrics: Mapping[str, Value] = {}
    tags: Mapping[str, str] = {}
    """A tag that is a mere word has an empty value."""
    models: tuple[LoggedModel, ...] = ()


def value_of(text: str) -> Value:
    """Return what a param was before its tracker made it a text.

    What no number is written like, such as `007`, was a text.

    >>> value_of("1e-3"), value_of("12"), value_of("True"), value_of("None"), value_of("007")
    (0.001, 12, True, None, '007')
    """
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return _WORDS.get(text, text)


def with_step(metrics: dict[str, Value], steps: list[int]) -> dict[str, Value]:
    """Add the last step, if steps were counted and no metric is called so.

    >>> with_step({"loss": 0.5}, [3, 4]), with_step({"loss": 0.5}, [0])
    ({'loss': 0.5, 'step': 4}, {'loss': 0.5})
    """
    last = max(steps, default=0)
    return {**metrics, "step": last} if last > 0 and "step" not in metrics else metrics
