"""Reading `.dvc` files and `dvc.lock`."""

from __future__ import annotations

import pytest

from gitexp.data.pointers import (
    Pointer,
    owner_of,
    parse_dvc_file,
    parse_dvc_lock,
    stage_folders,
)
from gitexp.errors import GitexpError

LOCK = b"""\
schema: '2.0'
stages:
  train@small:
    cmd: python train.py
    deps:
    - path: ../data
      hash: md5
      md5: aa.dir
      size: 30
      nfiles: 2
    - path: s3://bucket/file
      etag: "123"
    params:
      params.yaml:
        lr: 0.1
    outs:
    - path: model.pt
      md5: bb
      size: 7
  score:
    cmd: python score.py
    outs:
    - path: model.pt
      hash: md5
      md5: cc
"""


def test_a_dvc_file_points_to_files_relative_to_its_own_root() -> None:
    content = (
        b"wdir: ..\nouts:\n- md5: abc.dir\n  size: 5\n  nfiles: 2\n  hash: md5\n  path: ./raw\n"
    )

    found = parse_dvc_file(content, "data/meta/raw.dvc")

    assert found == (Pointer("data/raw", "abc.dir", 5, 2),)
    assert found[0].is_folder


@pytest.mark.parametrize("text", ["1e10", "12345678901234567890123456789012", "0x1", "yes", "1_0"])
def test_hashes_and_paths_are_never_taken_for_numbers_or_booleans(text: str) -> None:
    content = f"outs:\n- md5: {text}\n  size: 1\n  path: {text}\n".encode()

    assert parse_dvc_file(content, "x.dvc") == (Pointer(text, text, 1, None, "md5-dos2unix"),)


def test_a_file_of_dvc_2_keeps_the_name_of_its_hash() -> None:
    (old,) = parse_dvc_file(b"outs:\n- md5: abc\n  path: a.txt\n", "a.txt.dvc")
    (new,) = parse_dvc_file(b"outs:\n- md5: abc\n  hash: md5\n  path: a.txt\n", "a.txt.dvc")

    assert (old.hash_name, new.hash_name) == ("md5-dos2unix", "md5")


def test_outputs_without_a_hash_are_left_out() -> None:
    assert parse_dvc_file(b"outs:\n- path: a\n- path: b\n  md5: x\n  hash: md5\n", "a.dvc") == (
        Pointer("b", "x"),
    )
    assert parse_dvc_file(b"", "a.dvc") == ()
    assert parse_dvc_file(b"outs:\n", "a.dvc") == ()


def test_a_folder_listed_file_by_file_has_the_hash_of_its_manifest() -> None:
    content = b"""\
outs:
- path: d
  hash: md5
  files:
  - {relpath: sub/2, md5: 26ab0db90d72e28ad0ba1e22ee510510, size: 2}
  - {relpath: '1', md5: b026324c6904b2a9cb4b88d6d61c81d1, size: 2}
  - {relpath: link, md5: 764efa883dda1e11db47671c4a3bbd9e, size: 3}
"""

    (pointer,) = parse_dvc_file(content, "d.dvc")

    assert pointer == Pointer("d", "5b5aa3d6831a1b432c240e20c1f8dafe.dir", 7, 3)


@pytest.mark.parametrize(
    "content",
    [
        b"<<<<<<< HEAD\nouts: []\n=======\n",
        b"\xff\xfe\x00",
        b"outs: text\n",
        b"outs:\n- text\n",
        b"outs:\n- md5: abc\n  hash: md5\n",
        b"outs:\n- md5: abc\n  size: big\n  path: a\n",
        b"- a list\n",
    ],
)
def test_a_broken_dvc_file_is_named_in_the_error(content: bytes) -> None:
    with pytest.raises(GitexpError, match=r"'data/a\.dvc'") as caught:
        parse_dvc_file(content, "data/a.dvc")

    assert caught.value.hint


def test_a_lock_file_gives_dependencies_and_outputs_with_a_hash() -> None:
    assert parse_dvc_lock(LOCK, "app/dvc.lock", {"train": "sub"}) == (
        (Pointer("app/data", "aa.dir", 30, 2), "dep"),
        (Pointer("app/sub/model.pt", "bb", 7, None, "md5-dos2unix"), "out"),
        (Pointer("app/model.pt", "cc"), "out"),
    )


def test_a_stage_whose_folder_is_not_known_is_left_out() -> None:
    assert parse_dvc_lock(LOCK, "dvc.lock", {"train": None}) == (
        (Pointer("model.pt", "cc"), "out"),
    )


def test_a_lock_file_of_another_schema_is_refused() -> None:
    with pytest.raises(GitexpError, match=r"schema 2\.0"):
        parse_dvc_lock(b"train:\n  cmd: x\n", "dvc.lock")


def test_stage_folders_come_from_the_pipeline() -> None:
    content = b"""\
stages:
  plain: {cmd: a}
  sub: {cmd: a, wdir: sub}
  each:
    foreach: [1]
    do: {cmd: a, wdir: 'of/${item}'}
"""

    assert stage_folders(content, "dvc.yaml") == {"sub": "sub", "each": None}


@pytest.mark.parametrize(
    ("path", "owner"),
    [("data", "data"), ("data/a/b", "data"), ("data2", None), ("dat", None), ("m.pt", "m.pt")],
)
def test_the_owner_of_a_path_equals_or_encloses_it(path: str, owner: str | None) -> None:
    found = owner_of(path, [Pointer("m.pt", "0"), Pointer("data", "1.dir")])

    assert (found.path if found else None) == owner
