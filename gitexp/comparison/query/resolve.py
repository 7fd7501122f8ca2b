"""Which metric or param a name of an expression means."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from msgspec.structs import replace

from gitexp.comparison.naming import MOST_SHOWN, alternatives, key_of, meant_of
from gitexp.comparison.query.attributes import ATTRIBUTES, CALLED_ELSEWHERE
from gitexp.comparison.query.curves import resolve_curve
from gitexp.comparison.query.expression import And, Column, Expression, Not, Or
from gitexp.comparison.query.place import QueryError, UnknownName, quoted
from gitexp.comparison.query.spelling import constant_text, name_text

_MOST_CLOSE = 3


def resolve(expression: Expression, columns: Collection[Column]) -> Expression:
    """Return the expression with each name as one of the columns, by the rule of `naming`.

    Raises `UnknownName` if no run has such a column, and `QueryError` if several fit.
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
    if column.kind == "series":
        return resolve_curve(column, [one for one in known if one.kind == "series"])
    known = [one for one in known if one.kind != "series"]
    of_kind = [one for one in known if column.kind in ("bare", one.kind)]
    found = columns_meant(column, of_kind)
    if len(found) == 1:
        return replace(found[0], place=column.place)
    raise _ambiguous(column, found) if found else _unknown(column, known)


def columns_meant(column: Column, columns: Collection[Column]) -> list[Column]:
    """Return the columns that a name may mean, none of them better than another."""
    found = meant_of(column.name, columns, _name, marked=column.kind != "bare")
    kinds = {one.kind for one in found if one.name == column.name}
    if kinds:  # a param `command:loss` is not the metric `loss` of a run with another file
        return [one for one in found if one.kind in kinds]
    return found or [one for one in columns if str(one) == column.name]


def _name(column: Column) -> str:
    return column.name


def resolve_metric(column: Column, known: Collection[Column]) -> Column:
    """Return the column that a name means; one without a prefix is that of a metric."""
    if column.kind != "bare":
        return resolve_column(column, known)
    metrics = [one for one in known if one.kind == "metrics"]
    try:
        return resolve_column(column, metrics)
    except UnknownName as unknown:
        params = [one for one in known if one.kind == "params"]
        named = columns_meant(column, params)
        if not named:
            message, hint = f"no metric {quoted(column.name)}", _hint(column, metrics)
            raise UnknownName(message, column.place, hint) from unknown
        hint = f"Write {alternatives(_written(named))}."
        what = f"{quoted(column.name)} is a param"
        raise UnknownName(what, column.place, hint) from unknown


def spelt(columns: Collection[Column]) -> list[str]:
    """Return how columns are written; one that has its file in its name needs no kind before it."""
    names = [one.name for one in columns]
    bare = (":" in name and names.count(name) == 1 for name in names)
    return [
        name_text(Column("bare", one.name) if alone else one)
        for one, alone in zip(columns, bare, strict=True)
    ]


def _written(columns: Collection[Column]) -> list[str]:
    return [f"`{one}`" for one in spelt(columns)]


def _ambiguous(column: Column, found: list[Column]) -> QueryError:
    hint = _of_runs(column, found) or f"It may be {alternatives(_written(found))}."
    return QueryError(f"{quoted(str(column))} is ambiguous", column.place, hint)


def _of_runs(column: Column, found: list[Column]) -> str | None:
    """Return which runs each of the columns is of, if some have the name in several files."""
    twice = [one for one in found if one.name.endswith(f":{column.name}")]
    others = [one for one in found if one not in twice]
    if not twice:
        return None
    named = alternatives(_written(twice))
    if not others:
        return f"Write {named}: runs have it in several files."
    alone = alternatives(_written(others))
    return f"Write {alone} for runs that have it in one file, {named} for those with several."


def _unknown(column: Column, known: Collection[Column]) -> UnknownName:
    what = {"metrics": "metric", "params": "param"}.get(column.kind, "metric, param or attribute")
    return UnknownName(f"no {what} {quoted(column.name)}", column.place, _hint(column, known))


def _hint(column: Column, known: Collection[Column]) -> str | None:
    if column.name in CALLED_ELSEWHERE:
        return f"Did you mean '{CALLED_ELSEWHERE[column.name]}'?"
    if column.name.startswith("tags."):
        return f"A tag has no value: `tag = {constant_text(column.name[len('tags.') :])}`."
    if (in_file := _without_file(column, known)) is not None:
        return in_file
    labels: dict[str, list[str]] = {}
    for one in known:
        for said in _said(one, column):
            labels.setdefault(said, []).append(_label(one, known, column))
    for name in ATTRIBUTES:
        labels.setdefault(name, []).append(name)
    said = column.name.lower()
    close = difflib.get_close_matches(said, labels, n=_MOST_CLOSE)
    close = close or [label for label in labels if said and label.startswith(said)]
    found = list(dict.fromkeys(f"'{label}'" for name in close for label in labels[name]))
    return f"Did you mean {alternatives(found[:_MOST_CLOSE])}?" if found else _known(column, known)


def _without_file(column: Column, known: Collection[Column]) -> str | None:
    """Return what to write in place of `FILE:name`, if no run has the name in two files."""
    key = key_of(column.name)
    found = columns_meant(replace(column, name=key), known) if key != column.name else []
    if not found:
        return None
    written = alternatives(_written(found))
    return f"Write {written}: a file stands before a name that two files of a run have."


def _known(column: Column, known: Collection[Column]) -> str | None:
    """Return which names there are, if none is close."""
    names = [_label(one, known, column) for one in known if column.kind in ("bare", one.kind)]
    if not names:
        return None
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    verb = "is" if len(names) == 1 else "are"
    return f"There {verb} {', '.join(names[:MOST_SHOWN])}{more}."


def _said(column: Column, instead: Column) -> set[str]:
    """Return what people who meant a column may have written, in lower case."""
    names = {column.name, column.name.rpartition(".")[2]}
    names |= {str(column)} if instead.kind == "bare" else set()
    return {name.lower() for name in names}


def _label(column: Column, known: Collection[Column], instead: Column) -> str:
    """Return the shortest way to write a column that is sure to mean it."""
    alone = sum(one.name == column.name for one in known) == 1
    short = name_text(Column("bare", column.name))
    return short if alone and instead.kind == "bare" and "`" not in short else name_text(column)
