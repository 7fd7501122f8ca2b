"""Overrides of `-S`: what is read is set in a file as it was meant, or refused."""

from __future__ import annotations

from random import Random

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import (
    _parse_plain,
    operation_of,
    parse_override,
    parsed_by_hydra,
    plain_value,
    split_file,
)
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.model.documents.changes import ABSENT, identical, lookup
from gitexp.model.documents.reading import parse_document
from gitexp.model.override import Operation, Override
from gitexp.model.values import dumps
from gitexp.sweep.grammar import parse_axis

from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word

_FILE = "params.yaml"
_PARAMS = b"lr: 0.1  # rate\ntrain: {lr: 0.5, steps: [1, 2]}\nmodel:\n  name: adam\n  '0.5': x\n"
_WORDS = (
    *("=", "+", "++", "~", ":", ",", "{", "}", "[", "]", "(", ")", "'", '"', "\\", "@", "$", "${"),
    *("lr", "train.lr", "train.steps.0", "model.name", "model.0.5", "params.yaml:", "x.yaml:"),
    *("true", "null", "nan", "-inf", "1e999", "1_000", "0x10", "choice(", "range(1,3)", "glob("),
    *(
        "interval(0,1)",
        "tag(log, ",
        "shuffle(",
        "sort(",
        "int(",
        "float(",
        "json_str(",
        "extend_list(",
    ),
)


class Overrides:
    """The grammar of `-S`, and of the axes of a sweep."""

    def make(self, lot: Random) -> tuple[str, bool]:
        """Return an override, which may be spoilt, and whether to read it as an axis as well."""
        chance = lot.random()
        made = noise(lot) if chance < 0.1 else _override(lot)
        return (made if chance < 0.4 else spoilt(made, lot, _WORDS)), lot.random() < 0.3

    def check(self, made: tuple[str, bool]) -> str:
        """Read it by both ways to read it, and set it in a file."""
        text, as_axis = made
        if as_axis:
            _try_axis(text)
        try:
            override = parse_override(text)
        except GitexpError:
            return REFUSED
        _check_plain(text)
        dumps(override.value)  # or no record could hold it
        try:
            after = apply_overrides({_FILE: _PARAMS}, [override]).get(_FILE, _PARAMS)
        except GitexpError:
            return "read, and suits no file"
        _check_set(override, after)
        return "set"


def _try_axis(text: str) -> None:
    try:
        parse_axis(text)
    except GitexpError:
        return


def _check_plain(text: str) -> None:
    """Fail if the short way for plain values reads something else than Hydra does."""
    rest = split_file(text)[1]
    plain = _parse_plain(rest)
    if plain is None:
        return
    parsed = parsed_by_hydra(text, rest)
    assert (operation_of(parsed), parsed.key_or_group) == plain[:2], plain
    assert identical(plain_value(parsed.value()), plain[2]), plain


def _check_set(override: Override, after: bytes) -> None:
    """Fail unless the file says what was asked for, and all else that it said."""
    before, found = parse_document(_PARAMS, _FILE), parse_document(after, _FILE)
    if override.operation is Operation.DELETE:
        assert len(dumps(found)) < len(dumps(before)), after
        return
    value = lookup(found, override.key)
    if value is ABSENT:  # a dot that belongs to a name
        assert "0.5" in override.name, after
    elif not isinstance(override.value, dict):
        assert identical(value, override.value), after
    for key in before.keys() - {override.key[0]}:
        assert identical(before[key], found[key]), after


def _override(lot: Random) -> str:
    file = lot.choice(("", "", "", f"{_FILE}:", "x.yaml:"))
    sign = lot.choice(("", "", "", "+", "++", "~"))
    key = lot.choice(
        ("lr", "train.lr", "train.steps.1", "model.name", "new", "train.new", word(lot))
    )
    return f"{file}{sign}{key}={_value(lot, 0)}"


def _value(lot: Random, depth: int) -> str:
    chance = lot.random()
    if depth < 3 and chance < 0.12:
        return f"[{','.join(_value(lot, depth + 1) for _ in range(lot.randrange(4)))}]"
    if depth < 3 and chance < 0.24:
        pairs = (f"{lot.choice('abc')}: {_value(lot, depth + 1)}" for _ in range(lot.randrange(3)))
        return f"{{{','.join(pairs)}}}"
    if chance < 0.3:
        return ",".join(_value(lot, 3) for _ in range(2))
    if chance < 0.45:
        quote = lot.choice("'\"")
        return f"{quote}{word(lot)}{quote}"
    if chance < 0.75:
        return repr(lot.choice((lot.randrange(-9, 99), lot.random(), lot.random() * 1e-12, 10**22)))
    return lot.choice(("adam", "true", "null", "nan", "inf", "a b", "a/b.c", "${lr}", "", "1:30"))
