"""What a tool takes, as JSON Schema and as words of a command line.

A value can only ever be a value: options are written `--name=value`, and all else stands after
`--`, so that no text that an assistant was talked into becomes an option.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from gitexp.errors import GitexpError

Kind = Literal["text", "texts", "number", "flag"]

_TYPES: Mapping[Kind, Mapping[str, object]] = {
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "number": {"type": "integer", "minimum": 0},
    "flag": {"type": "boolean"},
}
_SAID: Mapping[Kind, str] = {
    "text": "a text",
    "texts": "a list of texts",
    "number": "a whole number, 0 or more",
    "flag": "true or false",
}


class Field(Struct, frozen=True):
    """One thing that a tool takes."""

    name: str
    about: str
    kind: Kind = "text"
    option: str | None = None
    """What stands before it on the command line; None for an argument."""
    needed: bool = False
    otherwise: str | None = None
    """What is said where the assistant says nothing; None for nothing."""
    is_command: bool = False
    """Whether it is the command to run, whose words may begin with `-`."""


def schema_of(fields: Sequence[Field]) -> dict[str, object]:
    """Return what a tool takes as JSON Schema."""
    return {
        "type": "object",
        "properties": {one.name: {**_TYPES[one.kind], "description": one.about} for one in fields},
        "required": [one.name for one in fields if one.needed],
        "additionalProperties": False,
    }


def words_of(fields: Sequence[Field], given: Mapping[str, object]) -> list[str]:
    """Return the words of the command line that say what was given.

    Raises:
        GitexpError: Something is unknown, missing, or of another type.
    """
    _check_names(fields, given)
    options: list[str] = []
    arguments: list[str] = []
    command: list[str] = []
    skipped: str | None = None
    for field in fields:
        texts = _texts(field, given.get(field.name))
        if field.option is not None:
            options += [_option(field, field.option, text) for text in texts]
        elif field.is_command:
            command = ["--", *texts] if texts else []
        elif texts and skipped is not None:
            raise GitexpError(f"'{field.name}' is given without '{skipped}'")
        else:
            skipped = skipped if texts else field.name
            arguments += texts
    if command:  # what stands before it has no `--` of its own
        return [*options, *map(_no_option, arguments), *command]
    return [*options, "--", *arguments]


def _option(field: Field, option: str, text: str) -> str:
    if field.kind == "flag":
        return option
    return f"{option}={text}" if option.startswith("--") else f"{option}{text}"


def _check_names(fields: Sequence[Field], given: Mapping[str, object]) -> None:
    known = [one.name for one in fields]
    for name in given:
        if name not in known:
            raise GitexpError(
                f"there is no argument '{name}'", hint=f"There are: {', '.join(known)}."
            )
    for one in fields:
        if one.needed and given.get(one.name) in (None, "", []):
            raise GitexpError(f"'{one.name}' is missing", hint=one.about)


def _texts(field: Field, value: object) -> list[str]:
    """Return a value as it stands on a command line; a flag that is set is one empty text."""
    if value is None:
        return [] if field.otherwise is None else [field.otherwise]
    if field.kind == "flag" and isinstance(value, bool):
        return [""] if value else []
    if field.kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return [str(value)] if value >= 0 else _refuse(field)
    if field.kind == "text" and isinstance(value, str):
        return [_speakable(field, value)] if value else []
    if field.kind == "texts" and isinstance(value, list):
        return [_speakable(field, one) for one in value]
    return _refuse(field)


def _refuse(field: Field) -> list[str]:
    raise GitexpError(f"'{field.name}' must be {_SAID[field.kind]}", hint=field.about)


def _speakable(field: Field, text: object) -> str:
    if not isinstance(text, str):
        _refuse(field)
    said = str(text)
    if "\0" in said or any("\ud800" <= one <= "\udfff" for one in said):
        raise GitexpError(
            f"'{field.name}' holds what no command line can: NUL, or half a character"
        )
    return said


def _no_option(text: str) -> str:
    if text.startswith("-"):
        raise GitexpError(f"'{text}' begins with '-', so it would be an option")
    return text
