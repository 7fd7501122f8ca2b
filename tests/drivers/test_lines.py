"""Files as lines: what is said of each value, and what is not."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gitexp.drivers.lines import key_wise, shown

LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: data/train.csv
      hash: md5
      md5: 0a1b
      size: 2500
    params:
      params.yaml:
        train.lr: 0.1
    outs:
    - path: model.pt
      hash: md5
      md5: 2c3d.dir
      size: 12
      nfiles: 2
"""


def test_a_lock_file_is_told_stage_by_stage() -> None:
    assert key_wise(LOCK.encode(), "sub/dvc.lock") == dedent("""\
        train.cmd: python train.py
        train.deps.data/train.csv.md5: 0a1b
        train.deps.data/train.csv.size: 2.5 kB (2,500 bytes)
        train.params.params.yaml.train.lr: 0.1
        train.outs.model.pt.md5: 2c3d.dir
        train.outs.model.pt.size: 12 B
        train.outs.model.pt.nfiles: 2
    """)


def test_what_else_a_pointer_says_comes_after_its_data() -> None:
    content = b"frozen: true\nouts:\n- path: a.csv\n  md5: ab\n  desc: raw\n"

    assert key_wise(content, "a.csv.dvc") == "a.csv.md5: ab\na.csv.desc: raw\nfrozen: true\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"a: 1", b"a: '1'"),
        (b"a: 1", b"a: 1.0"),
        (b"a: true", b"a: 'true'"),
        (b"a: null", b"a: ''"),
        (b"a: [1, 2]", b"a: '[1, 2]'"),
        (b"a: 0.1", b"a: 0.10000000000000002"),
        (b"a: {}", b"a: []"),
        (b"a: {}", b"a: '{}'"),
    ],
)
def test_values_that_differ_are_shown_as_differing(one: bytes, other: bytes) -> None:
    assert key_wise(one, "p.yaml") != key_wise(other, "p.yaml")


def test_a_long_list_has_a_line_for_each_item() -> None:
    lines = key_wise(b"curve: [%s]" % b", ".join([b"0.123456"] * 20), "m.yaml").splitlines()

    assert (lines[0], lines[-1], len(lines)) == ("curve.0: 0.123456", "curve.19: 0.123456", 20)


def test_values_cannot_act_upon_a_terminal() -> None:
    assert key_wise(b'{"a": "\\u001b[31mred"}', "m.json") == "a: \\x1b[31mred\n"


@pytest.mark.parametrize("name", ["notes.txt", "params.yaml", "m.pt.dvc"])
def test_what_cannot_be_read_is_shown_as_it_is(name: str) -> None:
    assert shown(b"<<<<<<< ours\n\xff", name) == b"<<<<<<< ours\n\xff"
