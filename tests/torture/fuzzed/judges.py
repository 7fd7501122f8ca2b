"""What other programs read in params files, and in how many pieces a text is in another."""

from __future__ import annotations

import contextlib
import functools
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gitexp.model.documents.reading import decode
from gitexp.model.values import Value

Values = dict[str, Value]
_SCALARS = (str, int, float)
_BOOLEAN_KEY = re.compile(rb"(?i)\b(?:true|false)\s*:")
"""What a mapping of Python's may take for 0 or 1."""


class NoJudgeError(Exception):
    """This program cannot read the file."""


def read_toml(content: bytes, name: str) -> Values:
    """Return what Python reads, which knows TOML 1.0 alone; it makes a newline of any line end."""
    if sys.version_info >= (3, 11) and b"\r" not in content:
        import tomllib  # noqa: PLC0415 - not in Python 3.10

        with contextlib.suppress(tomllib.TOMLDecodeError):
            return _values(tomllib.loads(decode(content, name)))
    raise NoJudgeError


def read_yaml(content: bytes, name: str) -> Values:
    """Return what ruamel.yaml reads, by which DVC does; ten times as slow as libyaml."""
    if _BOOLEAN_KEY.search(content):
        raise NoJudgeError
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an anchor that is used again
        try:
            return _values(_ruamel().load(decode(content, name)) or {})
        except (YAMLError, ValueError, AttributeError, TypeError) as error:
            raise NoJudgeError from error


@functools.cache
def _ruamel() -> YAML:
    return YAML(typ="safe", pure=True)


def _values(read: Any) -> Values:
    return {_key(key): _plain(one) for key, one in read.items()}


def _plain(value: Any) -> Any:
    """Return values with keys as JSON has them and times as texts."""
    if isinstance(value, dict):
        return _values(value)
    if isinstance(value, list):
        return list(map(_plain, value))
    return value if value is None or isinstance(value, _SCALARS) else value.isoformat()


def _key(key: Any) -> str:
    return "null" if key is None else str(key) if isinstance(key, _SCALARS) else key.isoformat()


JUDGES: dict[str, Callable[[bytes, str], Values]] = {"toml": read_toml, "yaml": read_yaml}


def is_within(less: str, more: str) -> bool:
    """Return whether a text is in another one whole, or in two or three pieces.

    >>> is_within("[1]", "[1, 2]"), is_within("[1\\n]", "[1,\\n2,\\n]"), is_within("abc", "acb")
    (True, True, False)
    """
    most = min(len(less), len(more))
    start = next((at for at in range(most) if less[at] != more[at]), most)
    most -= start
    end = next((at for at in range(most) if less[-1 - at] != more[-1 - at]), most)
    return less[start : len(less) - end] in more[start : len(more) - end]
