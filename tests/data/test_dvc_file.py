"""Writing `.dvc` files, judged by what `dvc add` writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.data import dvc_file
from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError

from tests.data.workshop import Dvc

NAMES = (
    "model.joblib",
    "two words.bin",
    "größe-数据.bin",
    'it\'s "quoted".bin',
    "-dash",
    "yes",
    "1e5",
    "2026-01-02",
    "a: b #c.bin",
    "[x]{y}&*!|>%@`.bin",
    "trailing ",
    "a name of many words that goes on and on until a line of eighty columns cannot hold it.bin",
)

ANNOTATED = """\
# what we train on
desc: the data  # ours
frozen: false
outs:
- desc: raw rows
  md5: ffffffffffffffffffffffffffffffff
  size: 1  # bytes
  hash: md5
  path: ./data.csv
  cache: true
  type: dataset
  labels:
  - a
  - b
  meta:
    owner: {name: ada}
  remote: here
meta:
  reviewed: true
"""


def test_dvc_files_are_byte_for_byte_what_dvc_add_writes(project: Path, dvc: Dvc) -> None:
    for name in NAMES:
        (project / name).write_text(name)
    (project / "empty").touch()
    (project / "script").write_text("#!/bin/sh\n")
    (project / "script").chmod(0o755)
    (project / "none").mkdir()
    (project / "folder" / "sub").mkdir(parents=True)
    (project / "folder" / "sub" / "a").write_text("a")
    names = [*NAMES, "empty", "script", "none", "folder"]

    dvc(project, ["add", "--quiet", "--", *names])

    for name in names:
        written = (project / f"{name}.dvc").read_bytes()
        (pointer,) = parse_dvc_file(written, f"{name}.dvc")
        assert pointer.path == name
        assert dvc_file_bytes(pointer) == written


def test_what_the_user_wrote_survives_as_it_survives_dvc_add(project: Path, dvc: Dvc) -> None:
    folder = project / "data"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b\n")
    (folder / "data.csv.dvc").write_text(ANNOTATED)
    (folder / "old.txt").write_text("new\n")
    old = b"outs:\n- md5: abcdef00112233445566778899aabbcc\n  path: old.txt\n"
    (folder / "old.txt.dvc").write_bytes(old)
    (folder / "folder").mkdir()
    was_file = b"wdir: .\nouts:\n- path: folder\n  md5: HASH\n  isexec: true\n  hash: md5\n"
    (folder / "folder.dvc").write_bytes(was_file.replace(b"HASH", b"c" * 32))
    before = {path.name: path.read_bytes() for path in folder.glob("*.dvc")}
    names = ("data.csv", "old.txt", "folder")

    dvc(project, ["remote", "add", "here", "/tmp/nowhere"], ["add", *(f"data/{n}" for n in names)])

    for name in names:
        written = (folder / f"{name}.dvc").read_bytes()
        (pointer,) = parse_dvc_file(written, f"data/{name}.dvc")
        assert dvc_file_bytes(pointer, before[f"{name}.dvc"]) == written


_HASHES = st.from_regex(r"[0-9a-f]{32}(\.dir)?", fullmatch=True) | st.sampled_from(
    ["1" * 32, f"{'0' * 30}e1", f"{'1' * 15}e{'2' * 16}", f"0b{'1' * 30}", f"{'9' * 31}a", "ab"]
)
_PATHS = st.sampled_from(
    [
        *"m.bin out/m.bin a true .inf 1e3 1.5 e.5 null.x a.b. -a.b a-.b a:b.c a#b.c ~.x".split(),
        *"./a.b a./b y.n 2026-01-02.x x.2026-01-02 a_b.c_d _1.0 out/1 é.bin x.~ a/null".split(),
        *("a b.c", "long/" * 15 + "m.bin"),
    ]
)


@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(
    _HASHES,
    _PATHS,
    st.none() | st.integers(0, 10**12),
    st.none() | st.integers(0, 10**6),
    st.booleans() | st.sampled_from(["legacy"]),
    st.none() | st.tuples(_HASHES, st.booleans(), st.sampled_from(["", "desc: mine\n", "# why\n"])),
    st.sampled_from(["", "sub/"]),
)
def test_what_needs_no_yaml_is_written_as_yaml_would_write_it(
    md5: str,
    path: str,
    size: int | None,
    nfiles: int | None,
    kind: bool | str,
    before: tuple[str, bool, str] | None,
    folder: str,
) -> None:
    name = "md5-dos2unix" if kind == "legacy" else "md5"
    pointer = Pointer(f"{folder}{path}", md5, size, nfiles, name, executable=kind is True)
    previous = None
    if before is not None:
        md5_before, had_files, more = before
        files = "  nfiles: 3\n" if had_files else ""
        text = f"outs:\n- md5: {md5_before}\n  size: 7\n{files}  hash: md5\n  path: {path}\n{more}"
        previous = text.encode()

    def written() -> bytes | str:
        try:
            return dvc_file_bytes(pointer, previous)
        except GitexpError as error:
            return str(error)

    quick = written()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dvc_file, "_plain", lambda *_: None)
        assert quick == written()


def test_the_origin_of_an_import_survives() -> None:
    before = b"""\
md5: 5
frozen: true
deps:
- path: data.csv
  repo:
    url: https://example.com/repo
    rev_lock: 0
outs:
- md5: old
  size: 1
  hash: md5
  path: data.csv
"""

    after = dvc_file_bytes(Pointer("data.csv", "new", 2), before)

    assert after == before.replace(b"old", b"new").replace(b"size: 1", b"size: 2")


def test_a_pointer_of_dvc_2_is_written_as_dvc_2_did() -> None:
    assert dvc_file_bytes(Pointer("a.txt", "0", 1, None, "md5-dos2unix")) == (
        b"outs:\n- md5: '0'\n  size: 1\n  path: a.txt\n"
    )


def test_a_dvc_file_of_other_data_is_not_overwritten() -> None:
    with pytest.raises(GitexpError, match=r"'a\.dvc' does not list 'a'"):
        dvc_file_bytes(Pointer("a", "0"), b"outs:\n- md5: x\n  hash: md5\n  path: b\n")


@pytest.mark.parametrize("previous", [b"outs: [", b"- list\n", b"\xff", b"outs:\n- text\n"])
def test_a_broken_dvc_file_is_named_in_the_error(previous: bytes) -> None:
    with pytest.raises(GitexpError, match=r"'d/a\.dvc'"):
        dvc_file_bytes(Pointer("d/a", "0"), previous)


def test_a_name_that_yaml_cannot_hold_is_refused() -> None:
    with pytest.raises(GitexpError, match="not UTF-8"):
        dvc_file_bytes(Pointer("caf\udce9", "0"))
