"""Params that a command logged beside those of files: one that differs is recorded, and said."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.model.record import COMMAND_FILE, LOGGED, Documents
from gitexp.model.values import Value, Values, dumps, flatten, same

_SHOWN = 3
_LONGEST = 40
"""Characters of a value that are shown."""

_Known = Mapping[str, Mapping[str, Value]]
"""The values of a param by the file that has it, by the param's dotted name."""


def with_logged_params(
    files: Documents, logged: Mapping[str, Value]
) -> tuple[Documents, str | None]:
    """Return params by file with those that were logged, and a warning if some differ from files.

    What a file has with the same value stands there alone.

    >>> with_logged_params({"params.yaml": {"lr": 0.1}}, {"lr": 0.1})
    ({'params.yaml': {'lr': 0.1}}, None)
    >>> with_logged_params({"params.yaml": {"lr": 0.1}}, {"lr": 0.05})[0]
    {'params.yaml': {'lr': 0.1}, 'logged': {'lr': 0.05}}
    """
    known: dict[str, dict[str, Value]] = {}
    for file, values in files.items():
        for name, value in flatten(values).items():
            known.setdefault(name, {})[file] = value
    kept = _unlike(logged, known)
    if not kept:
        return files, None
    unlike = {name: value for name, value in flatten(kept).items() if name in known}
    return {**files, LOGGED: {**kept, **files.get(LOGGED, {})}}, _warning(unlike, known)


def _unlike(logged: Values, known: _Known, prefix: str = "") -> dict[str, Value]:
    """Return the params that no file has with the same value."""
    kept: dict[str, Value] = {}
    for key, value in logged.items():
        name = prefix + key
        if isinstance(value, dict) and value:
            if below := _unlike(value, known, f"{name}."):
                kept[key] = below
        elif not any(same(value, one) for one in known.get(name, {}).values()):
            kept[key] = value
    return kept


def _warning(unlike: Values, known: _Known) -> str | None:
    if not unlike:
        return None
    shown = [_difference(name, value, known[name]) for name, value in [*unlike.items()][:_SHOWN]]
    more = f", and {len(unlike) - _SHOWN} more" if len(unlike) > _SHOWN else ""
    first = next(iter(unlike))
    return (
        f"warning: the command logged other params than were there: {'; '.join(shown)}{more} "
        f"(both are recorded: `{LOGGED}:{first}` is what it logged)"
    )


def _difference(name: str, value: Value, there: Mapping[str, Value]) -> str:
    file, other = next(iter(there.items()))
    place = "on the command line" if file == COMMAND_FILE else f"in '{file}'"
    return f"'{name}' is {_text(value)}, but {_text(other)} {place}"


def _text(value: Value) -> str:
    text = dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
