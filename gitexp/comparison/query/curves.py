"""What may be asked of a curve: `max(val.accuracy)`, `at(loss, 100)`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from msgspec.structs import replace

from gitexp.comparison.naming import MOST_SHOWN, alternatives, meant_curve
from gitexp.comparison.query.expression import Column, Expression, leaves
from gitexp.comparison.query.place import QueryError, UnknownName, quoted
from gitexp.comparison.query.run_values import SUMMARIES
from gitexp.comparison.query.tokens import Token

FUNCTIONS = (*SUMMARIES, "at")
_AT = re.compile(r"at\((.*), ([^,]*)\)", re.DOTALL)


def call_text(function: str, key: str, step: str | None = None) -> str:
    """Return how something is asked of a curve.

    >>> call_text("max", "loss"), call_text("at", "loss", "100")
    ('max(loss)', 'at(loss, 100)')
    """
    return f"{function}({key}, {step})" if step is not None else f"{function}({key})"


def call_of(function: Token, name: Token, step: Token | None, place_end: Token) -> Token:
    """Return what was asked as one token; raises QueryError for a function without its step."""
    said, place = function.word, function.place.to(place_end.place)
    if said == "at" and (step is None or step.kind != "number"):
        raise QueryError("'at' needs a step", place, "Write, say, `at(loss, 100) < 0.5`.")
    if said != "at" and step is not None:
        raise QueryError(
            f"'{said}' takes a name alone", step.place, f"Write `{said}({name.place})`."
        )
    text = call_text(said, name.text, _step(step) if step is not None else None)
    return Token("call", text, place)


def _step(token: Token) -> str:
    number = float(token.text.replace("_", ""))
    return f"{number:.0f}" if number.is_integer() else repr(number)


def parts_of(name: str) -> tuple[str, str, str | None]:
    """Return what is asked, of which curve, and at which step.

    >>> parts_of("max(a(b), c)"), parts_of("at(loss, 100)")
    (('max', 'a(b), c', None), ('at', 'loss', '100'))
    """
    function, _, rest = name.partition("(")
    match = _AT.fullmatch(name) if function == "at" else None
    if match is not None:
        return "at", match[1], match[2]
    return function, rest[:-1], None


def resolve_curve(column: Column, known: Iterable[Column]) -> Column:
    """Return what is asked of the one curve that a name means, by the rule of `naming`."""
    function, name, step = parts_of(column.name)
    keys = [parts_of(one.name)[1] for one in known if one.name.startswith("count(")]
    found = meant_curve(name, keys)
    if len(found) == 1:
        return replace(column, name=call_text(function, found[0], step))
    if found:
        asked = [f"`{call_text(function, key, step)}`" for key in found]
        hint = f"It may be {alternatives(asked)}."
        raise QueryError(f"{quoted(name)} is ambiguous", column.place, hint)
    close = difflib.get_close_matches(name, keys, n=3) or keys[:MOST_SHOWN]
    shown = ", ".join(f"'{key}'" for key in close)
    hint = f"There are {shown}." if close else "Curves are logged with `gitexp.log`."
    raise UnknownName(f"no run has logged a curve {quoted(name)}", column.place, hint)


def steps_asked(expression: Expression) -> list[Column]:
    """Return the columns of an expression that ask for a curve at a step."""
    return [one.column for one in leaves(expression) if is_at(one.column)]


def is_at(column: Column) -> bool:
    """Return whether a column asks for a curve at a step."""
    return column.kind == "series" and column.name.startswith("at(")
