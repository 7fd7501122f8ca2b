from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value

PARAMS = """\
# the params
lr = 1e-3   # rate
name = 'adam' # opt
text = "x"
list = [1, 2]  # sizes

[model]  # the model
drop = 0.5
inline = {a = 1, b = "x"}

  [model.sub]
  deep = true

[[layers]]
units = 64  # first

[[layers]]
units = 32
"""


def edited(text: str, *overrides: str) -> str:
    content = text.encode()
    changed = apply_overrides({"p.toml": content}, [parse_override(o) for o in overrides])
    return changed.get("p.toml", content).decode()


@pytest.mark.parametrize(
    ("override", "old", "new"),
    [
        ("lr=1e-5", "1e-3   #", "1e-05   #"),
        ("lr=0.001", "1e-3   #", "1e-3   #"),
        ("lr=nan", "1e-3   #", "nan   #"),
        ("lr=x", "1e-3   #", '"x"   #'),
        ("name=sgd", "'adam' #", "'sgd' #"),
        ('name="it\'s"', "'adam' #", '"it\'s" #'),
        ("name=1", "'adam' #", "1 #"),
        ("text='é\"'", '"x"\n', '"é\\""\n'),
        ("list.1=5", "[1, 2]", "[1, 5]"),
        ("list=[1,2,3]", "[1, 2]", "[1, 2, 3]"),
        ("~list.0", "[1, 2]", "[2]"),
        ("model.drop=0.1", "0.5", "0.1"),
        ("model.inline.a=5", "{a = 1,", "{a = 5,"),
        ("+model.inline.c=5", '"x"}', '"x", c = 5}'),
        ("model.sub.deep=false", "true", "false"),
        ("layers.1.units=16", "32", "16"),
        ("+layers.0.name=x", "64  # first\n", '64  # first\nname = "x"\n'),
        ("~model.drop", "drop = 0.5\n", ""),
        ("~lr", "lr = 1e-3   # rate\n", ""),
        ("~list", "list = [1, 2]  # sizes\n", ""),
    ],
)
def test_an_override_changes_its_value_alone(override: str, old: str, new: str) -> None:
    assert PARAMS.count(old) == 1

    assert edited(PARAMS, override) == PARAMS.replace(old, new)


@pytest.mark.parametrize(
    ("text", "override", "expected"),
    [
        ("", "+a=1", "a = 1\n"),
        ("a = 1\n", "+b={c:[1,{d:x}]}", 'a = 1\nb = {c = [1, {d = "x"}]}\n'),
        ("a = [ 2026-11-30 ]\nb = 1\n", "b=2", "a = [ 2026-11-30 ]\nb = 2\n"),
        ("a=1\n[[ x ]]\n[['x']]\nb=1\n", "a=2", "a=2\n[[ x ]]\n[['x']]\nb=1\n"),
        ("a = [ 2026-11-30 , 1 ]\n", "a.1=2", "a = [ 2026-11-30 , 2 ]\n"),
        ("b = [ 2026-11-30 ]\na = 1\n", "~a", "b = [ 2026-11-30 ]\n"),
        ("a = 1\n\n[t]\nb = 2\n", "+c=3", "a = 1\nc = 3\n\n[t]\nb = 2\n"),
        ("[t]\nb = 2\n\n[u]\nc = 1\n", "+t.d=3", "[t]\nb = 2\nd = 3\n\n[u]\nc = 1\n"),
        ("a = 1\r\nb = 2 # x\r\n", "b=3", "a = 1\r\nb = 3 # x\r\n"),
        ("a = 1\r\n[t]\r\nb = 2\r\n", "+t.c=3", "a = 1\r\n[t]\r\nb = 2\r\nc = 3\r\n"),
        ("a = 1", "a=2", "a = 2"),
        ("\ufeffa = 1\n", "a=2", "\ufeffa = 2\n"),
        ("a.b = 1\n", "a.b=2", "a.b = 2\n"),
    ],
)
def test_layout_stays(text: str, override: str, expected: str) -> None:
    assert edited(text, override) == expected


@pytest.mark.parametrize("override", ["layers=[1]", "layers.0=1", "+layers.2=1"])
def test_what_tomlkit_cannot_do_is_refused(override: str) -> None:
    with pytest.raises(GitexpError, match="without rewriting more") as caught:
        edited(PARAMS, override)

    assert "edit `p.toml` by hand" in str(caught.value.hint)


def test_toml_has_no_null() -> None:
    with pytest.raises(GitexpError, match="TOML has no null") as caught:
        edited("a = 1\n", "a=null")

    assert "`~key`" in str(caught.value.hint)


SCALARS = [("0.1", 0.1), ("'it'", "it"), ('"x y"', "x y"), ("true", True), ("[1, 2]", [1, 2])]
COMMENTS = ["", "  # note = 'x'"]
lines = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(SCALARS), st.sampled_from(COMMENTS)),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line[0],
)
news = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text("ab'\"\\ é😀\n#", max_size=5)
    | st.lists(st.integers(0, 9), max_size=3)
)


@settings(deadline=None)  # the first example imports tomlkit
@given(lines, lines, news, st.sampled_from(["\n", "\r\n"]), st.data())
def test_a_change_gives_the_wanted_values_and_touches_one_line(
    top: list[tuple[str, tuple[str, Value], str]],
    table: list[tuple[str, tuple[str, Value], str]],
    value: Value,
    newline: str,
    data: st.DataObject,
) -> None:
    written = [f"{key} = {text}{comment}" for key, (text, _), comment in top]
    written += ["# about it", "", "[t] # table"]
    written += [f"{key} = {text}{comment}" for key, (text, _), comment in table]
    text = newline.join(written) + newline
    inner: dict[str, Value] = {key: old for key, (_, old), _ in table}
    expected: dict[str, Value] = {key: old for key, (_, old), _ in top}
    path = data.draw(st.sampled_from([(key,) for key in expected] + [("t", key) for key in inner]))
    override = Override("-S", None, Operation.CHANGE, path, value)

    after = apply_overrides({"p.toml": text.encode()}, [override]).get("p.toml", text.encode())

    (inner if len(path) > 1 else expected)[path[-1]] = value
    assert identical(parse_document(after, "p.toml"), expected | {"t": inner})
    pairs = zip(text.split(newline), after.decode().split(newline), strict=True)
    assert sum(one != other for one, other in pairs) <= 1
