"""Expressions of `--where`: what is understood is written and read again as the same."""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random

from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.parse import parse, parse_column
from gitexp.comparison.query.resolve import resolve
from gitexp.comparison.query.run_values import RunValues
from gitexp.comparison.query.spelling import text_of
from gitexp.errors import GitexpError

from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word

_NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
_RUN = RunValues(
    attributes={"name": "brave-otter-7f", "status": "done", "tag": ("best", "old"), "point": 3},
    metrics={"loss": 0.5, "accuracy": 0.75, "val/loss": float("nan"), "note": "a text"},
    params={"train.lr": 0.1, "model.name": "adam", "fast": True, "a b": None, "x.yaml:lr": 1},
    series={"last(loss)": 0.5, "count(loss)": 7, "at(loss, 100)": 0.25},
)
_COLUMNS = (
    *(Column("metrics", name) for name in _RUN.metrics),
    *(Column("params", name) for name in _RUN.params),
    *(Column("series", name) for name in _RUN.series),
)
_WORDS = (
    *(" and ", " or ", "not ", " in ", " like ", " ilike ", " is null", "null", "true", "false"),
    *("=", "==", "!=", "<", "<=", ">", ">=", "~", "<>", "≤", "(", ")", ",", "'", '"', "`", "%"),
    *("loss", "accuracy", "lr", "metrics.", "params.", "attr.", "val/loss", "a b", "x.yaml:"),
    *("0.5", "-1", "1e3", "1_000", "inf", "nan", "9" * 400, "1h30m", "2 days ago", "2026-11-30"),
    *(
        "yesterday",
        "monday",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
        "2026-11-30T25:61",
        "+99:99",
    ),
    *("max(", "at(loss, ", "last(", "count(loss)", *ATTRIBUTES),
)


class Queries:
    """The language of `--where`."""

    def make(self, lot: Random) -> str:
        """Return an expression, which may be spoilt."""
        chance = lot.random()
        if chance < 0.1:
            return noise(lot)
        made = _expression(lot, 0)
        return made if chance < 0.5 else spoilt(made, lot, _WORDS)

    def check(self, made: str) -> str:
        """Read it, write it, read that again, and ask it of a run."""
        parse_column(made)
        try:
            read = parse(made, now=_NOW, zone=timezone.utc)
        except GitexpError:
            return REFUSED
        written = text_of(read)
        assert parse(written, now=_NOW, zone=timezone.utc) == read, written
        try:
            resolved = resolve(read, _COLUMNS)
        except GitexpError:
            return "understood, of no run"
        assert matches(resolved, _RUN) in (True, False)
        return "understood"


def _expression(lot: Random, depth: int) -> str:
    chance = lot.random()
    if depth > 3 or chance < 0.45:
        return _predicate(lot)
    if chance < 0.6:
        return f"not {_expression(lot, depth + 1)}"
    if chance < 0.75:
        return f"({_expression(lot, depth + 1)})"
    joint = lot.choice((" and ", " or ", " AND "))
    return joint.join(_expression(lot, depth + 1) for _ in range(lot.choice((2, 2, 3))))


def _predicate(lot: Random) -> str:
    column, kind = _column(lot), lot.randrange(7)
    if kind == 0:
        return f"{column} is {lot.choice(('', 'not '))}null"
    if kind == 1:
        values = ", ".join(_value(lot) for _ in range(lot.randrange(1, 4)))
        return f"{column} {lot.choice(('', 'not '))}in ({values})"
    if kind == 2:
        return f"{column} {lot.choice(('like', 'ilike', 'not like', '~', 'not ~'))} {_text(lot)}"
    if kind == 3:
        return f"{_value(lot)} {lot.choice(('<', '<='))} {column} < {_value(lot)}"
    sign = lot.choice(("=", "!=", "<", "<=", ">", ">=", "<>", "=="))
    return f"{column} {sign} {_value(lot)}"


def _column(lot: Random) -> str:
    name = word(lot) if lot.random() < 0.6 else lot.choice(tuple(ATTRIBUTES))
    name = name if lot.random() < 0.7 else "`{}`".format(name.replace("`", "``"))
    prefix = lot.choice(("", "", "", "metrics.", "params.", "attr."))
    call = lot.choice(("{}",) * 8 + ("max({})", "last({})", "at({}, 100)"))
    return call.format(prefix + name)


def _value(lot: Random) -> str:
    return lot.choice((_text, _word, _number, _number))(lot)


def _text(lot: Random) -> str:
    quote, text = lot.choice("'\""), lot.choice((word(lot), "a%", "^b.*[0-9]$", "an hour ago"))
    return f"{quote}{text.replace(quote, quote * 2)}{quote}"


def _word(lot: Random) -> str:
    return lot.choice(("true", "null", "done", "failed", "1h", "90s", "2026-11-01", "abc1234"))


def _number(lot: Random) -> str:
    return repr(lot.choice((lot.randrange(-9, 99), lot.random(), lot.random() * 1e30, 10**25)))
