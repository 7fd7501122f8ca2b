"""The files that scripts log to, whole and cut at any place."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitexp
from gitexp.model.marks import LOGGED_END, LOGGED_ENDING
from gitexp.series.logged import Logged, Reader, read_logged
from gitexp.writing import calls


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


def _file(folder: Path, data: bytes) -> Path:
    folder.mkdir()
    file = folder / f"1-0-7{LOGGED_ENDING}"
    file.write_bytes(data)
    return file


def _read(folder: Path, data: bytes) -> Logged:
    return read_logged(_file(folder, data).parent)
