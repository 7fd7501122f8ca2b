from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value

PARAMS = """\
{
    "lr": 1e-3,
    "name" : "adam",
    "model": {
        "layers": [64, 32],
        "drop": null
    },
    "compact": {"a":1,"b":{}},
    "rows": [
        {"x": 1},
        {"x": 2}
    ]
}
"""


def edited(text: str, *overrides: str) -> str:
    content = text.encode()
    changed = apply_overrides({"p.json": content}, [parse_override(o) for o in overrides])
    return changed.get("p.json", content).decode()


@pytest.mark.parametrize(
    ("override", "old", "new"),
    [
        ("lr=1e-5", "1e-3", "1e-05"),
        ("lr=0.001", "1e-3", "1e-3"),
        ("lr=nan", "1e-3", "NaN"),
        ("name='é'", '"adam"', '"\\u00e9"'),
        ("model.layers.1=16", "[64, 32]", "[64, 16]"),
        ("model.layers=[64,32,16]", "[64, 32]", "[64, 32, 16]"),
        ("~model.layers.0", "[64, 32]", "[32]"),
        ("model.drop=0.5", "null", "0.5"),
        ("+model.drop.p=0.5", "null", '{"p": 0.5}'),
        ("+model.new={a:[1]}", "null\n", 'null,\n        "new": {"a": [1]}\n'),
        ("~model.drop", ',\n        "drop": null', ""),
        ("~model.layers", '        "layers": [64, 32],\n', ""),
        ("+compact.c=x", '"b":{}', '"b":{},"c":"x"'),
        ("~compact.a", '"a":1,', ""),
        ("~compact.b", ',"b":{}', ""),
        ("+compact.b.z=1", "{}}", '{"z": 1}}'),
        ("rows.1.x=5", '{"x": 2}', '{"x": 5}'),
        ("~rows.0", '        {"x": 1},\n', ""),
        ("~rows.1.x", '{"x": 2}', "{}"),
        ("+rows.2={x:3}", '{"x": 2}\n', '{"x": 2},\n        {"x": 3}\n'),
        ("+top=1", "    ]\n", '    ],\n    "top": 1\n'),
    ],
)
def test_an_override_changes_the_bytes_of_its_value_alone(
    override: str, old: str, new: str
) -> None:
    assert PARAMS.count(old) == 1

    assert edited(PARAMS, override) == PARAMS.replace(old, new)


@pytest.mark.parametrize(
    ("text", "override", "expected"),
    [
        ("", "+a=1", '{"a": 1}\n'),
        ("null", "+a=1", '{"a": 1}\n'),
        ("{}", "+a=1", '{"a": 1}'),
        ('{"a": 1}', "~a", "{}"),
        ("\ufeff{}", "+a=1", '\ufeff{"a": 1}'),
        ('{"a": 1, "a": 2}', "a=3", '{"a": 1, "a": 3}'),
        ('{\r\n  "a": 1\r\n}\r\n', "+b=2", '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n'),
        ('{"é": 1, "b": "x"}', "b='ü'", '{"é": 1, "b": "ü"}'),
        ('{"a\\"b": {"c": "]}"}, "d": 1}', "d=2", '{"a\\"b": {"c": "]}"}, "d": 2}'),
    ],
)
def test_layout_stays(text: str, override: str, expected: str) -> None:
    assert edited(text, override) == expected


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text('ab"\\,]}{[: é😀', max_size=5)
)
keys = st.text('ab",:é\\', min_size=1, max_size=3)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
indents = st.sampled_from([None, 1, 4, "\t"])
separators = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])


def walk(value: Value, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Value]]:
    items: list[tuple[str, Value]] = []
    if isinstance(value, dict):
        items = list(value.items())
    if isinstance(value, list):
        items = [(str(i), item) for i, item in enumerate(value)]
    return [(path, value)] + [found for k, item in items for found in walk(item, (*path, k))]


@given(
    st.dictionaries(keys, values, min_size=1, max_size=3),
    st.just(None) | leaves | st.lists(leaves, max_size=3),
    st.sampled_from(list(Operation)),
    indents,
    separators,
    st.data(),
)
def test_every_edit_gives_the_wanted_values_and_stays_in_its_place(
    document: dict[str, Value],
    new: Value,
    operation: Operation,
    indent: int | str | None,
    separator: tuple[str, str],
    data: st.DataObject,
) -> None:
    text = json.dumps(document, indent=indent, separators=separator)
    path, old = data.draw(st.sampled_from(walk(document)[1:]))
    if operation in {Operation.ADD, Operation.FORCE}:
        path = (*(path if isinstance(old, dict) else path[:-1]), "new")
    expected = copy.deepcopy(document)
    holder: Value = expected
    for part in path[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]  # type: ignore[index]  # the path is of this document
    if isinstance(holder, list) and path[-1] == "new":
        path = (*path[:-1], str(len(holder)))
        holder.append(new)
    elif operation is Operation.DELETE:
        del holder[int(path[-1]) if isinstance(holder, list) else path[-1]]  # type: ignore[union-attr,arg-type]
    else:
        holder[int(path[-1]) if isinstance(holder, list) else path[-1]] = new  # type: ignore[index]
    has_value = operation is not Operation.DELETE
    override = Override("-S", None, operation, path, new if has_value else None, has_value)

    after = apply_overrides({"p.json": text.encode()}, [override]).get("p.json", text.encode())

    assert identical(parse_document(after, "p.json"), expected)
    if operation is Operation.CHANGE and not isinstance(old, dict | list):
        lines = zip(text.split("\n"), after.decode().split("\n"), strict=True)
        assert sum(one != other for one, other in lines) <= 1
    elif indent is not None and path[-1] == "new" and isinstance(new, int) and len(holder) > 1:  # type: ignore[arg-type]
        assert len(after.decode().split("\n")) == len(text.split("\n")) + 1


@pytest.mark.parametrize("text", ['{"é": 1}', '{"e": 1}'])
def test_half_of_a_pair_is_written_as_it_can_be(text: str) -> None:
    wanted: dict[str, Value] = {**json.loads(text), "\ud83d": ["a\ude00", "😀"]}

    after = edit_document(text.encode(), "p.json", wanted, [()])

    assert identical(parse_document(after, "p.json"), wanted)
