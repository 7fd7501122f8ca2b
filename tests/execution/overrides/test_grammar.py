from __future__ import annotations

import math
import re
import subprocess
import sys

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hypothesis import example, given
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import _parse_plain, parse_override
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value, same

HYDRA = OverridesParser.create()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lr=1", 1),
        ("lr=-1", -1),
        ("lr=1e-3", 0.001),
        ("lr=.5", 0.5),
        ("lr=1.", 1.0),
        ("lr=1_000", 1000),
        ("lr=007", "007"),
        ("lr=True", True),
        ("lr=FALSE", False),
        ("lr=NULL", None),
        ("lr=inf", math.inf),
        ("lr=NaN", math.nan),
        ("lr=", ""),
        ("lr=adam", "adam"),
        ("lr=data/train-1.csv", "data/train-1.csv"),
        ("lr='1'", "1"),
        ('lr="a, b"', "a, b"),
        ("lr='é'", "é"),
        ("lr=a b", "a b"),
        ("lr=[1,2.5,x]", [1, 2.5, "x"]),
        ("lr=[[1],{a:[]}]", [[1], {"a": []}]),
        (
            "lr={a:1,2:b,null:c,true:d,0.5:e}",
            {"a": 1, "2": "b", "null": "c", "true": "d", "0.5": "e"},
        ),
        ("lr=${model.lr}", "${model.lr}"),
        ("lr=$HOME/x", "$HOME/x"),
        ("lr=http://host:80/x", "http://host:80/x"),
        ("lr='http://host/?a=1'", "http://host/?a=1"),
        ("lr=int(3.0)", 3),
        ("lr=str(1)", "1"),
    ],
)
def test_values_are_read_as_hydra_reads_them(text: str, value: Value) -> None:
    override = parse_override(text)

    assert same(override.value, value)
    assert type(override.value) is type(value)
    assert (override.file, override.operation, override.key) == (None, Operation.CHANGE, ("lr",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+a.b=1", Override("+a.b=1", None, Operation.ADD, ("a", "b"), 1)),
        ("++a=1", Override("++a=1", None, Operation.FORCE, ("a",), 1)),
        ("~a", Override("~a", None, Operation.DELETE, ("a",), None, has_value=False)),
        ("~a=null", Override("~a=null", None, Operation.DELETE, ("a",), None)),
        ("~a=1", Override("~a=1", None, Operation.DELETE, ("a",), 1)),
        ("x.0.y=1", Override("x.0.y=1", None, Operation.CHANGE, ("x", "0", "y"), 1)),
        ("val/loss=1", Override("val/loss=1", None, Operation.CHANGE, ("val/loss",), 1)),
        ("p.yaml:a=1", Override("p.yaml:a=1", "p.yaml", Operation.CHANGE, ("a",), 1)),
        ("c/p.yaml:+a=1", Override("c/p.yaml:+a=1", "c/p.yaml", Operation.ADD, ("a",), 1)),
        ("+p.yaml:a=1", Override("+p.yaml:a=1", "p.yaml", Operation.ADD, ("a",), 1)),
        ("~p.yaml:a", Override("~p.yaml:a", "p.yaml", Operation.DELETE, ("a",), None, False)),
        ("p.yaml:u=a:b", Override("p.yaml:u=a:b", "p.yaml", Operation.CHANGE, ("u",), "a:b")),
        ("a:b:c=1", Override("a:b:c=1", "a:b", Operation.CHANGE, ("c",), 1)),
    ],
)
def test_signs_files_and_keys(text: str, expected: Override) -> None:
    assert parse_override(text) == expected


def test_the_name_of_an_override_is_its_dotted_key() -> None:
    assert parse_override("p.yaml:+a.b=1").name == "a.b"


@pytest.mark.parametrize(
    "text",
    ["a=1,2", "a=choice(1,2)", "a=range(1,3)", "a=interval(0,1)", "a=glob(*)", "a=sort(2,1)"],
)
def test_several_values_are_refused_with_a_hint_at_sweep(text: str) -> None:
    with pytest.raises(GitexpError, match=re.escape(f"'{text}' gives several values")) as caught:
        parse_override(text)

    assert "one value for each param" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("lr", "the override 'lr' has no value", "`key=value`, or `~key`"),
        ("", "the override '' has no value", "`key=value`, or `~key`"),
        ("lr = 1", "cannot read the override 'lr = 1'", "`lr=1`"),
        ("lr=[1", "cannot read the override 'lr=[1'", "Quote"),
        ("lr=a=b", "cannot read the override 'lr=a=b'", "Quote"),
        ("lr=[interval(0,1)]", "holds a sweep of several values", "one value for each param"),
        ("lr=é", "cannot read the override 'lr=é'", "Quote"),
        ("lr=foo(1)", "cannot read the override 'lr=foo(1)'", "Quote"),
        ("lr=" + "1" * 5000, "cannot read the override 'lr=111", "Quote"),
        ("lr=" + "[" * 5000, "cannot read the override 'lr=[", "Quote"),
        ("=1", "'=1' names no key", "`key=value`"),
        ("lr='\udcff'", "is not UTF-8", "`UTF-8`"),
        (":a=1", "':a=1' names no file", "`FILE:key=value`"),
        ("+++x.yaml:a=1", "'+++x.yaml:a=1' has more signs than there are", "`++`"),
        ("~+x.yaml:a", "'~+x.yaml:a' has more signs than there are", "`~`"),
        ("a" + ".b" * 100 + "=1", "has 101 parts", "100"),
        ("a@b=1", "'a@b=1' names a package", "`@`"),
    ],
)
def test_what_hydra_cannot_read_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(GitexpError, match=re.escape(message)) as caught:
        parse_override(text)

    assert hint in str(caught.value.hint)
    assert "\n" not in str(caught.value)


keys = st.from_regex(r"[a-z_$][a-z0-9_$-]{0,2}(\.[a-z0-9_-]{1,2}){0,2}", fullmatch=True)
numbers = (
    st.integers().map(str)
    | st.floats().map(repr)
    | st.from_regex(r"[-+]?[0-9_.]{0,4}([eE][-+]?[0-9]{0,3})?", fullmatch=True)
)
words = (
    st.sampled_from(["true", "False", "NULL", "null", "inf", "-inf", "nan", "NaN", "Inf"])
    | st.from_regex(r"[a-zA-Z0-9_./+-]{1,6}", fullmatch=True)
    | st.from_regex(r"(nan|inf|true|null|1e5)[-./_a]{1,2}(1|inf|null)?", fullmatch=True)
)


@given(st.sampled_from(["", "+", "++", "~"]), keys, numbers | words)
@example("", "lr", "1e-3")
@example("", "a", "1.5")
def test_the_short_way_agrees_with_hydra(sign: str, key: str, value: str) -> None:
    text = f"{sign}{key}={value}"
    plain = _parse_plain(text)
    if plain is None:
        return

    expected = HYDRA.parse_override(text)

    kind = {"": "CHANGE", "+": "ADD", "++": "FORCE_ADD"}[plain[0].value]
    assert (kind, plain[1]) == (expected.type.name, expected.key_or_group)
    assert same(plain[2], expected.value())
    assert type(plain[2]) is type(expected.value())


@given(st.text("ab.=+~:'\"[]{}(),$1e-\\ ", max_size=8))
def test_any_text_is_an_override_or_an_error(text: str) -> None:
    try:
        override = parse_override(text)
    except GitexpError:
        return

    assert all(override.key)
    if override.file is None:
        HYDRA.parse_override(text)  # raises where Hydra disagrees


def test_hydra_is_the_judge_of_these_tests() -> None:
    with pytest.raises(HydraException):
        HYDRA.parse_override("lr")


def test_plain_values_do_not_import_hydra() -> None:
    script = (
        "import sys; from gitexp.execution.overrides.grammar import parse_override as p\n"
        "for text in ('lr=1e-3', '+a.b=adam', 'p.yaml:x=true', 'data=a/b.csv'): p(text)\n"
        "print([m for m in ('hydra', 'antlr4', 'tomlkit', 'ruamel') if m in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert loaded.stdout.decode().strip() == "[]"
