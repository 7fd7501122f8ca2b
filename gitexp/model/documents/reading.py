"""Params and metrics files as values, told apart by their name's ending.

YAML 1.2, JSON and TOML can be edited as well; of Python, the values are only read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias, cast

from gitexp.errors import GitexpError
from gitexp.model.documents.conflicts import marker_line
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.values import Value, check_depth

_BARE_STAR = lazy_pattern(r"(?:^|[\s,{\[])\*")
"""In YAML the start of an alias, when people mean a pattern."""
_OF_ALIASES = lazy_pattern("undefined alias|alphabetic or numeric")
"""What the parser complains about then: no such alias, or not a name."""
BYTE_ORDER_MARK = "\ufeff"
KINDS = {".yaml": "YAML", ".yml": "YAML", ".json": "JSON", ".toml": "TOML"}
"""What a params or metrics file may be, by the ending of its name."""
PYTHON = ".py"
LARGEST = {"YAML": 2_000_000, "TOML": 500_000, "JSON": 20_000_000, "Python": 2_000_000}
"""Bytes of a file that values are read from: what its parser manages in some seconds."""


Parse: TypeAlias = "Callable[[bytes, str], dict[str, Value]]"
"""What reads a file's values as `parse_document` does, perhaps from memory."""


def kind_of(name: str) -> str:
    """Return "YAML", "JSON" or "TOML".

    >>> kind_of("conf/params.yml")
    'YAML'
    """
    dot = name.rfind(".")
    kind = KINDS.get(name[dot:].lower()) if dot >= 0 else None
    if kind is None:
        raise GitexpError(
            f"cannot read values from '{name}'",
            f"Use a file whose name ends in {', '.join(f'`{ending}`' for ending in KINDS)}.",
        )
    return kind


def is_editable(name: str) -> bool:
    """Return whether values can be read from a file and set in it, by the ending of its name.

    >>> is_editable("conf/config.yaml"), is_editable("params.py")
    (True, False)
    """
    return name.lower().endswith(tuple(KINDS))


def decode(content: bytes, name: str) -> str:
    """Return the text of a file, without a byte order mark."""
    try:
        return content.decode().removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GitexpError(
            f"'{name}' is not UTF-8 (line {line})", "Save the file in the encoding `UTF-8`."
        ) from error


def parse_document(content: bytes, name: str) -> dict[str, Value]:
    """Read a file's values; an empty file has none.

    Keys are strings, as JSON would write them, and dates are RFC 3339 strings.

    >>> parse_document(b"lr: 1e-3  # as YAML 1.2 has it", "params.yaml")
    {'lr': 0.001}
    """
    kind = "Python" if name.lower().endswith(PYTHON) else kind_of(name)
    if len(content) > LARGEST[kind]:
        raise GitexpError(
            f"'{name}' has {len(content) / 1e6:.1f} MB, and values are read from {kind} up to "
            f"{LARGEST[kind] / 1e6:g} MB",
            "Put what is large behind a pointer: `gitexp track PATH`.",
        )
    text = decode(content, name)
    try:
        value = _PARSERS[kind](text)
        _check(value)
    except _Unreadable as error:
        if line := marker_line(content):
            raise GitexpError(
                f"'{name}' has conflict markers in line {line}",
                "Resolve the conflict, then try again.",
            ) from error
        raise GitexpError(
            f"'{name}' is not valid {kind} ({error})",
            error.hint or f"Fix `{name}`, then try again.",
        ) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else "a single value"
        raise GitexpError(
            f"'{name}' holds {what}, not a mapping", "Give each value a name: `lr: 0.1`."
        )
    return value


class _Unreadable(Exception):
    """What a parser says is wrong, with the place if it knows it."""

    def __init__(self, problem: str, hint: str | None = None) -> None:
        super().__init__(problem)
        self.hint = hint


def _check(value: Value) -> None:
    try:
        check_depth(value)
    except ValueError as error:  # nested too deep, or a number too long
        raise _Unreadable(str(error)) from error


def _parse_yaml(text: str) -> Value:
    from gitexp.model.documents.yaml_nodes import (  # noqa: PLC0415 - 30 ms, where there is YAML
        Malformed,
        parsed_value,
    )

    try:
        return parsed_value(text)
    except Malformed as error:
        place = f"line {error.line}, column {error.column}"
        lines = text.splitlines()[error.line - 1 : error.line]
        starred = _OF_ALIASES.search(error.problem) and any(map(_BARE_STAR.search, lines))
        hint = 'Quote what begins with a `*`: `"*.loss"`.' if starred else None
        raise _Unreadable(f"{place}: {error.problem}", hint) from error


def _parse_json(text: str) -> Value:
    if not text.strip():
        return None
    try:
        return cast("Value", json.loads(text))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _Unreadable(f"{place}: {error.msg.lower()}") from error
    except RecursionError as error:
        raise _Unreadable("nested too deep") from error
    except ValueError as error:
        raise _Unreadable("a number has too many digits") from error


def _parse_toml(text: str) -> Value:
    import tomlkit  # noqa: PLC0415 - 9 ms with the one below, where there is TOML
    from tomlkit.exceptions import ParseError, TOMLKitError  # noqa: PLC0415

    try:
        return _plain(tomlkit.parse(text).unwrap())
    except ParseError as error:
        problem = str(error).partition(" at line ")[0].lower()
        raise _Unreadable(f"line {error.line}, column {error.col + 1}: {problem}") from error
    except (TOMLKitError, ValueError) as error:
        raise _Unreadable(str(error).lower()) from error
    except RecursionError as error:
        raise _Unreadable("nested too deep") from error


def _plain(value: object) -> Value:
    """Return a value of tomlkit with its dates and times as strings."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float):
        return value
    return str(getattr(value, "isoformat", value.__str__)())


def _parse_python(text: str) -> Value:
    from gitexp.model.documents.python_reading import (  # noqa: PLC0415 - 8 ms, where params are in Python
        NoPython,
        read_python,
    )

    try:
        return read_python(text)
    except NoPython as error:
        raise _Unreadable(str(error)) from error


_PARSERS: dict[str, Callable[[str], Value]] = {
    "Python": _parse_python,
    "YAML": _parse_yaml,
    "JSON": _parse_json,
    "TOML": _parse_toml,
}
