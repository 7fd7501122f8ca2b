from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gitexp.sweep.pruning.channel import Channel, Report


def read(channel: Channel) -> list[tuple[int, float]]:
    return [(report.step, report.value) for report in channel.read()]


def test_json_lines_are_read_as_they_grow_and_only_whole(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    channel = Channel(path, "val.loss", "epoch")

    assert read(channel) == []
    assert not channel.exists
    with path.open("a") as file:
        file.write('{"epoch": 0, "val": {"loss": 0.5}}\n{"epoch": 1, "val.lo')
        file.flush()
        assert read(channel) == [(0, 0.5)]
        file.write('ss": 0.4}\nnonsense\n[1]\n{"epoch": 2}\n{"epoch": "x", "val.loss": 1}\n')
    assert read(channel) == [(1, 0.4)]
    assert read(channel) == []
    assert channel.exists


def test_without_a_step_reports_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    channel = Channel(path, "loss", None)

    path.write_text('{"loss": 3}\n{"other": 1}\n{"loss": 2}\n')

    assert list(channel.read()) == [Report(0, 3.0), Report(1, 2.0)]


@pytest.mark.parametrize(
    ("name", "metric", "text"),
    [
        ("log.csv", "val_loss", "epoch,val_loss\n0,0.5\n1,0.4\nhalf\n2,"),
        ("val/loss.tsv", "val/loss", "step\tepoch\tloss\n7\t0\t0.5\n8\t1\t0.4\n9\t"),
        ("loss.tsv", "loss", "epoch\tloss\n0\t0.5\nnan\t7\n1\t0.4\n"),
    ],
)
def test_tables_have_their_names_in_the_first_line(
    tmp_path: Path, name: str, metric: str, text: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    channel = Channel(path, metric, "epoch")

    path.write_text(text)

    assert read(channel) == [(0, 0.5), (1, 0.4)]


def test_a_document_that_is_rewritten_is_read_each_time(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text('{"epoch": 9, "loss": 9}')
    channel = Channel(path, "loss", "epoch")
    found = [read(channel)]

    contents = ['{"epoch": 0, "loss": 0.5}', '{"epoch": 1, "lo', '{"epoch": 1, "loss": 4}']
    for epoch, text in enumerate(contents):
        path.write_text(text)
        os.utime(path, ns=(0, epoch))
        found.append(read(channel))

    assert found == [[], [(0, 0.5)], [], [(1, 4.0)]]


def test_what_an_earlier_run_left_is_no_report(tmp_path: Path) -> None:
    appended, replaced, begun_again = (tmp_path / f"{name}.jsonl" for name in "abc")
    old, new = '{"loss": 1}\n' * 3, '{"loss": 2}\n'
    for path in (appended, replaced, begun_again):
        path.write_text(old)
    channels = [Channel(path, "loss", None) for path in (appended, replaced, begun_again)]

    with appended.open("a") as file:
        file.write(new)
    other = tmp_path / "other"
    other.write_text(new * 5)
    other.replace(replaced)
    begun_again.write_text(new)

    assert [len(read(channel)) for channel in channels] == [1, 5, 1]


OLD = "epoch,loss\n0,9\n1,9\n2,9\n"


@pytest.mark.parametrize(
    ("old", "added"),
    [
        (OLD, "0,0.5\n1,0.4\n"),
        ("epoch,loss\n", "0,0.5\n1,0.4\n"),
        ("epoch,loss", "\n0,0.5\n1,0.4\n"),
        (OLD, "epoch,loss\n0,0.5\n1,0.4\n"),
        (OLD, "loss,rate,epoch\n0.5,1,0\n0.4,1,1\n"),
        (OLD * 3000, "0,0.5\n1,0.4\n"),
        ("epoch,loss\n" + "9,9\n" * 600_000, "0,0.5\n1,0.4\n"),
        (f"{'a' * 200_000}\n", "epoch,loss\n0,0.5\n1,0.4\n"),
    ],
    ids=["rows", "names", "no newline", "names again", "others", "long", "longer", "no table"],
)
def test_rows_that_are_appended_have_the_names_of_the_table(
    tmp_path: Path, old: str, added: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(old)
    channel = Channel(path, "loss", "epoch")

    with path.open("a") as file:
        file.write(added)

    assert read(channel) == [(0, 0.5), (1, 0.4)]


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl"])
def test_a_file_that_is_written_anew_and_longer_is_read_from_its_beginning(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    rows = [f"{at},0.{at}\n" if name == "log.csv" else _json(at) for at in range(9)]
    heading = "epoch,loss\n" if name == "log.csv" else ""
    path.write_text(OLD if name == "log.csv" else '{"epoch": 0, "loss": 9}\n' * 3)
    channel = Channel(path, "loss", "epoch")
    found = []

    for end in (6, 9):  # as one who keeps a table writes it, each time as a whole
        path.write_text(heading + "".join(rows[:end]))
        os.utime(path, ns=(0, end))
        found.append(read(channel))

    assert found == [
        [(at, at / 10) for at in range(6)],
        [(at, at / 10) for at in range(6, 9)],
    ]


def test_a_table_that_gets_a_column_while_the_run_is_under_way_is_read_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.csv"
    channel = Channel(path, "loss", "epoch")
    path.write_text("epoch,rate\n0,1\n1,1\n")
    before = read(channel)

    path.write_text("epoch,rate,loss\n0,1,\n1,1,0.5\n")

    assert (before, read(channel)) == ([], [(1, 0.5)])


def _json(at: int) -> str:
    return json.dumps({"epoch": at, "loss": at / 10}) + "\n"


def test_numbers_of_all_kinds_come_through(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    channel = Channel(path, "loss", "step")

    rows = [
        {"step": 0, "loss": float("nan")},
        {"step": 1, "loss": True},
        {"step": -1, "loss": 1},
        {"step": 2.0, "loss": 10**30},
        {"step": 1e300, "loss": 1},
        {"step": 3, "loss": 10**400},
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    assert str(read(channel)) == "[(0, nan), (2, 1e+30), (3, inf)]"


def test_what_is_no_file_has_no_reports(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)

    assert read(Channel(pipe, "loss", None)) == []
    assert read(Channel(tmp_path, "loss", None)) == []


def test_a_line_without_an_end_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    channel = Channel(path, "loss", None)

    path.write_text('{"x": "' + "a" * 3_000_000 + '"}\n{"loss": 1}\n')

    assert read(channel) == [(0, 1.0)]
