from __future__ import annotations

import copy

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value

PARAMS = """\
# the params
lr: 0.1   # rate
name: 'adam' # opt
dq: "x"
e:
f: # todo
flag: True
big: !!float 1
model: &m  # model
  layers:  # sizes
    - 64  # first
    - 32
  # inner
  text: |  # block
    hello
     x

  drop: 0.5
folded: one
  two  # end
flow: { a: 1, b: [1, 2] }
multi: {
  a: 1,  # one
  b: 2   # two
}
trailing: [
  x,
  y,  # last
]
items:
- a: 1
  b: 2
# between
- c: 3
"""


def edited(text: str, *overrides: str) -> str:
    content = text.encode()
    changed = apply_overrides({"p.yaml": content}, [parse_override(o) for o in overrides])
    return changed.get("p.yaml", content).decode()


@pytest.mark.parametrize(
    ("override", "old", "new"),
    [
        ("lr=1e-3", "lr: 0.1   # rate", "lr: 0.001   # rate"),
        ("lr=1e-5", "lr: 0.1   # rate", "lr: 1.0e-05   # rate"),
        ("lr=1e20", "lr: 0.1   # rate", "lr: 1.0e+20   # rate"),
        ("lr=nan", "lr: 0.1   # rate", "lr: .nan   # rate"),
        ("lr=-inf", "lr: 0.1   # rate", "lr: -.inf   # rate"),
        ("lr=yes", "lr: 0.1   # rate", 'lr: "yes"   # rate'),
        ("lr='1e-3'", "lr: 0.1   # rate", 'lr: "1e-3"   # rate'),
        ("lr='1:30'", "lr: 0.1   # rate", 'lr: "1:30"   # rate'),
        ("lr='0o14'", "lr: 0.1   # rate", 'lr: "0o14"   # rate'),
        ("lr='2024-13-45'", "lr: 0.1   # rate", 'lr: "2024-13-45"   # rate'),
        ("lr='null'", "lr: 0.1   # rate", 'lr: "null"   # rate'),
        ("lr='a: b'", "lr: 0.1   # rate", 'lr: "a: b"   # rate'),
        ("lr='a #b'", "lr: 0.1   # rate", 'lr: "a #b"   # rate'),
        ("lr='- a'", "lr: 0.1   # rate", 'lr: "- a"   # rate'),
        ("lr='a,b'", "lr: 0.1   # rate", "lr: a,b   # rate"),
        ("lr=", "lr: 0.1   # rate", 'lr: ""   # rate'),
        ("lr='a\nb'", "lr: 0.1   # rate", 'lr: "a\\nb"   # rate'),
        ("lr='\x85\u2028'", "lr: 0.1   # rate", 'lr: "\\u0085\\u2028"   # rate'),
        ("lr='é😀'", "lr: 0.1   # rate", "lr: é😀   # rate"),
        ("lr=${model.drop}", "lr: 0.1   # rate", "lr: ${model.drop}   # rate"),
        ("lr=s3://b/x", "lr: 0.1   # rate", "lr: s3://b/x   # rate"),
        ("lr=[1,a,'b c',{d:no}]", "lr: 0.1   # rate", 'lr: [1, a, b c, {d: "no"}]   # rate'),
        ("name=sgd", "name: 'adam' # opt", "name: 'sgd' # opt"),
        ('name="it\'s"', "name: 'adam' # opt", "name: 'it''s' # opt"),
        ("name=1", "name: 'adam' # opt", "name: 1 # opt"),
        ("dq='a\"b'", 'dq: "x"', 'dq: "a\\"b"'),
        ("e=5", "e:\n", "e: 5\n"),
        ("f=5", "f: # todo", "f: 5 # todo"),
        ("e={a:1}", "e:\n", "e: {a: 1}\n"),
        ("+e.a.b=1", "e:\n", "e: {a: {b: 1}}\n"),
        ("flag=false", "flag: True", "flag: False"),
        ("big=2.5", "big: !!float 1", "big: !!float 2.5"),
        ("big=x", "big: !!float 1", "big: x"),
        ("model.layers=[1,32]", "- 64  # first", "- 1  # first"),
        ("model.layers.0=128", "- 64  # first", "- 128  # first"),
        ("model.layers.1=[1]", "    - 32\n", "    - [1]\n"),
        ("model.layers=x", ":  # sizes\n    - 64  # first\n    - 32\n", ": x  # sizes\n"),
        ("model.layers=[]", ":  # sizes\n    - 64  # first\n    - 32\n", ": []  # sizes\n"),
        ("model.layers=[64,32,16]", "    - 32\n", "    - 32\n    - 16\n"),
        ("model.layers=[64]", "    - 32\n", ""),
        ("+model.layers.2=16", "    - 32\n", "    - 32\n    - 16\n"),
        ("~model.layers.0", "    - 64  # first\n", ""),
        ("model.text=bye", "|  # block\n    hello\n     x\n", "bye  # block\n"),
        ("~model.text", "  text: |  # block\n    hello\n     x\n", ""),
        ("+model.new=1", "  drop: 0.5\n", "  drop: 0.5\n  new: 1\n"),
        ("~model.drop", "  drop: 0.5\n", ""),
        ("folded=x", "one\n  two  # end", "x  # end"),
        ("flow.a=2.5", "{ a: 1,", "{ a: 2.5,"),
        ("flow.a=${x}", "{ a: 1,", '{ a: "${x}",'),
        ("+flow.c=x", "[1, 2] }", "[1, 2], c: x }"),
        ("~flow.a", "{ a: 1, b", "{ b"),
        ("~flow.b", "{ a: 1, b: [1, 2] }", "{ a: 1 }"),
        ("~flow.b.0", "[1, 2]", "[2]"),
        ("+flow.b.2=3", "[1, 2]", "[1, 2, 3]"),
        ("flow.b=[0,1,2]", "[1, 2]", "[0, 1, 2]"),
        ("+multi.c=3", "  b: 2   # two\n", "  b: 2,   # two\n  c: 3\n"),
        ("~multi.b", "  a: 1,  # one\n  b: 2   # two\n", "  a: 1  # one\n"),
        ("~multi.a", "  a: 1,  # one\n", ""),
        ("+trailing.2=z", "  y,  # last\n", "  y,  # last\n  z,\n"),
        ("~trailing.1", "  y,  # last\n", ""),
        ("items.0.a=9", "- a: 1", "- a: 9"),
        ("~items.0.a", "- a: 1\n  b", "- b"),
        ("~items.0.b", "  b: 2\n", ""),
        ("~items.0", "- a: 1\n  b: 2\n", ""),
        ("~items.1.c", "- c: 3", "- {}"),
        ("items.0=5", "- a: 1\n  b: 2\n", "- 5\n"),
        ("+items.2={d:4}", "- c: 3\n", "- c: 3\n- {d: 4}\n"),
        ("items=x", ":\n- a: 1\n  b: 2\n# between\n- c: 3\n", ": x\n"),
        ("+top=1", "- c: 3\n", "- c: 3\ntop: 1\n"),
        ("+top.sub=1", "- c: 3\n", "- c: 3\ntop: {sub: 1}\n"),
    ],
)
def test_an_override_changes_the_bytes_of_its_value_alone(
    override: str, old: str, new: str
) -> None:
    assert PARAMS.count(old) == 1

    assert edited(PARAMS, override) == PARAMS.replace(old, new)


def test_an_anchor_stays_when_its_value_is_replaced() -> None:
    assert edited("a: &x 1\nb: &y\n  c: 1\nd: &z\n", "a=2", "b=3", "d=4") == (
        "a: &x 2\nb: &y 3\nd: &z 4\n"
    )


def test_replacing_a_block_keeps_anchor_and_comment_of_its_key() -> None:
    assert edited("a: &x # why\n  # inner\n  b: 1  # c\n# end\n", "a=2") == "a: &x 2 # why\n# end\n"


@pytest.mark.parametrize(
    ("text", "override", "expected"),
    [
        ("a: 1\r\nb: 2\r\n", "+c=3", "a: 1\r\nb: 2\r\nc: 3\r\n"),
        ("a: 1\r\nb: 2\r\n", "a=3", "a: 3\r\nb: 2\r\n"),
        ("a: 1\r\nb: 2\r\n", "~a", "b: 2\r\n"),
        ("a: |\r\n  x\r\nb: 2\r\n", "a=3", "a: 3\r\nb: 2\r\n"),
        ("a: 1\nb: 2", "+c=3", "a: 1\nb: 2\nc: 3"),
        ("a: 1\nb: 2", "b=3", "a: 1\nb: 3"),
        ("a: 1\nb: 2", "~b", "a: 1"),
        ("\ufeffa: 1\n", "a=2", "\ufeffa: 2\n"),
        ("\ufeff", "+a=2", "\ufeffa: 2\n"),
        ("", "+a=2", "a: 2\n"),
        ("# only\n", "+a=2", "# only\na: 2\n"),
        ("# only", "+a=2", "# only\na: 2"),
        ("---\n", "+a=2", "---\na: 2\n"),
        ("{}\n", "+a=2", "{a: 2}\n"),
        ("{a: 1}\n", "~a", "{}\n"),
        ("a: 1\n", "~a", ""),
        ("--- # start\na: 1\n...\n", "a=2", "--- # start\na: 2\n...\n"),
        ("--- # start\na: 1\n...\n", "+b=2", "--- # start\na: 1\nb: 2\n...\n"),
        ("{a: 1, 'b': 'x', }", "b=y", "{a: 1, 'b': 'y', }"),
        ("{a, b: 1}", "a=2", "{a: 2, b: 1}"),
        ('{"a":1,"b":2}', "+c=3", '{"a":1,"b":2,c: 3}'),
        ("😀é: 1\nb: x # é\n", "b=y", "😀é: 1\nb: y # é\n"),
        ("a:   'é😀'\n", "a=x", "a:   'x'\n"),
        ("1: a\ntrue: b\n", "+x=1", "1: a\ntrue: b\nx: 1\n"),
        ("a: |+\n  x\n\n", "+b=1", "a: |+\n  x\n\nb: 1\n"),
        ("a: [1, 1]\n", "~a.0", "a: [1]\n"),
        ("a:\n- - 1\n  - 2\n", "~a.0.0", "a:\n- - 2\n"),
        ("a:\n- - 1\n  - 2\n", "+a.0.2=3", "a:\n- - 1\n  - 2\n  - 3\n"),
        ("a: 1\n", "a='b\u2029c'", 'a: "b\\u2029c"\n'),  # of which no key can be made else
        ("? a\n: 1\n", "a=2", "? a\n: 2\n"),
        ("a:\n- ? b\n  : 1\n", "+a.0.c=2", "a:\n- ? b\n  : 1\n  c: 2\n"),
        ("a:\n    b:\n        c: 1\n", "+a.b.d=2", "a:\n    b:\n        c: 1\n        d: 2\n"),
        ("a: 1 # x\n\n\n", "+b=2", "a: 1 # x\nb: 2\n\n\n"),
        ("a:\n  b: 1\n", "~a.b", "a: {}\n"),
        ("a:\n  1\nb: 2\n", "a=3", "a:\n  3\nb: 2\n"),
        ("a: x:y\n", "a=z", "a: z\n"),
        ("a: 1.0\n", "a=1", "a: 1\n"),
        ("a: &x ! b # c\n", "a=''", 'a: &x "" # c\n'),  # `! ""` is null to DVC
        ("a: 1e-3\n", "a=0.001", "a: 0.001\n"),  # a text to PyYAML, until it is set
        ("a: 1.0e-3  # c\n", "a=0.001", "a: 1.0e-3  # c\n"),
        ("a: [1.0, x]  # c\n", "a=[1.0,x]", "a: [1.0, x]  # c\n"),
    ],
)
def test_layout_stays(text: str, override: str, expected: str) -> None:
    assert edited(text, override) == expected


SHARED = "base: &b {x: 1, y: {z: 2}}\nmerged:\n  <<: *b\n  own: 1\nalias: *b\nlist: [*b, 1]\n"


@pytest.mark.parametrize(
    ("override", "old", "new"),
    [
        ("merged.x=5", "  own: 1\n", "  own: 1\n  x: 5\n"),
        ("merged.y.z=5", "  own: 1\n", "  own: 1\n  y: {z: 5}\n"),
        ("+merged.new=5", "  own: 1\n", "  own: 1\n  new: 5\n"),
        ("alias.x=5", "alias: *b", "alias: {<<: *b, x: 5}"),
        ("alias.y.z=5", "alias: *b", "alias: {<<: *b, y: {z: 5}}"),
        ("~alias.x", "alias: *b", "alias: {y: {z: 2}}"),
        ("alias=5", "alias: *b", "alias: 5"),
        ("list.0=5", "[*b, 1]", "[5, 1]"),
        ("list.0.x=5", "[*b, 1]", "[{<<: *b, x: 5}, 1]"),
        ("~alias", "alias: *b\n", ""),
    ],
)
def test_what_is_shared_gets_a_value_of_its_own(override: str, old: str, new: str) -> None:
    assert edited(SHARED, override) == SHARED.replace(old, new)


def test_an_alias_of_a_list_is_written_out() -> None:
    assert edited("a: &a [1, 2]\nb: *a\n", "b.0=5") == "a: &a [1, 2]\nb: [5, 2]\n"


def test_setting_what_others_share_is_refused_until_they_are_named_too() -> None:
    text = "lr: &lr 0.1\nother: *lr\n"

    with pytest.raises(GitexpError, match=r"'lr' in 'p.yaml' would also change 'other'") as caught:
        edited(text, "lr=0.2")

    assert caught.value.hint == "They share an anchor; give each a value: `-S other=...`."
    assert edited(text, "lr=0.2", "other=0.2") == "lr: &lr 0.2\nother: *lr\n"
    assert edited(text, "lr=0.2", "other=0.1") == "lr: &lr 0.2\nother: 0.1\n"


@pytest.mark.parametrize(
    ("text", "override"),
    [
        (SHARED, "~merged.x"),
        ("a: &a\n  x: 1\nb: *a\n", "a=5"),
        ("a: &a 1\nb: *a\n", "~a"),
        ("[a: 1]: 1\n", "+b=1"),
    ],
)
def test_what_cannot_be_edited_is_refused(text: str, override: str) -> None:
    with pytest.raises(GitexpError) as caught:
        edited(text, override)

    assert caught.value.hint


SCALARS: list[tuple[str, Value]] = [
    ("0.1", 0.1),
    ("1e-3", 0.001),
    ("-7", -7),
    ("'it''s'", "it's"),
    ('"x \\" y"', 'x " y'),
    ("plain words", "plain words"),
    ("http://x:80/y", "http://x:80/y"),
    ("no", "no"),
    ("True", True),
    ("~", None),
    ("${other.key}", "${other.key}"),
    ("é😀", "é😀"),
    ("!!str 12", "12"),
    ("&anchor 3", 3),
]
COMMENTS = ["", "  # note: 'x'", " # é"]


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> tuple[list[str], dict[str, Value]]:
    """Lines of a block mapping, indented from column 0, and what they say."""
    lines: list[str] = []
    values: dict[str, Value] = {}
    for key in draw(st.lists(st.sampled_from("abcdéf"), min_size=1, max_size=3, unique=True)):
        if draw(st.booleans()):
            lines += draw(st.sampled_from([["# about it"], [""], ["", "  # odd"]]))
        comment = draw(st.sampled_from(COMMENTS))
        kind = draw(st.sampled_from(["scalar", "flow", "list", "map"] if depth < 2 else ["scalar"]))
        scalar, value = draw(st.sampled_from(SCALARS))
        if kind == "scalar":
            lines.append(f"{key}: {scalar}{comment}")
            values[key] = value
        elif kind == "flow":
            lines.append(f"{key}: {{ x: 1,y: [2, 'z'] }}{comment}")
            values[key] = {"x": 1, "y": [2, "z"]}
        elif kind == "list":
            indent = draw(st.sampled_from(["", "  "]))
            lines += [f"{key}:{comment}", f"{indent}- {scalar}{comment}", f"{indent}- 1"]
            values[key] = [value, 1]
        else:
            inner, values[key] = draw(blocks(depth + 1))
            indent = draw(st.sampled_from(["  ", "    "]))
            lines += [f"{key}:{comment}", *(f"{indent}{line}" if line else "" for line in inner)]
    return lines, values


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Value]]:
    lines, values = draw(blocks())
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    end = draw(st.sampled_from(["", newline]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return mark + newline.join(lines) + end, values


def paths(value: Value, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    items: list[tuple[str, Value]] = []
    if isinstance(value, dict):
        items = list(value.items())
    if isinstance(value, list):
        items = [(str(i), item) for i, item in enumerate(value)]
    inner = [found for key, item in items for found in paths(item, (*path, key))]
    return ([path] if path else []) + inner


def at(value: Value, path: tuple[str, ...]) -> Value:
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]  # type: ignore[index]  # the path is of this value
    return value


def put(values: Value, path: tuple[str, ...], value: Value) -> Value:
    result = copy.deepcopy(values)
    holder = at(result, path[:-1])
    if isinstance(holder, list):
        holder[int(path[-1])] = value
    elif isinstance(holder, dict):
        holder[path[-1]] = value
    return result


texts = st.text("ab1e-. :#,'\"[]{}\n\\é😀~&*!%@`|>?=\t\x85", max_size=6) | st.sampled_from(
    ["null", "yes", "on", "1e-3", "0x1F", "1:30", ".nan", "2024-01-02", "<<", "=", "...", "---"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
news = leaves | st.lists(leaves, max_size=3) | st.dictionaries(texts, leaves, max_size=2)


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@given(documents(), news, st.data())
def test_a_change_gives_the_wanted_values_and_touches_one_place(
    document: tuple[str, dict[str, Value]], value: Value, data: st.DataObject
) -> None:
    text, values = document
    path = data.draw(st.sampled_from(paths(values)))
    old = at(values, path)
    if isinstance(value, dict) and isinstance(old, dict):
        value = None  # mappings are merged, which has tests of its own
    override = Override("-S", None, Operation.CHANGE, path, value)

    content = apply_overrides({"p.yaml": text.encode()}, [override]).get("p.yaml", text.encode())

    expected = put(values, path, value)
    assert identical(parse_document(content, "p.yaml"), expected)
    after = content.decode()
    assert identical(YAML(typ="safe", pure=True).load(after.lstrip("\ufeff")), expected)
    if not isinstance(old, dict | list):
        before_lines, after_lines = text.splitlines(True), after.splitlines(True)
        pairs = zip(before_lines, after_lines, strict=True)
        assert sum(one != other for one, other in pairs) <= 1


@given(documents(), news, st.data())
def test_adding_a_key_adds_one_line(
    document: tuple[str, dict[str, Value]], value: Value, data: st.DataObject
) -> None:
    text, values = document
    mappings = [(), *(p for p in paths(values) if isinstance(at(values, p), dict))]
    path = (*data.draw(st.sampled_from(mappings)), "new")
    override = Override("-S", None, Operation.ADD, path, value)

    after = apply_overrides({"p.yaml": text.encode()}, [override])["p.yaml"].decode()

    assert identical(parse_document(after.encode(), "p.yaml"), put(values, path, value))
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = after.split(newline)
    spots = [i for i, line in enumerate(lines) if "new:" in line]
    [spot] = spots
    if lines[spot].strip().startswith("new:"):
        assert newline.join(lines[:spot] + lines[spot + 1 :]) == text
    else:
        old = text.split(newline)
        assert old[:spot] + old[spot + 1 :] == lines[:spot] + lines[spot + 1 :]


@given(documents(), st.data())
def test_deleting_a_key_takes_its_lines_alone(
    document: tuple[str, dict[str, Value]], data: st.DataObject
) -> None:
    text, values = document
    path = data.draw(st.sampled_from(paths(values)))
    override = Override("-S", None, Operation.DELETE, path, None, has_value=False)

    after = apply_overrides({"p.yaml": text.encode()}, [override])["p.yaml"].decode()

    expected = copy.deepcopy(values)
    holder = at(expected, path[:-1])
    if isinstance(holder, list):
        del holder[int(path[-1])]
    elif isinstance(holder, dict):
        del holder[path[-1]]
    assert identical(parse_document(after.encode(), "p.yaml"), expected)
    if holder:  # what is left keeps its lines; an emptied collection is written as `{}` or `[]`
        lines = iter(text.lstrip("\ufeff").splitlines())
        kept = [
            line
            for line in after.lstrip("\ufeff").splitlines()
            if "x: 1" not in line and "y: [" not in line
        ]
        assert all(any(line.strip(" -") in old for old in lines) for line in kept)


@given(st.floats())
def test_floats_are_floats_to_readers_of_both_versions_of_yaml(value: float) -> None:
    text = edited("a: x\n", f"a={value!r}")

    assert identical(yaml.safe_load(text)["a"], value)
    assert identical(YAML(typ="safe", pure=True).load(text)["a"], value)


@given(texts, st.sampled_from(["a: 1\n", "a: 'x'\n", 'a: "x"\n', "a: [1, {b: 2}]\n"]))
def test_strings_are_strings_to_readers_of_both_versions_of_yaml(value: str, text: str) -> None:
    path = ("a", "1", "b") if "[" in text else ("a",)
    override = Override("-S", None, Operation.CHANGE, path, value)

    after = apply_overrides({"p.yaml": text.encode()}, [override])["p.yaml"].decode()

    assert identical(at(yaml.safe_load(after), path), value)
    assert identical(at(YAML(typ="safe", pure=True).load(after), path), value)


def test_the_only_key_behind_an_odd_line_end_is_removed_or_refused() -> None:
    text = "\x85\"name\": ''\n\n"
    (key,) = parse_document(text.encode(), "p.yaml")
    override = Override("-S", None, Operation.DELETE, (key,), None, has_value=False)

    try:
        after = apply_overrides({"p.yaml": text.encode()}, [override])["p.yaml"]
    except GitexpError:
        return
    assert parse_document(after, "p.yaml") == {}
