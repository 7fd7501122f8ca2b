"""The files that scripts log to, whole and cut at any place."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitexp
from gitexp.model.marks import LOGGED_END, LOGGED_ENDING
from gitexp.series import log_files
from gitexp.series.logged import Logged, Reader, read_logged
from gitexp.writing import calls
from gitexp.writing.writer import END, encode


@pytest.fixture
def written(tmp_path: Path) -> bytes:
    """What a script has logged: steps, one of them with odd keys, and a param."""
    folder = tmp_path / "written"
    folder.mkdir()
    calls.log_into(str(folder))
    gitexp.log({"a": 0.1, "b": float("nan")}, step=0)
    gitexp.log({7: 1, "a": 1 / 3}, step=1)  # type: ignore[dict-item]
    gitexp.param(lr=0.1)
    gitexp.log({"a": float("inf")}, step=300)
    calls.log_into(None)
    [file] = folder.iterdir()
    return file.read_bytes()


def test_what_comes_in_two_parts_is_read_as_in_one(written: bytes, tmp_path: Path) -> None:
    whole = _read(tmp_path / "whole", written)

    assert whole.series["a"].values == [0.1, 1 / 3, float("inf")]
    assert (whole.series["7"].values, whole.params) == ([1], {"lr": 0.1})
    for at in range(len(written)):
        file = _file(tmp_path / str(at), written[:at])
        reader = Reader(file.parent)
        assert not reader.read().ignored
        with file.open("ab") as opened:
            opened.write(written[at:])
        assert str(reader.read()) == str(whole)


def test_a_record_that_was_cut_takes_no_other_with_it(written: bytes, tmp_path: Path) -> None:
    records = written.split(LOGGED_END)
    assert (len(records), records.pop()) == (5, b"")
    for at in range(1, len(records[2])):
        parts = (records[0], records[2][:at], records[3], b"")

        found = _read(tmp_path / str(at), LOGGED_END.join(parts))

        assert found.series["a"].steps == [0, 300]
        assert (found.params, found.ignored) == ({}, ("a line that is not whole",))


def test_a_program_in_another_language_writes_lines_of_json(written: bytes, tmp_path: Path) -> None:
    file = _file(tmp_path / "both", written)
    (file.parent / "2-0-9.jsonl").write_text('{"step": 1, "time": 5.0, "log": {"a": 9}}\n')

    found = read_logged(file.parent)

    assert found.series["a"].values == [0.1, 9, float("inf")]
    assert found.began == 5.0


def test_bytes_that_look_like_an_end_take_no_step_with_them(tmp_path: Path) -> None:
    """However it is read: what looks like a cut record may be the first half of a whole one."""
    odd = b"\xc1" * 9
    folder = tmp_path / "written"
    folder.mkdir()
    calls.log_into(str(folder))
    gitexp.log({"a": 1.5}, step=0)
    gitexp.log({"x": odd, "a": 2.5, "y": LOGGED_END + b"." + LOGGED_END}, step=1)
    gitexp.log({"a": 3.5, "x": odd}, step=2)
    calls.log_into(None)
    [file] = folder.iterdir()
    data = file.read_bytes()
    whole = _read(tmp_path / "whole", data)

    assert whole.series["a"].values == [1.5, 2.5, 3.5]
    assert whole.ignored == ("'x': it is not a number", "'y': it is not a number")
    for at in range(len(data)):
        part = _file(tmp_path / str(at), data[:at])
        reader = Reader(part.parent)
        reader.read()
        with part.open("ab") as opened:
            opened.write(data[at:])
        assert str(reader.read()) == str(whole)


def test_what_is_too_long_takes_nothing_else_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of millions of predictions, say, in the summary."""
    most = 300
    monkeypatch.setattr(log_files, "_AT_ONCE", most)
    steps = [_record({"a": float(step)}, step) for step in range(40)]
    for length in (*range(most - 20, most + 20), 5 * most):
        long = b"\xda%s%s" % (length.to_bytes(2, "big"), b"." * length)
        data = b"".join((*steps[:9], b"\x92" + long + LOGGED_END, *steps[9:]))
        whole = _read(tmp_path / str(length), data)

        assert whole.series["a"].values == [float(step) for step in range(40)]
        assert whole.ignored, "it is said"
        file = _file(tmp_path / f"parts-{length}", b"")
        reader = Reader(file.parent)
        found = reader.read()
        for at in range(0, len(data), 97):
            with file.open("ab") as opened:
                opened.write(data[at : at + 97])
            found = reader.read()
        assert str(found) == str(whole)


def _record(values: dict[str, float], step: int) -> bytes:
    return encode((step, 5.0, values, END))


def _file(folder: Path, data: bytes) -> Path:
    folder.mkdir()
    file = folder / f"1-0-7{LOGGED_ENDING}"
    file.write_bytes(data)
    return file


def _read(folder: Path, data: bytes) -> Logged:
    return read_logged(_file(folder, data).parent)
