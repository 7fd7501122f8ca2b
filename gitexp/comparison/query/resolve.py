"""Which metric or param a name means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gitexp.comparison.query.attributes import ATTRIBUTES, CALLED_ELSEWHERE
from gitexp.comparison.query.expression import And, Column, Expression, Not, Or
from gitexp.comparison.query.place import QueryError, UnknownName

_MOST_SHOWN = 8


def resolve(expression: Expression, columns: Collection[Column]) -> Expression:
    """Return the expression with each name as one of the columns.

    An exact flat name counts first, then the end of one if there is only one of it. Raises
    `UnknownName` where no run has such a column, and `QueryError` where several fit.
    """
    return _resolved(expression, dict.fromkeys(columns))  # each once, in order


def _resolved(expression: Expression, known: Collection[Column]) -> Expression:
    if isinstance(expression, And | Or):
        parts = tuple(_resolved(part, known) for part in expression.parts)
        return replace(expression, parts=parts)
    if isinstance(expression, Not):
        return replace(expression, part=_resolved(expression.part, known))
    return replace(expression, column=resolve_column(expression.column, known))


def resolve_column(column: Column, known: Collection[Column]) -> Column:
    """Return the column that a name means."""
    if column.kind == "attribute":
        return column
    of_kind = [one for one in known if column.kind in ("bare", one.kind)]
    found = [one for one in of_kind if one.name == column.name]
    found = found or [one for one in of_kind if _ends_with(str(one), column.name)]
    if len(found) == 1:
        return replace(found[0], place=column.place)
    raise _ambiguous(column, found) if found else _unknown(column, known)


def _ends_with(full: str, name: str) -> bool:
    return full == name or full.endswith((f".{name}", f":{name}"))


def _ambiguous(column: Column, found: list[Column]) -> QueryError:
    names = [f"`{one}`" for one in found]
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return QueryError(
        f"'{column}' is ambiguous",
        column.place,
        f"It may be {', '.join(names[:_MOST_SHOWN])}{more}.",
    )


def _unknown(column: Column, known: Collection[Column]) -> UnknownName:
    what = {"metrics": "metric", "params": "param"}.get(column.kind, "metric, param or attribute")
    return UnknownName(f"no {what} '{column.name}'", column.place, _hint(column, known))


def _hint(column: Column, known: Collection[Column]) -> str | None:
    import difflib  # noqa: PLC0415 - only on the way out

    if column.name in CALLED_ELSEWHERE:
        return f"Did you mean '{CALLED_ELSEWHERE[column.name]}'?"
    if column.name.startswith("tags."):
        return f"Tags are single words: `tag = '{column.name[5:]}'`."
    names = {name: str(one) for one in known for name in (one.name, str(one))}
    names |= {name: name for name in ATTRIBUTES}
    close = difflib.get_close_matches(str(column), names, n=3)
    found = list(dict.fromkeys(names[name] for name in close))
    return f"Did you mean {' or '.join(f'{name!r}' for name in found)}?" if found else None
