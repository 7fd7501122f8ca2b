"""What is read of an object whose size git has named."""

from __future__ import annotations

import os
from io import BufferedReader
from pathlib import Path

import pytest

from gitexp.git.contents import read_content
from gitexp.git.repository import Repository


@pytest.mark.parametrize("size", [0, 5, 20_000])
def test_a_content_is_what_stands_before_its_line_end(
    pipe: tuple[int, BufferedReader], size: int
) -> None:
    write, output = pipe
    os.write(write, b"x" * size + b"\nnext\n")

    assert read_content(output, size, lambda: False) == b"x" * size
    assert output.readline() == b"next\n"


def test_a_content_that_does_not_come_is_not_waited_for(pipe: tuple[int, BufferedReader]) -> None:
    """Git has named the size of a damaged copy, and written another one."""
    write, output = pipe
    os.write(write, b"another copy\n")

    with pytest.raises(EOFError):
        read_content(output, 28_110_242, lambda: False)


def test_a_content_that_is_slow_is_waited_for(pipe: tuple[int, BufferedReader]) -> None:
    write, output = pipe
    os.write(write, b"begun, ")

    def goes_on() -> bool:
        os.write(write, b"and done\n")
        return True

    assert read_content(output, 15, goes_on) == b"begun, and done"


def test_a_content_that_is_longer_than_was_said_is_not_taken(
    pipe: tuple[int, BufferedReader],
) -> None:
    write, output = pipe
    os.write(write, b"another copy\n")

    with pytest.raises(EOFError):
        read_content(output, 7, lambda: False)


def test_large_objects_are_read_whole(repository: Repository, tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "large").write_bytes(content)
    oid = repository.line("hash-object", "-w", str(tmp_path / "large"))

    found = [one.content for one in repository.objects.read_many([oid, oid]) if one]
    streamed = [one.content for _, one in repository.objects.read_stream([(oid, 1)] * 3) if one]

    assert (found, streamed) == ([content] * 2, [content] * 3)
