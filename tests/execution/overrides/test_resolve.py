from __future__ import annotations

import re
from pathlib import Path

import pytest
from dvc.exceptions import InvalidArgumentError
from dvc.utils.hydra import apply_overrides as dvc_apply_overrides
from dvc.utils.serialize import load_yaml

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value

MODEL = b"lr: 0.1\nmodel:\n  drop: 0.5\n  layers: [64, 32]\n"
DATA = b'{"lr": 5, "split": {"seed": 1}}'
BOTH = {"model.yaml": MODEL, "conf/data.json": DATA}


def applied(contents: dict[str, bytes], *overrides: str) -> dict[str, bytes]:
    return apply_overrides(contents, [parse_override(text) for text in overrides])


@pytest.mark.parametrize(
    "overrides",
    [
        ["lr=1e-3"],
        ["lr=yes"],
        ["lr=null"],
        ["lr=[1,{a: b}]"],
        ["lr={a:1}"],
        ["lr='1e-3'"],
        ["+new=1"],
        ["+new.a.b=1"],
        ["+none.a=1"],
        ["+none=1"],
        ["none={a:1}"],
        ["++lr=1"],
        ["++new=1"],
        ["~lr"],
        ["~lr=0.1"],
        ["~model.drop"],
        ["~model"],
        ["model={drop:1}"],
        ["+model={new:1}"],
        ["++model={drop:1,new:2}"],
        ["model=3"],
        ["model.layers=[1]"],
        ["model.layers.0=1"],
        ["rows.0.a=5"],
        ["+a=1", "a=2", "~lr"],
        # and what is refused
        ["unknown=1"],
        ["model.unknown=1"],
        ["model={unknown:1}"],
        ["+lr=1"],
        ["~unknown"],
        ["~lr=5"],
        ["model.layers.5=1"],
    ],
    ids=" ".join,
)
def test_values_become_what_dvc_makes_of_them(overrides: list[str], tmp_path: Path) -> None:
    text = MODEL + b"none:\nrows:\n  - a: 1\n"
    path = tmp_path / "params.yaml"
    path.write_bytes(text)
    try:
        dvc_apply_overrides(path, overrides)
        expected = load_yaml(path)
    except InvalidArgumentError:
        expected = None

    result: dict[str, Value] | None
    try:
        content = applied({"params.yaml": text}, *overrides).get("params.yaml", text)
        result = parse_document(content, "params.yaml")
    except GitexpError:
        result = None

    assert result == expected


def test_an_override_goes_to_the_file_that_has_its_key() -> None:
    assert applied(BOTH, "split.seed=2", "model.drop=0.1") == {
        "conf/data.json": DATA.replace(b"1}", b"2}"),
        "model.yaml": MODEL.replace(b"0.5", b"0.1"),
    }


def test_a_file_can_be_named() -> None:
    assert applied(BOTH, "./model.yaml:lr=1", "conf/data.json:+new=x") == {
        "model.yaml": MODEL.replace(b"0.1", b"1"),
        "conf/data.json": DATA[:-1] + b', "new": "x"}',
    }


def test_only_files_that_change_are_returned() -> None:
    assert applied(BOTH, "model.yaml:lr=0.1") == {}
    assert applied(BOTH) == {}
    assert applied({}) == {}


def test_a_later_override_sees_what_an_earlier_one_did() -> None:
    assert applied({"p.yaml": b"a: 1\n"}, "+b=1", "b=2", "~a") == {"p.yaml": b"b: 2\n"}
    assert applied({"p.yaml": b"a: 1\n"}, "+b=1", "~b") == {}


@pytest.mark.parametrize(
    ("contents", "override", "message", "hint"),
    [
        ({}, "lr=1", "there is no params file to set 'lr' in", "`params.yaml`"),
        (
            BOTH,
            "lr=1",
            "'lr' is in several params files",
            "`model.yaml:lr=1` or `conf/data.json:lr=1`",
        ),
        (BOTH, "~lr", "'lr' is in several params files", "`model.yaml:~lr` or"),
        (
            BOTH,
            "+new=1",
            "cannot tell which params file 'new' belongs in",
            "`model.yaml:+new=1` or",
        ),
        (BOTH, "++new=1", "cannot tell which params file", "`model.yaml:++new=1` or"),
        (BOTH, "x.yaml:lr=1", "'x.yaml' is not one of the params files", "`model.yaml`, `conf/d"),
        (
            BOTH,
            "split.sed=1",
            "no key 'split.sed' in any params file",
            "Did you mean `split.seed`",
        ),
        (BOTH, "drop=1", "no key 'drop' in any params file", "Did you mean `model.drop`?"),
        (
            {"p.yaml": MODEL},
            "lrr=1",
            "no key 'lrr' in 'p.yaml'",
            "`lr`? To add a key, write `+lrr=1`.",
        ),
        ({"p.yaml": MODEL}, "zz=1", "no key 'zz' in 'p.yaml'", "There are `lr`, `model`. To add"),
        ({"p.yaml": MODEL}, "p.yaml:zz=1", "no key 'zz'", "write `p.yaml:+zz=1`."),
        ({"p.yaml": MODEL}, "~p.yaml:lrr", "no key 'lrr'", "Did you mean `lr`?"),
        ({"p.yaml": b""}, "zz=1", "no key 'zz' in 'p.yaml'", "To add a key, write `+zz=1`."),
        ({"p.yaml": MODEL}, "+lr=1", "'lr' is already in 'p.yaml'", "write `lr=1`."),
        ({"p.yaml": MODEL}, "+model={drop:1}", "'model.drop' is already in 'p.yaml'", "`model={d"),
        ({"p.yaml": MODEL}, "+lr.a=1", "'lr' is 0.1, not a mapping", "`++lr={a: ...}`"),
        ({"p.yaml": MODEL}, "~lr=5", "'lr' is 0.1, not 5", "`~lr`"),
        ({"p.yaml": MODEL}, "model={}", "'model={}' changes nothing", "`~model.drop`"),
        (
            {"p.yaml": MODEL},
            "+model.layers.5=1",
            "outside the list 'model.layers'",
            "`model.layers.2`",
        ),
        ({"p.yaml": MODEL}, "model.layers.x=1", "no key 'model.layers.x'", "`+model.layers.x=1`"),
        ({"p.yaml": b"a: [1"}, "a=1", "'p.yaml' is not valid YAML", "Fix `p.yaml`"),
        ({"p.py": b"a = 1"}, "a=2", "no value can be set in 'p.py'", "`params.yaml`"),
        ({"p.txt": b"a = 1"}, "a=1", "cannot read values from 'p.txt'", "`.yaml`"),
    ],
)
def test_what_cannot_be_set_is_refused_with_a_way_out(
    contents: dict[str, bytes], override: str, message: str, hint: str
) -> None:
    with pytest.raises(GitexpError, match=re.escape(message)) as caught:
        applied(contents, override)

    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("limits.0.5=3", b"  0.5: 3\n"),
        ("++limits.0.5=3", b"  0.5: 3\n"),
        ("limits.a.b.c=3", b"    b.c: 3\n"),
        ("limits.0.75.x=3", b"    x: 3\n"),
    ],
)
def test_a_dot_may_belong_to_a_name(override: str, line: bytes) -> None:
    content = b"limits:\n  0.5: 1\n  a:\n    b.c: 2\n  0.75:\n    x: 1\n"

    edited = applied({"params.yaml": content}, override)["params.yaml"]

    assert line in edited
    assert len(edited.splitlines()) == len(content.splitlines())


def test_a_name_with_a_dot_can_be_deleted_and_is_not_added_twice() -> None:
    content = b"limits:\n  0.5: 1\n  0.75: 2\n"

    edited = applied({"params.yaml": content}, "~limits.0.5")

    assert edited == {"params.yaml": b"limits:\n  0.75: 2\n"}
    with pytest.raises(GitexpError, match=r"'limits\.0\.5' is already in"):
        applied({"params.yaml": content}, "+limits.0.5=3")


def test_a_new_key_goes_into_a_mapping_whose_name_has_a_dot() -> None:
    content = b"a.b:\n  c: 1\n"

    assert applied({"params.yaml": content}, "+a.b.d=2") == {
        "params.yaml": b"a.b:\n  c: 1\n  d: 2\n"
    }


def test_a_level_goes_before_a_dot_in_a_name() -> None:
    content = b"a.b: 1\na:\n  b: 2\n"

    assert applied({"params.yaml": content}, "a.b=3") == {"params.yaml": b"a.b: 1\na:\n  b: 3\n"}
