"""The processes that compare files."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from gitexp.contents.answer import EQUAL, Answer
from gitexp.rerunning.comparer import Pair, compare_contents


def pair(folder: Path, name: str, old: bytes, new: bytes) -> Pair:
    places = folder / f"{name}-1", folder / f"{name}-2"
    for place, content in zip(places, (old, new), strict=True):
        place.write_bytes(content)
    return Pair(name, *places)


def test_pairs_are_answered_in_their_order(tmp_path: Path) -> None:
    pairs = [
        pair(tmp_path, "a.json", b'{"a": 1}', b'{"a":1}'),
        pair(tmp_path, "b.json", b'{"a": 1}', b'{"a": 2}'),
        pair(tmp_path, "c.txt", b"x\n", b"x"),
    ]

    assert compare_contents(pairs, []) == [EQUAL, Answer(False, "'a' was 1, now 2"), EQUAL]


def test_a_python_that_is_none_is_passed_over(tmp_path: Path) -> None:
    pairs = [pair(tmp_path, "a.json", b'{"a": 1}', b'{"a":1}')]

    assert compare_contents(pairs, ["/nowhere/python", "/bin/true"]) == [EQUAL]


def test_a_python_that_prints_when_it_starts_is_understood(tmp_path: Path) -> None:
    chatty = tmp_path / "chatty"
    chatty.write_text(f'#!/bin/sh\nprintf "Bienvenu\\351"\nexec {sys.executable} "$@"\n')
    chatty.chmod(0o755)
    pairs = [pair(tmp_path, "a.json", b'{"a": 1}', b'{"a":1}')]

    assert compare_contents(pairs, [str(chatty)]) == [EQUAL]


def test_another_python_is_asked_for_a_library_that_one_lacks(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # no packages
    bare.chmod(0o755)
    for name, values in (("old.npy", [1.0, 2.0]), ("new.npy", [1.0, 3.0])):
        np.save(tmp_path / name, np.array(values))
    pairs = [Pair("w.npy", tmp_path / "old.npy", tmp_path / "new.npy")]

    assert compare_contents(pairs, [str(bare)])[0].why == "the array differs by up to 1"


def test_a_process_that_falls_takes_one_answer_along(tmp_path: Path) -> None:
    falls = tmp_path / "falls"
    falls.write_text(
        f"#!/bin/sh\n[ -e {tmp_path}/fell ] || {{ touch {tmp_path}/fell; kill -SEGV $$; }}\n"
        f'exec {sys.executable} "$@"\n'
    )
    falls.chmod(0o755)
    pairs = [
        pair(tmp_path, "a.json", b'{"a": 1}', b'{"a":1}'),
        pair(tmp_path, "b.json", b'{"a": 1}', b'{"a": 2}'),
    ]

    first, second = compare_contents(pairs, [str(falls)])

    assert first == Answer(None, "the process that compared it ended with SIGSEGV")
    assert second == Answer(False, "'a' was 1, now 2")
