"""What a run keeps of its command's output."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.execution.command import log
from gitexp.execution.command.log import HEAD, TAIL, excerpt, excerpt_of_file

LIMIT = 64 * 1024


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"", ""),
        (b"plain\n", "plain\n"),
        (b"no newline", "no newline"),
        (b"windows\r\nlines\r\n", "windows\nlines\n"),
        (b"10%\r20%\r30%\n", "30%\n"),
        (b"10%\r", "10%"),
        (b"a long line\rshort\n", "shortg line\n"),
        (b"a long line\rshort      \n", "short\n"),
        (b"loss 1.0\b\b\b0.5\n", "loss 0.5\n"),
        (b"loss 1.0\b\b\b\n", "loss 1.0\n"),
        (b"\b\bstart\n", "start\n"),
        (b"\x1b[31mred\x1b[0m and \x1b[1;38;5;208mbold\x1b[m\n", "red and bold\n"),
        (b"\x1b]0;a title\x07text\x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\\n", "textlink\n"),
        (b"\x1b7saved\x1b8 \x1b(B\x1b=\n", "saved \n"),
        (b"\x1bPq#0;2;0\x1b\\sixel\n", "sixel\n"),
        (b"downloading\r\x1b[Kdone\n", "done\n"),
        (b"downloading\x1b[2K\rdone\n", "done\n"),
        (b"keep\x1b[0K this\n", "keep this\n"),
        (b"half an escape \x1b[", "half an escape "),
        (b"null \x00 bell \x07 c1 \xc2\x9b delete \x7f.\n", "null  bell  c1  delete .\n"),
        (b"tab\tstays\n", "tab\tstays\n"),
        (b"latin \xe9\n", "latin \ufffd\n"),
        ("ein Balken: 5%|▌\rein Balken: 9%|█\n".encode(), "ein Balken: 9%|█\n"),
    ],
)
def test_an_excerpt_shows_what_a_terminal_shows(raw: bytes, shown: str) -> None:
    assert excerpt(raw).decode() == shown


def test_a_progress_bar_is_kept_as_it_was_last() -> None:
    from tqdm import tqdm  # noqa: PLC0415 (takes 50 ms)

    with redirect_stderr(io.StringIO()) as printed:
        for _ in tqdm(range(100), mininterval=0, bar_format="{l_bar}{n_fmt}/{total_fmt}"):
            pass

    assert excerpt(printed.getvalue().encode()) == b"100%|100/100\n"


def numbered(count: int) -> bytes:
    return b"".join(b"line %07d\n" % number for number in range(count))


def test_a_long_log_keeps_its_first_and_last_lines() -> None:
    raw = numbered(100_000)

    first, last = excerpt(raw).split(b"[1,2", 1)

    assert raw.startswith(first)
    assert HEAD - 100 < len(first) <= HEAD
    assert raw.endswith(last.partition(b"\n")[2])
    assert TAIL - 100 < len(last.partition(b"\n")[2]) <= TAIL + 100


def test_an_excerpt_says_how_many_bytes_are_left_out() -> None:
    raw = numbered(100_000)

    lines = excerpt(raw).splitlines(keepends=True)
    [note] = [line for line in lines if not line.startswith(b"line ")]

    left_out = len(raw) - (len(b"".join(lines)) - len(note))
    assert note == f"[{left_out:,} bytes left out]\n".encode()


def test_a_log_that_fits_is_kept_whole() -> None:
    raw = numbered(5_000)

    assert excerpt(raw) == raw


def test_what_fits_once_it_is_collapsed_is_kept_whole() -> None:
    raw = b"".join(b"%d%%\r" % number for number in range(100_000)) + b"\nend\n"

    assert excerpt(raw) == b"99999%\nend\n"


def test_a_line_too_long_for_an_excerpt_is_cut() -> None:
    raw = "ä".encode() * 100_000 + b"\nend\n"

    kept = excerpt(raw)

    assert len(kept) <= LIMIT
    assert kept.startswith("ää".encode())
    assert kept.endswith(b"\nend\n")
    assert "\ufffd" not in kept.decode()


def test_a_last_line_too_long_for_an_excerpt_shows_its_end() -> None:
    kept = excerpt(b"start\n" + b"x" * 1_000_000 + b"the end")

    assert kept.startswith(b"start\n[")
    assert kept.endswith(b"xxxthe end")
    assert len(kept) <= LIMIT


@given(
    st.lists(st.sampled_from([b"word", b"\r", b"\n", b"\b", b"\x1b[2K", b"\xff", b"\x1b[", b"\t"])),
    st.integers(100, 200),
    st.integers(100, 200),
)
def test_an_excerpt_is_never_too_long_and_always_text(
    pieces: list[bytes], head: int, tail: int
) -> None:
    kept = excerpt(b"".join(pieces * 20), head, tail)

    assert len(kept) <= head + tail
    assert not {"\r", "\b", "\x1b"} & set(kept.decode())


def test_the_excerpt_of_a_small_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(numbered(100_000))

    assert excerpt_of_file(tmp_path / "log") == excerpt(numbered(100_000))


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> int:
    """Look at less of each end of a file: an eighth of what is looked at otherwise."""
    monkeypatch.setattr(log, "_WINDOW", log._WINDOW // 8)
    return log._WINDOW


def test_the_excerpt_of_a_huge_file_is_made_without_reading_it(tmp_path: Path, window: int) -> None:
    path = tmp_path / "log"
    bars = window // 16
    with path.open("wb") as file:
        file.write(b"epoch 1\n" + b"  0% of an epoch\r" * bars)
        file.seek(1 << 40)  # a hole: it takes no space, but no memory could hold it
        file.write(b" 99% of an epoch\r" * bars + b"100% of an epoch\nsaved\n")

    kept = excerpt_of_file(path).decode()

    assert kept.startswith("epoch 1\n  0% of an epoch")
    assert " bytes left out]\n" in kept
    assert kept.endswith("100% of an epoch\nsaved\n")
    assert len(kept) < 200


def test_a_huge_log_is_excerpted_at_lines(tmp_path: Path, window: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(numbered(window // 4))

    lines = excerpt_of_file(path).splitlines(keepends=True)

    [note] = [line for line in lines if not line.startswith(b"line ")]
    assert {len(line) for line in lines if line != note} == {len(b"line 0000000\n")}
    left_out = path.stat().st_size - (len(b"".join(lines)) - len(note))
    assert note == f"[{left_out:,} bytes left out]\n".encode()
