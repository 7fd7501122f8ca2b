"""The options of samplers and pruners (`-o KEY=VALUE`), held against their own parameters."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from gitexp.errors import GitexpError
from gitexp.model.values import Value
from gitexp.sweep.sampling.library import quiet

_OURS = frozenset(
    {"seed", "constant_liar", "warn_independent_sampling", "warn_asynchronous_seeding"}
)
"""Parameters of Optuna's that gitexp itself decides."""
_PLAIN = ("int", "float", "bool", "str")


def options_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the parameters of a class of Optuna's that a command line can give a value."""
    found = inspect.signature(kind).parameters.values()
    return tuple(
        one.name
        for one in found
        if one.name not in _OURS and _annotation(one).removesuffix(" | None") in _PLAIN
    )


def made(kind: type[Any], who: str, options: Mapping[str, Value], **ours: object) -> Any:
    """Make a sampler or a pruner with the options that a person gave.

    `who` names it in messages, such as "the sampler 'tpe'". Raises GitexpError for an option that
    it does not have, or a value that it does not take.
    """
    offered = options_of(kind)
    for name in options:
        if name not in offered:
            raise GitexpError(f"{who} has no option '{name}'", hint=_hint(name, offered))
    for name, value in options.items():
        _check_type(kind, who, name, value)
    try:
        with quiet():
            return kind(**options, **ours)
    except (ValueError, TypeError) as error:
        reason = f"{error}".rstrip(".")
        raise GitexpError(f"{who} cannot be made with these options: {reason}") from error


def _annotation(parameter: inspect.Parameter) -> str:
    """Return a type as it is written; some modules of Optuna's have types, others texts."""
    found = parameter.annotation
    return found.__name__ if isinstance(found, type) else str(found)


def _check_type(kind: type[Any], who: str, name: str, value: Value) -> None:
    annotation = _annotation(inspect.signature(kind).parameters[name])
    wanted = annotation.removesuffix(" | None")
    types: dict[str, tuple[type, ...]] = {
        "int": (int,),
        "float": (int, float),
        "bool": (bool,),
        "str": (str,),
    }
    fits = isinstance(value, types[wanted]) and (wanted == "bool" or not isinstance(value, bool))
    if not fits and not (value is None and wanted != annotation):
        words = {"int": "a whole number", "float": "a number", "bool": "true or false"}
        raise GitexpError(
            f"option '{name}' of {who} wants {words.get(wanted, 'a text')}, not '{value}'"
        )


def _hint(name: str, offered: tuple[str, ...]) -> str:
    if not offered:
        return "It has no options at all."
    close = difflib.get_close_matches(name, offered, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"It has {', '.join(offered)}."
