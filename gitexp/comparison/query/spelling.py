"""Expressions as people would write them."""

from __future__ import annotations

import re

from gitexp.comparison.naming import IN_A_FILE
from gitexp.comparison.query.attributes import ATTRIBUTES, PREFIXES
from gitexp.comparison.query.curves import call_text, parts_of
from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Constant,
    Expression,
    In,
    IsNull,
    Match,
    Not,
    Or,
)

KEYWORDS = frozenset("and or not in like ilike is null true false".split())
"""What is not a name unless it is in backticks."""

_NUMBERS = frozenset({"inf", "nan"})
_SIMPLE = re.compile(r"[^\W\d][\w./:-]*")
_SIMPLE_END = re.compile(r"[\w./:-]+")
_SPECIAL = ("metrics.", "params.", *PREFIXES)
_WORDS = {"like": "like", "ilike": "ilike", "regex": "~"}


def text_of(expression: Expression) -> str:
    """Return the text from which `parse` makes this expression.

    >>> text_of(Not(Comparison(Column("params", "a b"), "==", "it's")))
    "not params.`a b` = 'it''s'"
    """
    if isinstance(expression, Or):
        return " or ".join(_part(part, Or) for part in expression.parts)
    if isinstance(expression, And):
        return " and ".join(_part(part, And, Or) for part in expression.parts)
    if isinstance(expression, Not):
        return f"not {_part(expression.part, And, Or)}"
    return _leaf(expression)


def _part(part: Expression, *in_parentheses: type[And | Or]) -> str:
    text = text_of(part)
    return f"({text})" if isinstance(part, in_parentheses) else text


def _leaf(leaf: Comparison | In | IsNull | Match) -> str:
    column = name_text(leaf.column)
    if isinstance(leaf, IsNull):
        return f"{column} is null"
    if isinstance(leaf, In):
        return f"{column} in ({', '.join(map(constant_text, leaf.values))})"
    if isinstance(leaf, Match):
        return f"{column} {_WORDS[leaf.kind]} {constant_text(leaf.pattern)}"
    op = "=" if leaf.op == "==" else leaf.op
    return f"{column} {op} {constant_text(leaf.value)}"


def name_text(column: Column) -> str:
    """Return how a column is written, in backticks if it must be.

    >>> name_text(Column("metrics", "val/loss")), name_text(Column("bare", "f1 score"))
    ('metrics.val/loss', '`f1 score`')
    >>> name_text(Column("series", "at(f1 score, 100)"))
    'at(`f1 score`, 100)'
    """
    name = column.name
    if column.kind == "series":
        function, key, step = parts_of(name)
        return call_text(function, name_text(Column("bare", key)), step)
    if column.kind == "attribute":
        return name
    if column.kind == "bare":
        return name if _is_plain(name) else _in_backticks(name)
    plain = _SIMPLE_END.fullmatch(name) and not IN_A_FILE.match(name)
    rest = name if plain else _in_backticks(name)
    return f"{column.kind}.{rest}"


def _is_plain(name: str) -> bool:
    reserved = KEYWORDS | _NUMBERS
    if name in ATTRIBUTES or name.lower() in reserved or _is_marked(name):
        return False
    return bool(_SIMPLE.fullmatch(name))


def _is_marked(name: str) -> bool:
    """Return whether a name begins as one whose kind stands before it."""
    prefix = next((one for one in _SPECIAL if name.startswith(one)), None)
    return prefix is not None and not IN_A_FILE.match(name, len(prefix))


def _in_backticks(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def constant_text(value: Constant) -> str:
    """Return how a constant is written.

    >>> constant_text("it's"), constant_text(True), constant_text(1e-07)
    ("'it''s'", 'true', '1e-07')
    """
    if isinstance(value, str):
        return "'{}'".format(value.replace("'", "''"))
    return str(value).lower()
