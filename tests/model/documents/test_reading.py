from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from io import StringIO
from textwrap import dedent

import pytest
from dvc.utils.serialize import parse_json, parse_yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gitexp.errors import GitexpError
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import same

TRICKY_YAML = {
    "numbers": "a: [1, 1.0, 1., .5, -0.5, 1e-3, 1E5, 1e+5, 1.5e-07, 1_000, 1_000.5, +1, -1]",
    "bases": "a: [012, 0o14, 0b11, 0x1F, -0x1f, 08, 0o8, 0b2]",
    "not finite": "a: [.nan, .inf, -.inf, +.Inf, .NAN, -.nan, nan, inf]",
    "words": "a: [yes, no, on, off, y, n, Yes, NO, true, False, TRUE, tRUE]",
    "nothing": "a: [null, Null, NULL, ~, nUll]\nb:\nc: ''",
    "colons": "a: 1:30\nb: 12:30:45\nc: http://host:80/x\nd: [a:b]",
    "strings": "a: '1'\nb: \"1e-3\"\nc: 'it''s'\nd: \"\\u00e9\\n\\/\"\ne: a b  c",
    "blocks": "a: |\n  one\n   two\n\nb: >-\n  one\n  two\nc: |+\n  one\n\n",
    "folded": "a: one\n  two\n\n  three",
    "merge": "b: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}\nd: {<<: [*b, {x: 5, z: 6}]}",
    "anchors": "a: &a [1, 2]\nb: *a\nc: &s 0.5\nd: *s",
    "quoted merge": "a: {'<<': 1}",
    "comments": "# a\na: 1 # b\n# c\nb: 'x # y' # d\nurl: x#y",
    "tags": 'a: !!str 1\nb: !!int "3"\nc: !!float 1\nd: !!bool "yes"\ne: ! 12',
    "flow": "{a: 1, b: [x, {y: z}, ], 'c':2, \"d\":3, e}",
    "markers": "--- # start\na: 1\n...\n",
    "directive": "%YAML 1.2\n---\na: yes",
    "interpolation": "a: ${b.c}\nb: '{{ x }}'",
    "windows": "a: 1\r\nb:\r\n  - x\r\n",
    "empty": "",
    "comment only": "# nothing\n",
    "null": "null",
    "odd keys": "val/loss: 1\na.b: 2\n'': 3\nspace key: 4\n? q\n: 5",
    "indentless": "a:\n- 1\n-\n- - 2\n  - 3\n",
}


@pytest.mark.parametrize("text", TRICKY_YAML.values(), ids=TRICKY_YAML)
def test_yaml_is_read_as_dvc_reads_it(text: str) -> None:

    assert same(parse_document(text.encode(), "params.yaml"), parse_yaml(text, "params.yaml"))


number_like = st.from_regex(r"[-+]?[0-9._eExob:+-]{1,8}", fullmatch=True)
word_like = st.from_regex(
    r"(?i:true|false|yes|no|on|off|null|nan|\.nan|\.inf|~|y|n|=)[a-z.]?", fullmatch=True
)


def ruamel(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


@given(number_like | word_like | st.floats().map(repr) | st.integers().map(str))
def test_scalars_mean_what_ruamel_says(scalar: str) -> None:
    text = f"a: {scalar}"
    try:
        expected = ruamel(text)["a"]  # type: ignore[index]  # it is a mapping
    except (YAMLError, ValueError):
        return  # ruamel stumbles over `-_` and `=`; here they are strings
    if isinstance(expected, dt.date):
        expected = expected.isoformat()

    value = parse_document(text.encode(), "params.yaml")["a"]

    assert same(value, expected)
    assert type(value) is type(expected)


words = st.text("ab: #'\"\n-[]{}é😀,&*!1.", min_size=1).filter(lambda word: word[0] != ":")
"""No colon first: libyaml takes `{:a: 1}` for a question, and ruamel for the key ':a'."""

trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc"), trees, max_size=3), st.booleans())
def test_what_ruamel_writes_is_read_back(document: dict[str, object], flow: bool) -> None:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flow
    stream = StringIO()
    writer.dump(document, stream)

    assert same(parse_document(stream.getvalue().encode(), "a.yaml"), document)


def test_dates_become_strings() -> None:
    text = dedent("""\
        day: 2024-01-02
        zulu: 2001-12-14 21:59:43Z
        offset: 2001-12-14t21:59:43.10-05:30
        local: 2001-1-2 1:00:00
        none: 2024-13-45
        text: '2024-01-02'
        tagged: !!timestamp '2024-01-02'
        """)

    assert parse_document(text.encode(), "params.yml") == {
        "day": "2024-01-02",
        "zulu": "2001-12-14T21:59:43+00:00",
        "offset": "2001-12-14T21:59:43.100000-05:30",
        "local": "2001-01-02T01:00:00",
        "none": "2024-13-45",
        "text": "2024-01-02",
        "tagged": "2024-01-02",
    }


def test_keys_become_the_strings_that_json_would_make_of_them() -> None:
    text = b"{1: a, true: b, null: c, 0.5: d, 2024-01-02: e, yes: f, 012: g, *k : h}"

    document = parse_document(b"x: &k key\ny: " + text, "params.yaml")

    assert document["y"] == {
        "1": "a",
        "true": "b",
        "null": "c",
        "0.5": "d",
        "2024-01-02": "e",
        "yes": "f",
        "12": "g",
        "key": "h",
    }


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b'{"a": [1, 1.0, null, true], "b": {"c": "x"}}', "m.json", None),
        (b'{"a": 1, "a": 2}', "m.json", {"a": 2}),
        (b"", "m.json", {}),
        (b" \n", "m.json", {}),
        (b"null", "m.json", {}),
        (b"", "m.toml", {}),
        (b"", "m.yaml", {}),
        (b'\xef\xbb\xbf{"a": 1}', "m.JSON", {"a": 1}),
        (b"\xef\xbb\xbfa: 1", "conf/m.yml", {"a": 1}),
        (b"\xef\xbb\xbfa = 1", "m.toml", {"a": 1}),
    ],
)
def test_other_files(content: bytes, name: str, expected: dict[str, object] | None) -> None:
    if expected is None:
        expected = parse_json(content.decode(), name)

    assert parse_document(content, name) == expected


def test_json_holds_nan_and_infinities_as_floats() -> None:
    document = parse_document(b'{"a": [NaN, Infinity, -Infinity]}', "metrics.json")

    assert same(document, {"a": [math.nan, math.inf, -math.inf]})


def test_toml_is_read_with_dates_as_strings() -> None:
    text = dedent("""\
        a.b = 1
        day = 2024-01-02
        time = 07:32:00
        when = 1979-05-27T07:32:00Z
        odd = [inf, -inf, 0xff, 1_000, true, "x"]
        [[layers]]
        units = 3
        """)

    assert parse_document(text.encode(), "params.toml") == {
        "a": {"b": 1},
        "day": "2024-01-02",
        "time": "07:32:00",
        "when": "1979-05-27T07:32:00+00:00",
        "odd": [math.inf, -math.inf, 255, 1000, True, "x"],
        "layers": [{"units": 3}],
    }


def bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for old, new in zip("abcdefgh", "bcdefghi", strict=False):
        lines.append(f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("a: [1", "p.yaml", "'p.yaml' is not valid YAML (line "),
        ("a: 1\n\tb: 2", "p.yaml", "'p.yaml' is not valid YAML (line 2, column 1: "),
        ("a: 1\nb: \x01", "p.yaml", "(line 2, column 4: a control character)"),
        ("lr: 1\nlr: 2", "p.yaml", "(line 2, column 1: duplicate key 'lr')"),
        ("1: a\n'1': b", "p.yaml", "(line 2, column 1: duplicate key '1')"),
        ("a: !!python/object/apply:os.system [ls]", "p.yaml", "'!!python/object/apply:os.system'"),
        ("a: !!python/name:os.system", "p.yaml", "the tag '!!python/name:os.system' is not"),
        ("a: !env HOME", "p.yaml", "(line 1, column 4: the tag '!env' is not supported)"),
        ("a: !!int x", "p.yaml", "(line 1, column 4: 'x' is not a valid !!int)"),
        ("a: !!bool x", "p.yaml", "(line 1, column 4: 'x' is not a valid !!bool)"),
        ("a: !!timestamp x", "p.yaml", "(line 1, column 4: 'x' is not a valid !!timestamp)"),
        ("<<<<<<< HEAD\na: 1\n", "p.yaml", "'p.yaml' has conflict markers in line 1"),
        ('{\n<<<<<<< HEAD\n"a": 1', "m.json", "'m.json' has conflict markers in line 2"),
        ("a: *b", "p.yaml", "(line 1, column 4: undefined alias 'b')"),
        ("a: 1\n---\nb: 1", "p.yaml", "(line 2, column 1: more than one document)"),
        ("%YAML 1.1\n---\na: yes", "p.yaml", "it asks for YAML 1.1"),
        ("? [a]\n: 1", "p.yaml", "(line 1, column 3: a key is not a scalar)"),
        ("<<: 1", "p.yaml", "only mappings can be merged"),
        ("- 1", "p.yaml", "'p.yaml' holds a list, not a mapping"),
        ("text", "p.yaml", "'p.yaml' holds a single value, not a mapping"),
        ("a: &a [*a]", "p.yaml", "an alias of itself"),
        ("a: &a {b: *a}", "p.yaml", "an alias of itself"),
        ("- " * 20_000, "p.yaml", "nested deeper than 100 levels"),
        ("[" * 20_000, "p.yaml", "nested deeper than 100 levels"),
        (bomb(), "p.yaml", "its aliases expand to too many values"),
        ("{", "m.json", "'m.json' is not valid JSON (line 1, column 2: expecting property name"),
        ("[" * 100_000, "m.json", "'m.json' is not valid JSON (nested too deep)"),
        (f'{{"a": {"1" * 5000}}}', "m.json", "a number has too many digits"),
        ("[1]", "m.json", "'m.json' holds a list, not a mapping"),
        ("a = 1\na = 2", "p.toml", "'p.toml' is not valid TOML ("),
        ("a = [", "p.toml", "'p.toml' is not valid TOML (line 1, column "),
        ("a = 2024-13-01", "p.toml", "invalid date"),
        ("a = " + "[" * 20_000, "p.toml", "nested"),
        ("a=1", "p.ini", "cannot read values from 'p.ini'"),
        ("a=1", "conf.d/p", "cannot read values from 'conf.d/p'"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, name: str, message: str) -> None:
    with pytest.raises(GitexpError, match=re.escape(message)) as caught:
        parse_document(text.encode(), name)

    assert caught.value.hint


def test_a_file_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(GitexpError, match=r"'p.yaml' is not UTF-8 \(line 2\)"):
        parse_document(b"a: 1\nb: \xe9\n", "p.yaml")


@pytest.mark.parametrize("count", [100, 2000])
def test_a_long_honest_document_is_no_bomb(count: int) -> None:
    line: Callable[[int], str] = "k{0}: {{a: {0}}}".format
    text = "\n".join(map(line, range(count)))

    assert len(parse_document(text.encode(), "p.yaml")) == count
