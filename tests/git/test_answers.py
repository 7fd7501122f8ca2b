"""What `cat-file --batch` answers, in pieces of any size."""

from __future__ import annotations

import os
import random
from io import BufferedReader

import pytest

from gitexp.git import answers
from gitexp.git.answers import Answers

_OID = "a" * 40


def never(_oid: str, _kind: str, _size: int) -> bool:
    return False


@pytest.mark.parametrize("piece", [1, 7, 50, 1 << 16])
def test_answers_are_what_was_said_whatever_the_pieces(
    pipe: tuple[int, BufferedReader], monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    write, output = pipe
    monkeypatch.setattr(answers, "_PIECE", piece)
    chance = random.Random(piece)
    contents = [os.urandom(chance.choice((0, 1, 5, 60, 200))) for _ in range(40)]
    said = b""
    for content in contents:
        said += b"%s blob %d\n%s\n" % (_OID.encode(), len(content), content)
        said += b"HEAD:a b missing\n"
    os.write(write, said)
    reader = Answers(output, lambda *_: True)

    for content in contents:
        assert reader.next() == (_OID, "blob", content)
        assert reader.next() is None


def test_a_content_that_does_not_come_is_not_waited_for(pipe: tuple[int, BufferedReader]) -> None:
    """Git has named the size of a damaged copy, and written another one."""
    write, output = pipe
    os.write(write, b"%s blob 28110242\nanother copy\n" % _OID.encode())

    with pytest.raises(EOFError):
        Answers(output, never).next()


def test_a_content_that_is_slow_is_waited_for(pipe: tuple[int, BufferedReader]) -> None:
    write, output = pipe
    os.write(write, b"%s blob 15\nbegun, " % _OID.encode())
    asked = []

    def goes_on(*of_what: object) -> bool:
        asked.append(of_what)
        os.write(write, b"and done\n")
        return True

    assert Answers(output, goes_on).next() == (_OID, "blob", b"begun, and done")
    assert asked == [(_OID, "blob", 15)]


@pytest.mark.parametrize("said", [b"blob 7\nanother copy\n", b"blob 3"])
def test_what_is_cut_off_or_too_long_is_not_taken(
    pipe: tuple[int, BufferedReader], said: bytes
) -> None:
    write, output = pipe
    os.write(write, _OID.encode() + b" " + said)
    reading = os.dup(output.fileno())
    with os.fdopen(reading, "rb") as own:
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, write)  # nobody writes any more
        os.close(nowhere)

        with pytest.raises(EOFError):
            Answers(own, never).next()
