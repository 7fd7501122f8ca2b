"""Values, patterns and texts as their worst author would write them; pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

import gitexp
from gitexp.data.dvc_file import read_with_comments
from gitexp.data.dvc_yaml import read_pipeline
from gitexp.data.pipelines import Pipeline
from gitexp.data.plain_yaml import load_plain
from gitexp.errors import GitexpError
from gitexp.model.documents import reading
from gitexp.model.documents.reading import parse_document
from gitexp.model.many_records import many_reader
from gitexp.model.message import subject
from gitexp.model.patterns import Patterns
from gitexp.model.policy import Policy, name_pattern
from gitexp.model.record_json import UnreadableRecord, from_json, to_json
from gitexp.model.steady_patterns import spec_of, steady
from gitexp.model.text import harmless_json
from gitexp.rendering.formats import csv as csv_format
from gitexp.rendering.formats import text as text_format
from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.review.statistics import Sample
from gitexp.settings.parsing import parse_config

from tests.attack.hostile import EVIL, Places, runs
from tests.attack.test_attack import RAW

SOURCE = Path(gitexp.__file__).parent
PIECES = ["a", "b", "*", "**", "/", "/**/", "?", "[ab]", "!", "\\*", "x", "*a", "b*", "**/"]


def bomb(line: Callable[[str, str], str]) -> bytes:
    """Return YAML of eight lines each of which stands for ten of the one before: harmless here."""
    pairs = zip("abcdefg", "bcdefgh", strict=True)
    return "\n".join(["a: &a {k: v}", *(line(old, new) for old, new in pairs)]).encode()


BOMBS = [
    bomb(lambda old, new: f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]"),
    bomb(lambda old, new: f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 10)}]}}"),
    b"stages: &a {x: *a}",
]


@pytest.mark.parametrize("content", BOMBS)
def test_aliases_of_a_pipeline_are_not_expanded_without_end(content: bytes) -> None:
    assert read_pipeline(content + b"\nmetrics: [m.json]", "dvc.yaml") == Pipeline()


@pytest.mark.parametrize("depth", [900, 20_000])
@pytest.mark.parametrize("read", [load_plain, read_with_comments])
def test_pointers_that_nest_too_deep_are_refused(
    depth: int, read: Callable[[bytes, str], object]
) -> None:
    with pytest.raises(GitexpError, match=r"'x\.dvc'"):
        read(b"outs: " + b"[" * depth + b"]" * depth, "x.dvc")
    assert read_pipeline(b"stages: " + b"[" * depth + b"]" * depth, "dvc.yaml") == Pipeline()


@pytest.mark.parametrize("name", ["p.yaml", "p.json", "p.toml", "p.py"])
def test_values_are_not_read_from_a_file_that_takes_too_long(name: str) -> None:
    large = b" " * (max(reading.LARGEST.values()) + 1)

    with pytest.raises(GitexpError, match=r"20\.0 MB, and values are read from") as caught:
        parse_document(large, name)

    assert caught.value.hint is not None


@pytest.mark.parametrize(("text", "name"), [("a: 0x{}", "p.yaml"), ("a = 0x{}", "p.toml")])
def test_a_number_that_cannot_be_printed_is_refused(text: str, name: str) -> None:
    with pytest.raises(GitexpError, match="too many digits"):
        parse_document(text.format("f" * 5000).encode(), name)


@pytest.mark.parametrize("size", ["9" * 400 + " MB", "1" + "0" * 5000])
def test_a_size_beyond_all_numbers_is_refused(size: str) -> None:
    with pytest.raises(GitexpError, match="must be a size"):
        parse_config(f"max_file_size: '{size}'".encode())


def test_whole_numbers_beyond_every_float_have_no_finite_mean() -> None:
    sample = Sample((10**400, 1.0))

    assert (sample.mean, sample.least, sample.deviation) == (float("inf"), 1.0, None)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8), st.text("abx/", max_size=14))
def test_patterns_match_what_they_always_did(pieces: list[str], path: str) -> None:
    line = "".join(pieces)
    try:
        theirs = GitIgnoreSpec.from_lines([line])
    except ValueError:
        return

    assert spec_of([line]).match_file(path.strip("/")) == theirs.match_file(path.strip("/"))


def test_no_part_of_a_pattern_is_tried_again() -> None:
    tried = re.compile(r"(?<!<k\d>)\[\^/\]\*(?!\?)|\(\?:/\.\+\)\?(?!\?)")

    for line in ("*a*b*c*d", "/x/*a*b*c/*d*e", "a/**/b/**/c/**/d*e"):
        [pattern] = GitIgnoreSpec.from_lines([line]).patterns
        assert pattern.regex is not None
        parts = re.split("/(?=[^]*])", steady(pattern.regex.pattern))
        assert max(len(tried.findall(part)) for part in parts) <= 2
    assert not Patterns(["*a" * 30 + "*b", "**/a/" * 30 + "b"]).match("a" * 60)
    assert name_pattern("*a" * 30 + "*b").fullmatch("a" * 60) is None
    assert name_pattern("a*b*c").fullmatch("a.b.b.c")


@pytest.mark.parametrize("line", ["!", "\\", "a\\", "[z-a]"])
def test_a_malformed_pattern_matches_nothing(line: str) -> None:
    assert not Patterns([line, "b?"]).match("a")
    assert Patterns([line, "b?"]).match("bc")


def test_a_spreadsheet_reckons_with_no_text() -> None:
    texts = ["=1+1", "@x", "+x", "-x!A1", "\t=1", "\r=1", "-", "-0.5", "+1e-3", "a=1", ""]
    table = Flat(("a", "=b"), [(text, -0.5) for text in texts])
    document = Document(data=dict, tables=tuple, flat=lambda: table)

    head, *rows = csv.reader(io.StringIO(csv_format.render(document), newline=""))

    assert head == ["a", "'=b"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in texts[:6]), *texts[6:]]
    assert {row[1] for row in rows} == {"-0.5"}


@given(st.text())
def test_json_says_the_same_and_moves_no_cursor(text: str) -> None:
    written = harmless_json(json.dumps({text: text}, ensure_ascii=False))

    assert written.isprintable()
    assert json.loads(written) == {text: text}


def test_the_subject_of_a_run_turns_nothing_around() -> None:
    place = Path("/nowhere")
    [(message, content, _), *_] = runs(Places(place, place, place))

    assert EVIL in from_json(content).params["params.yaml"].values()
    assert RAW.search(subject(from_json(content), Policy(), {})) is None
    assert RAW.search(message.splitlines()[0]) is None


def test_a_command_with_a_nul_is_no_record() -> None:
    place = Path("/nowhere")
    [(_, content, _), *_] = runs(Places(place, place, place))
    forged = {**json.loads(content), "command": ["a\0b"]}

    with pytest.raises(UnreadableRecord, match="NUL"):
        from_json(json.dumps(forged))
    assert to_json(from_json(content)) == content


UNPICKLING = {"api/loaders.py", "contents/pickle_reader.py", "contents/pickles.py"}
"""Where a caller has said that the file is trusted, and where pickles are read with stand-ins."""


def test_nothing_is_unpickled_but_where_a_caller_says_so() -> None:
    loads = re.compile(r"\bimport (?:pickle|dill|shelve)\b|module\(\"(?:pickle|dill|joblib)\"")
    found = {
        one.relative_to(SOURCE).as_posix()
        for one in SOURCE.rglob("*.py")
        if loads.search(one.read_text())
    }

    assert found == UNPICKLING


@pytest.mark.parametrize("read", [from_json, many_reader()])
def test_values_that_nest_deeper_than_documents_may_are_no_record(
    read: Callable[[bytes], object],
) -> None:
    place = Path("/nowhere")
    [(_, content, _), *_] = runs(Places(place, place, place))
    deep = b'{"a": ' * 98 + b"1" + b"}" * 98

    read(content.replace(b'"rate": 0.1', b'"rate": ' + deep, 1))
    for levels, start, end in ((251, b"[", b"]"), (900, b"[", b"]"), (400, b'{"a":', b"}")):
        deeper = b'"rate": ' + start * levels + b"1" + end * levels
        with pytest.raises(UnreadableRecord, match="nested too deep"):
            read(content.replace(b'"rate": 0.1', deeper, 1))


def test_a_long_name_makes_no_other_line_long() -> None:
    table = Table((Column("name", limit=0), Column("value")), (("x" * 50_000, 1), ("y", 2)))
    document = Document(data=dict, tables=lambda: (table,), flat=lambda: Flat((), ()))

    long, short = text_format.render(document).splitlines()

    assert len(long) > 50_000
    assert len(short) < 3000
