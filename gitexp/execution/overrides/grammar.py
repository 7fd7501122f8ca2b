"""The grammar of overrides, `[FILE:]key=value`: Hydra's, with a short way for plain values."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any, TypeAlias, cast

from gitexp.errors import GitexpError
from gitexp.model.override import Operation, Override
from gitexp.model.values import Scalar, Value

_Parsed: TypeAlias = tuple[Operation, str, Value, bool]

_HEAD = re.compile(r"(?P<sign>~|\+{0,2})(?:(?P<file>[^=]*):)?(?P<rest>.*)", re.DOTALL)
_PLAIN = re.compile(
    r"(?P<sign>\+{0,2})(?P<key>[A-Za-z_][A-Za-z0-9_-]*(?:\.(?:[A-Za-z_][A-Za-z0-9_-]*|0|[1-9]\d*))*)="
    r"(?:(?P<int>[+-]?(?:0|[1-9]\d{0,99}))"
    r"|(?P<float>[+-]?(?:0|[1-9]\d{0,99})(?:\.\d{1,99}(?:[eE][+-]?\d{1,9})?|[eE][+-]?\d{1,9}))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_./-]*))",
    re.ASCII,
)
_WORDS = {"true": True, "false": False, "null": None, "nan": float("nan"), "inf": float("inf")}

_MOST_PARTS = 100
"""Of a key: what reads and writes params files goes in as deep as a key does."""
_SWEEP_HINT = "Quote a comma that belongs to the value; a run has one value for each param."


def parse_override(text: str) -> Override:
    """Read an override; raise `GitexpError` for what Hydra refuses, and for sweeps.

    >>> parse_override("conf/a.yaml:+train.lr=1e-3").key
    ('train', 'lr')
    """
    file, rest = split_file(text)
    parsed = _parse_plain(rest) or _parse_single(text, rest)
    operation, name, value, has_value = parsed
    key = tuple(name.split("."))
    if not all(key):
        raise GitexpError(f"'{text}' names no key", "Write an override as `key=value`.")
    check_depth(name)
    return Override(text, file, operation, key, value, has_value)


def check_depth(key: str) -> None:
    """Raise GitexpError for a key with more parts than any params file has."""
    if key.count(".") >= _MOST_PARTS:
        raise GitexpError(
            f"'{key[:40]}…' has {key.count('.') + 1} parts", f"At most {_MOST_PARTS} can be set."
        )


def split_file(text: str) -> tuple[str | None, str]:
    """Return the file named before a colon that comes before any `=`, and what is left."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise GitexpError(
            f"the override {text!a} is not UTF-8", "Type it in a terminal that speaks `UTF-8`."
        ) from error
    head, equals, tail = text.partition("=")
    match = _HEAD.fullmatch(head)
    if match is None or match["file"] is None:
        return None, text
    if not match["file"]:
        raise GitexpError(
            f"'{text}' names no file before the colon", "Write it as `FILE:key=value`."
        )
    if match["file"][0] in "+~":
        raise GitexpError(
            f"'{text}' has more signs than there are",
            "`+` adds a key, `++` sets it in any case, `~` deletes it: `++FILE:key=value`.",
        )
    return match["file"], match["sign"] + match["rest"] + equals + tail


def _parse_plain(text: str) -> _Parsed | None:
    """Read what needs no grammar; importing Hydra takes as long as a small run."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    value: Value
    if match["int"] is not None:
        value = int(match["int"])
    elif match["float"] is not None:
        value = float(match["float"])
    else:
        value = _WORDS.get(match["word"].lower(), match["word"])
    return Operation(match["sign"]), match["key"], value, True


def plain_scalar(text: str) -> Scalar:
    """Return what a word means by itself: a number, true, false or null, else the text.

    >>> plain_scalar("1e-3"), plain_scalar("true"), plain_scalar("rf, or svm")
    (0.001, True, 'rf, or svm')
    """
    parsed = _parse_plain(f"x={text}")
    return text if parsed is None else cast("Scalar", parsed[2])


def _parse_single(text: str, rest: str) -> _Parsed:
    parsed = parsed_by_hydra(text, rest)
    if parsed.is_sweep_override():
        raise GitexpError(f"'{text}' gives several values", _SWEEP_HINT)
    has_value = parsed.value_type is not None
    return operation_of(parsed), parsed.key_or_group, plain_value(parsed.value()), has_value


def operation_of(parsed: Any) -> Operation:
    """Return what Hydra's reading of an override asks for."""
    return Operation({"CHANGE": "", "ADD": "+", "FORCE_ADD": "++", "DEL": "~"}[parsed.type.name])


def parsed_by_hydra(text: str, rest: str) -> Any:
    """Return an override as Hydra reads it, sweeps included; `rest` is `text` without a file.

    Raises GitexpError for what Hydra refuses, and for a package.
    """
    # ANTLR prints to stdout if its runtime is not of the version that Hydra was made with
    with contextlib.redirect_stdout(io.StringIO()):
        from hydra.core.override_parser.overrides_parser import OverridesParser  # noqa: PLC0415 - 150 ms with the one below, for what is no plain value
        from hydra.errors import HydraException  # noqa: PLC0415

        try:
            parsed = OverridesParser.create().parse_override(rest)
        except (HydraException, ValueError, RecursionError) as error:
            raise _unreadable(text, rest, error) from error
    if parsed.package is not None:
        raise GitexpError(
            f"'{text}' names a package", "Leave out `@`: params files have no config groups."
        )
    return parsed


def _unreadable(text: str, rest: str, error: Exception) -> GitexpError:
    key, equals, value = rest.partition("=")
    if not equals:
        return GitexpError(
            f"the override '{text}' has no value",
            "Write an override as `key=value`, or `~key` to delete the key.",
        )
    if key != key.strip():
        hint = f"Leave out the space: `{key.strip()}={value.strip()}`."
    else:
        hint = f"Quote special characters in the value: `'{key}=\"...\"'`."
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return GitexpError(f"cannot read the override '{text}' ({reason})", hint)


def plain_value(value: object) -> Value:
    """Return a value of Hydra with its keys as strings, as they are in records."""
    if isinstance(value, dict):
        return {_key(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise GitexpError(  # a sweep within a list or a mapping
        "a list or a mapping holds a sweep of several values", "A run has one value for each param."
    )


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
