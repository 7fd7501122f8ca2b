"""Overrides of `-S`: what is read is set in a file as it was meant, or refused."""

from __future__ import annotations

from dataclasses import dataclass
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
from gitexp.model.documents.changes import ABSENT, lookup
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.override import Operation, Override
from gitexp.model.values import dumps
from gitexp.sweep.grammar import parse_axis
from gitexp.sweep.point import override_text
from gitexp.sweep.space import Interval

from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word

_FILES = {
    "params.yaml": b"""\
lr: 0.1  # rate
train: {lr: 0.5, steps: [1, 2]}
model:
  name: adam
  '0.5': x
base: &base {a: 1}
more: *base
small: 1e-3
""",
    "params.json": b"""\
{
  "lr": 0.1, "train": {"lr": 0.5, "steps": [1, 2]},
  "model": {"name": "adam", "0.5": "x"}, "none": null
}
""",
    "params.toml": b"""\
lr = 0.1  # rate
train.lr = 0.5
train.steps = [1, 2]
[model]
name = 'adam'
"0.5" = "x"
""",
}
_MOST_VALUES = 5
_OTHER = {"conf/x.yaml": b"other: 1\nx: [a, {b: 2}]\n"}
_AXES = (
    *("1,2,3", "choice(1,2)", "choice(a,'b',\"c\",[1],{a:1})", "range(1,5)", "range(0,1,0.1)"),
    *("range(5,1,-1)", "interval(1,10)", "tag(log,interval(1e-4,1))", "int(interval(1,9))"),
    *("sort(3,1,2)", "sort(b,a,reverse=true)", "float(choice(1,2))", "str(1,2)", "bool(1,0)"),
    *("0.1,1e-3", "{a:1},{a:2}", "[1],[2,[3]]", "adam,null,true,nan", "shuffle(1,2)", "1,1,1.0"),
)
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


@dataclass
class Asked:
    """Words after `-S`, and the params files of a project."""

    words: list[str]
    files: dict[str, bytes]
    as_axis: bool

    def __str__(self) -> str:
        return f"{self.words} in {[*self.files]}"


class Overrides:
    """The grammar of `-S`, and of the axes of a sweep."""

    def make(self, lot: Random) -> Asked:
        """Return an override or two, which may be spoilt, and whether to read one as an axis."""
        name = lot.choice(("params.yaml", "params.yaml", *_FILES))
        files = {name: _FILES[name], **(_OTHER if lot.random() < 0.2 else {})}
        as_axis = lot.random() < 0.25
        words = [_word(lot, name, as_axis) for _ in range(1 if lot.random() < 0.9 else 2)]
        return Asked(words, files, as_axis)

    def check(self, made: Asked) -> str:
        """Read it by both ways to read it, and set it in a file."""
        axis = _try_axis(made.words[0]) if made.as_axis else ""
        try:
            overrides = [parse_override(word) for word in made.words]
        except GitexpError:
            return axis or REFUSED
        for override in overrides:
            _check_plain(override.text)
            dumps(override.value)  # or no record could hold it
        try:
            after = {**made.files, **apply_overrides(made.files, overrides)}
        except GitexpError:
            return "read, and suits no file"
        if len(overrides) == 1:
            _check_set(overrides[0], made.files, after)
        return "set"


def _try_axis(text: str) -> str:
    """Read a word as an axis; each of its values is one that an override can set."""
    try:
        axis, _ = parse_axis(text)
    except GitexpError:
        return ""
    if isinstance(axis.domain, Interval):
        return "an interval"
    for value in axis.domain.values[:_MOST_VALUES]:
        word = override_text(axis.name, axis.sign, value)
        assert identical(parse_override(word).value, value), word
    return "an axis"


def _check_plain(text: str) -> None:
    """Fail if the short way for plain values reads something else than Hydra does."""
    rest = split_file(text)[1]
    plain = _parse_plain(rest)
    if plain is None:
        return
    parsed = parsed_by_hydra(text, rest)
    assert (operation_of(parsed), parsed.key_or_group) == plain[:2], plain
    assert identical(plain_value(parsed.value()), plain[2]), plain


def _check_set(override: Override, files: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Fail unless a file says what was asked for, and all else that it said."""
    before = {name: parse_document(content, name) for name, content in files.items()}
    found = {name: parse_document(content, name) for name, content in after.items()}
    changed = [name for name in files if files[name] != after[name]]
    assert len(changed) <= 1, changed
    if override.operation is Operation.DELETE:
        assert len(dumps(found)) < len(dumps(before)), after
        return
    values = [lookup(document, override.key) for document in found.values()]
    if all(value is ABSENT for value in values):  # a dot that belongs to a name
        assert "0.5" in override.name, after
    elif not isinstance(override.value, dict):
        assert any(identical(value, override.value) for value in values), after
    for name, document in before.items():
        for key in document.keys() - {override.key[0]}:
            assert identical(document[key], found[name][key]), after


def _word(lot: Random, name: str, as_axis: bool) -> str:
    chance = lot.random()
    if chance < 0.07:
        return noise(lot)
    made = _override(lot, name, as_axis)
    return made if chance < 0.45 else spoilt(made, lot, _WORDS)


def _override(lot: Random, name: str, as_axis: bool) -> str:
    file = lot.choice(("", "", "", f"{name}:", "conf/x.yaml:"))
    sign = lot.choice(("", "", "", "+", "++", "~"))
    value = lot.choice(_AXES) if as_axis and lot.random() < 0.7 else _value(lot, 0)
    return f"{file}{sign}{lot.choice(_KEYS) if lot.random() < 0.9 else word(lot)}={value}"


_BARE = (
    *(
        "adam",
        "true",
        "null",
        "nan",
        "inf",
        "a b",
        "a/b.c",
        "${lr}",
        "",
        "1:30",
        "0.10",
        "1e-3",
        "0.001",
    ),
    *(
        "0x1F",
        "1_000",
        "0o7",
        "-0",
        "+1",
        "TRUE",
        "a\\,b",
        "2026-11-30",
        "é損",
        "a:b",
        "x=y",
        "@",
        "%",
    ),
    *("'it\\'s'", '"a\\"b"', "'\\\\'", "'${x}'", "no", "1.", ".5", "-", "'# x'", "' '", "9" * 25),
)
_KEYS = (
    *("lr", "train.lr", "train.steps.1", "train.steps.2", "train.steps", "train", "model.name"),
    *("new", "train.new", "new.deep.er", "model.0.5", "base.a", "more.a", "small", "none", "x.1.b"),
    *("x.0", "other", "lr.below"),
)


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
    return lot.choice(_BARE)
