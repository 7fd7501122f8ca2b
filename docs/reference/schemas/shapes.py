"""JSON Schemas as values: what an object, a list, a number and a struct of msgspec are."""  # noqa: INP001 - beside the script

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from gitexp.model import values

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
ANY: Schema = {}
FLOAT: Schema = {
    "type": "object",
    "properties": {"$float": {"enum": ["nan", "inf", "-inf"]}},
    "required": ["$float"],
    "additionalProperties": False,
}
NUMBER: Schema = {"$ref": "#/$defs/number"}
_PLAIN: dict[Any, Schema] = {
    str: TEXT,
    int: WHOLE,
    bool: TRUTH,
    float: NUMBER,
    type(None): {"type": "null"},
    Any: ANY,
}


def obj(needed: Mapping[str, Schema], seldom: Mapping[str, Schema] | None = None) -> Schema:
    """Return an object with these fields, some of them not always; others may come."""
    fields = {**needed, **(seldom or {})}
    return {"type": "object", "properties": fields, "required": list(needed)}


def with_seldom(schema: Schema, **more: Schema) -> Schema:
    """Return an object with more fields, which are not always there."""
    return {**schema, "properties": {**schema["properties"], **more}}


def without(schema: Schema, *names: str) -> Schema:
    """Return an object without some of its fields."""
    fields = {name: one for name, one in schema["properties"].items() if name not in names}
    needed = [name for name in schema["required"] if name not in names]
    return {**schema, "properties": fields, "required": needed}


def arr(of: Schema) -> Schema:
    """Return a list."""
    return {"type": "array", "items": of}


def by_name(of: Schema) -> Schema:
    """Return an object whose names are somebody else's."""
    return {"type": "object", "additionalProperties": of}


def null(of: Schema) -> Schema:
    """Return what may also be null."""
    return {"anyOf": [of, {"type": "null"}]}


def typed(hint: Any) -> Schema:
    """Return the schema of a type, as msgspec writes its values."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin is Literal:
        return {"enum": list(inside)}
    if origin in (typing.Union, types.UnionType) and not _is_value(hint):
        return {"anyOf": [typed(one) for one in inside if not (one is int and float in inside)]}
    return _of_many(origin, inside) if isinstance(origin, type) else _of_one(hint)


def _of_many(origin: type, inside: Sequence[Any]) -> Schema:
    if issubclass(origin, Mapping):
        return by_name(ANY if _is_value(inside[1]) else typed(inside[1]))
    return arr(ANY if _is_value(inside[0]) else typed(inside[0]))


def _of_one(hint: Any) -> Schema:
    return fields_of(hint) if isinstance(hint, type) and issubclass(hint, Struct) else ANY


def hints_of(kind: type[Struct]) -> dict[str, Any]:
    """Return the types of a struct's fields; those of values name one another."""
    return typing.get_type_hints(kind, localns=vars(values))


def _is_value(hint: Any) -> bool:
    """Return whether it is any value of a params file, or any document of them."""
    return hint is Any or isinstance(hint, str | typing.ForwardRef) or "ForwardRef" in repr(hint)


def fields_of(kind: type[Struct], /, *, without: Sequence[str] = (), **other: Schema) -> Schema:
    """Return an object with all fields of a struct; some of them may be told otherwise."""
    hints = hints_of(kind)
    names = [name for name in kind.__struct_fields__ if name not in without]
    return obj({**{name: typed(hints[name]) for name in names}, **other})
