"""Merging by keys: what is taken, what is in conflict, what is never lost."""

from __future__ import annotations

import re
import time
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.drivers.markers import Markers, with_markers
from gitexp.drivers.merge import MergedFile, Versions, merge_file
from gitexp.drivers.three_way import merge_values
from gitexp.errors import GitexpError

OUT = "outs:\n- md5: {0}\n  size: {1}\n  hash: md5\n  path: model.pt\n"
STAGE = "  {0}:\n    cmd: python {0}.py\n    outs:\n    - path: {0}.bin\n      md5: {1}\n"
LOCK = "schema: '2.0'\nstages:\n"


def merged(
    name: str, base: str, ours: str, theirs: str, markers: Markers | None = None
) -> MergedFile:
    """Merge without any help of the text's own merge."""
    sides = base.encode(), ours.encode(), theirs.encode()
    return merge_file(Versions(name, *sides, lambda: sides[1]), markers)


@pytest.mark.parametrize(
    ("name", "base", "ours", "theirs", "expected"),
    [
        ("p.yaml", "a: 1\nb: 1\n", "a: 2\nb: 1\n", "a: 1\nb: 2\n", "a: 2\nb: 2\n"),
        ("p.yaml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nc: 3\n", "a: 1\nb: 2\nc: 3\n"),
        ("p.yaml", "a: 1\nb: 1\n", "b: 1\n", "a: 1\nb: 2\n", "b: 2\n"),
        ("p.yaml", "a: {x: 1}\n", "a: {x: 1, y: 2}\n", "a: {x: 3}\n", "a: {x: 3, y: 2}\n"),
        ("p.json", '{"a": 1, "b": 1}', '{"a": 2, "b": 1}', '{"a": 1, "b": 3}', '{"a": 2, "b": 3}'),
        ("p.toml", "a = 1 # one\nb = 1\n", "a = 2 # one\nb = 1\n", "a = 1 # one\nb = 2\n",
         "a = 2 # one\nb = 2\n"),
        ("p.yaml", "", "a: 1\n", "b: 2\n", "a: 1\nb: 2\n"),
        ("p.yaml", "a: 1\r\nb: 1\r\n", "a: 2\r\nb: 1\r\n", "a: 1\r\nb: 2\r\n",
         "a: 2\r\nb: 2\r\n"),
    ],
)  # fmt: skip
def test_keys_that_one_side_changed_are_as_it_left_them(
    name: str, base: str, ours: str, theirs: str, expected: str
) -> None:
    found = merged(name, base, ours, theirs)

    assert (found.content.decode(), found.conflicts) == (expected, ())


def test_a_key_that_one_side_removed_and_the_other_changed_is_in_conflict() -> None:
    found = merged("p.yaml", "a: 1\nb: 1\n", "b: 1\n", "a: 2\nb: 1\n")

    assert found.conflicts == ("a",)
    assert sorted(found.content.decode().splitlines()) == sorted(
        ["b: 1", "<<<<<<< ours", "=======", "a: 2", ">>>>>>> theirs: keep one side, then run again"]
    )


def test_what_both_sides_found_is_shown_in_the_style_that_does_so() -> None:
    base = '{\n  "a": 1,\n  "b": 1,\n  "c": 1\n}\n'
    ours, theirs = base.replace('"a": 1', '"a": 2'), base.replace('"a": 1', '"a": 3')

    found = merged("m.json", base, ours, theirs.replace('"c": 1', '"c": 9'), Markers(8, "diff3"))

    assert found.content.decode() == dedent("""\
        {
        <<<<<<<< ours
          "a": 2,
        |||||||| base
          "a": 1,
        ========
          "a": 3,
        >>>>>>>> theirs: keep one side, then run again
          "b": 1,
          "c": 9
        }
    """)


def test_a_key_that_both_sides_added_has_nothing_between_the_markers_of_the_base() -> None:
    markers = Markers(style="zdiff3", base="1a2b3c", ours="HEAD", theirs="topic")

    found = merged("p.yaml", "a: 1\n", "a: 1\nx: {k: 1}\n", "a: 1\nx: 5\nb: 2\n", markers)

    assert found.content.decode() == dedent("""\
        a: 1
        <<<<<<< HEAD
        x: {k: 1}
        ||||||| 1a2b3c
        =======
        x: 5
        >>>>>>> topic: keep one side, then run again
        b: 2
    """)


def test_the_size_of_one_side_never_goes_with_the_hash_of_the_other() -> None:
    found = merged("model.pt.dvc", OUT.format("aa", 1), OUT.format("bb", 1), OUT.format("aa", 2))

    assert found.conflicts == ("outs.model.pt",)
    assert found.content.decode() == dedent("""\
        outs:
        <<<<<<< ours
        - md5: bb
          size: 1
        =======
        - md5: aa
          size: 2
        >>>>>>> theirs: keep one side, then run again
          hash: md5
          path: model.pt
    """)


def test_data_that_is_called_data_is_no_exception() -> None:
    base = OUT.format("aa", 1).replace("model.pt", "data")

    found = merged("data.dvc", base, base.replace("aa", "bb"), base + "  desc: raw\n")

    assert found.content.decode() == base.replace("aa", "bb") + "  desc: raw\n"
    assert merged("data.dvc", base, base.replace("aa", "b"), base.replace("aa", "c")).conflicts == (
        "outs.data",
    )


def test_stages_that_either_side_ran_are_both_kept() -> None:
    base = LOCK + STAGE.format("a", "1") + STAGE.format("b", "1")
    ours = LOCK + STAGE.format("a", "2") + STAGE.format("b", "1")
    theirs = LOCK + STAGE.format("a", "1") + STAGE.format("b", "2") + STAGE.format("c", "1")

    found = merged("dvc.lock", base, ours, theirs)

    expected = LOCK + STAGE.format("a", "2") + STAGE.format("b", "2") + STAGE.format("c", "1")
    assert found == MergedFile(expected.encode(), ("stages.b", "stages.c"), ())


def test_a_stage_that_both_sides_ran_is_in_conflict_even_in_different_keys() -> None:
    base = LOCK + STAGE.format("a", "1")
    ours = base.replace("python a.py", "python -O a.py")
    theirs = base.replace("md5: 1", "md5: 2")

    found = merged("dvc.lock", base, ours, theirs)

    assert found.conflicts == ("stages.a",)
    assert found.content.count(b"=======") == 2


def test_a_comment_that_would_be_lost_leaves_the_merge_to_git() -> None:
    with pytest.raises(GitexpError, match="'# theirs' would be lost"):
        merged("p.yaml", "a: 1\nb: 1\n", "a: 2\nb: 1\n", "a: 1\nb: 2  # theirs\n")


def test_markers_stand_between_lines_as_git_counts_them() -> None:
    base, ours, theirs = (f'{{"a": "{word}\u2028\x85"}}\n' for word in "xyz")

    text = merged("p.json", base, ours, theirs).content.decode()

    assert text.split("\n")[1::2] == [ours[:-1], theirs[:-1], ""]


def test_thousands_of_equal_lines_are_no_matter() -> None:
    text = "a: {0}\nlist:\n" + "- 0\n" * 20_000 + "b: {0}\n"
    start = time.process_time()

    found = with_markers(text.format(1), text.format(2), None, Markers())

    assert time.process_time() - start < 10
    assert found.count("<<<<<<<") == 2
    assert found.count("- 0") == 20_000


def test_a_number_sign_in_json_is_no_comment() -> None:
    found = merged("p.json", '{"a": "x # 1"}', '{"a": "y # 2"}', '{"a": "z # 3"}')

    assert found.conflicts == ("a",)


def test_the_data_of_an_import_is_in_conflict_by_a_name() -> None:
    base = OUT.format("aa", 1) + "deps:\n- path: far.bin\n"

    found = merged("model.pt.dvc", base, base.replace("aa", "bb"), base.replace("aa", "cc"))

    assert found.conflicts == ("outs",)


@pytest.mark.parametrize(
    ("name", "base", "ours", "theirs"),
    [
        ("dvc.lock", "a: 1\nstages:\n", "a: 2\nstages:\n", "a: 1\nstages:\nb: 1\n"),
        ("m.dvc", "outs: 1\na: 1\n", "outs: 1\na: 1\nb: 2\n", "outs: 1\na: 2\n"),
    ],
)
def test_pointers_that_dvc_did_not_write_are_left_to_git(
    name: str, base: str, ours: str, theirs: str
) -> None:
    with pytest.raises(GitexpError, match=r"not as DVC writes it|not a valid"):
        merged(name, base, ours, theirs)


def test_data_that_both_sides_added_has_no_base_to_show() -> None:
    base = OUT.format("aa", 1)
    ours, theirs = (
        base + OUT.format(md5, 2).replace("model.pt", "new").removeprefix("outs:\n")
        for md5 in ("bb", "cc")
    )
    theirs += "  desc: theirs\n"

    found = merged("m.dvc", base, ours, theirs, Markers(style="diff3"))

    assert found.conflicts == ("outs.new",)
    assert b"||||||| base" not in found.content


@pytest.mark.parametrize("name", ["m.json", "m.yaml", "m.toml"])
def test_thousands_of_conflicts_are_left_to_git_at_once(name: str) -> None:
    if name == "m.json":
        base = "{" + ",\n".join(f'"m{number}": 0' for number in range(3000)) + "}"
    else:
        sign = ": " if name == "m.yaml" else " = "
        base = "".join(f"m{number}{sign}0\n" for number in range(3000))
    start = time.process_time()

    with pytest.raises(GitexpError, match="too many to edit one by one"):
        merged(name, base, re.sub(r"0(?=[,\n}])", "1", base), re.sub(r"0(?=[,\n}])", "2", base))

    assert time.process_time() - start < 10


def test_an_alias_is_followed() -> None:
    base = "a: &x 1\nb: *x\nc: 1\n"

    found = merged("p.yaml", base, base.replace("c: 1", "c: 2"), base.replace("b: *x", "b: 5"))

    assert found.content.decode() == "a: &x 1\nb: 5\nc: 2\n"


VALUES = st.recursive(
    st.integers(0, 3), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=6
)
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), VALUES)


@given(DOCUMENTS, DOCUMENTS)
def test_a_side_that_changed_nothing_takes_all_of_the_other(base: dict, side: dict) -> None:  # type: ignore[type-arg]
    for found in (merge_values(base, side, base), merge_values(base, base, side)):
        assert (found.ours, found.theirs, found.conflicts) == (side, side, ())


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_the_sides_change_places(base: dict, one: dict, other: dict) -> None:  # type: ignore[type-arg]
    found, turned = merge_values(base, one, other), merge_values(base, other, one)

    assert (found.ours, found.theirs) == (turned.theirs, turned.ours)
    assert found.base == turned.base
    assert sorted(found.conflicts) == sorted(turned.conflicts)


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=6).map("".join)


@given(LINES, LINES, st.none() | LINES, st.sampled_from(["merge", "diff3", "zdiff3"]))
def test_each_side_can_be_had_back_from_between_the_markers(
    ours: str, theirs: str, base: str | None, style: str
) -> None:
    sides: dict[str, list[str]] = {"<": [], "|": [], "=": []}
    now = ""
    for line in with_markers(ours, theirs, base, Markers(style=style)).splitlines(keepends=True):
        if line[0] in "<|=>":
            now = line[0] if line[0] != ">" else ""
        else:
            for side in (now,) if now else sides:
                sides[side].append(line)

    assert ("".join(sides["<"]), "".join(sides["="])) == (ours, theirs)
