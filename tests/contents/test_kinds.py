"""Files of known kinds whose bytes differ, compared by what they hold."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from gitexp.contents.answer import EQUAL, Answer
from gitexp.contents.kinds import compare

Compared = Callable[[str, bytes, bytes], Answer]


@pytest.fixture
def compared(tmp_path: Path) -> Compared:
    """Compare two contents under one name, as kinds and as whether bytes are equal."""

    def answer(name: str, old: bytes, new: bytes) -> Answer:
        places = tmp_path / f"old-{name}", tmp_path / f"new-{name}"
        for place, content in zip(places, (old, new), strict=True):
            place.write_bytes(content)
        return compare(*places, name)

    return answer


def zipped(members: Mapping[str, bytes], year: int = 2026) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), content)
    return out.getvalue()


def safetensors(tensors: Mapping[str, list[float]], metadata: Mapping[str, str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    body = b""
    for name, numbers in tensors.items():
        content = struct.pack(f"<{len(numbers)}f", *numbers)
        offsets = [len(body), len(body) + len(content)]
        header[name] = {"dtype": "F32", "shape": [len(numbers)], "data_offsets": offsets}
        body += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def npy(values: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def parquet(values: Mapping[str, list[Any]], **options: Any) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(values).write_parquet(out, **options)
    return out.getvalue()


def packed(content: bytes, time: int) -> bytes:
    return gzip.compress(content, mtime=time)


def skops(places: list[int], number: float) -> bytes:
    schema = {
        "__class__": "dict",
        "__id__": places[0],
        "content": [
            {"__loader__": "NdArrayNode", "file": f"{places[1]}.npy", "__id__": places[1]},
            {"__loader__": "CachedNode", "__id__": places[1]},
        ],
    }
    return zipped(
        {"schema.json": json.dumps(schema).encode(), f"{places[1]}.npy": npy(np.array([number]))}
    )


def keras(saved: str, weights: bytes) -> bytes:
    place = int(saved) * 1000  # in memory
    layers = [{"shared_object_id": place}, {"units": 3, "shared_object_id": place}]
    return zipped(
        {
            "metadata.json": json.dumps({"keras_version": "3", "date_saved": saved}).encode(),
            "config.json": json.dumps({"layers": layers}).encode(),
            "weights.npy": weights,
        }
    )


def notebook(time: str, result: str) -> bytes:
    cell = {
        "id": time,
        "cell_type": "code",
        "metadata": {"execution": {"iopub.execute_input": time}},
        "source": ["1 + 1"],
        "outputs": [{"text": result}],
    }
    return json.dumps({"cells": [cell], "metadata": {"papermill": {"end_time": time}}}).encode()


LIGHTGBM = """\
tree
version=v4

Tree=0
leaf_value={leaf}

end of trees

parameters:
[num_threads: {threads}]
"""

SAME: list[tuple[str, bytes, bytes]] = [
    ("a.json", b'{"a": 1, "b": [NaN, 2]}', b'{"b": [NaN, 2.0],\n "a": 1}'),
    ("a.jsonl", b'{"a": 1}\n{"a": 2}\n', b'{"a":1}\n{"a":2}'),
    ("a.yaml", b"a: 1\nb: [1, 2]\n", b"# said\nb:\n- 1\n- 2\na: 1\n"),
    ("a.csv", b"x,y\n1.0,nan\n", b'x,"y"\r\n1,NaN\r\n'),
    ("a.tsv", b"x\ty\n1,5\t2.50\n", b"x\ty\n1,5\t2.5\n"),
    ("a.txt", b"one\ntwo\n", b"one\r\ntwo"),
    ("a.npz", zipped({"w.npy": npy(np.ones(3))}, 2020), zipped({"w.npy": npy(np.ones(3))})),
    (
        "a.safetensors",
        safetensors({"w": [1, 2], "b": [3]}, {"a": "1", "b": "2"}),
        safetensors({"b": [3], "w": [1, 2]}, {"b": "2", "a": "1"}),
    ),
    (
        "a.parquet",
        parquet({"x": [1.0, float("nan"), None]}, compression="zstd"),
        parquet({"x": [1.0, float("nan"), None]}, compression="snappy"),
    ),
    ("a.zip", zipped({"x": b"1", "y": b"2"}, 2020), zipped({"y": b"2", "x": b"1"})),
    ("a.keras", keras("2020", npy(np.ones(2))), keras("2026", npy(np.ones(2)))),
    ("a.skops", skops([1, 2], 0.5), skops([70, 80], 0.5)),
    ("a.csv.gz", packed(b"x\n1\n", 1), packed(b"x\n1.0\n", 2)),
    ("a.gz", packed(b"\0\1", 1), packed(b"\0\1", 2)),
    ("a.ipynb", notebook("2020", "2"), notebook("2026", "2")),
    (
        "a.txt",
        LIGHTGBM.format(leaf=0.5, threads=1).encode(),
        LIGHTGBM.format(leaf=0.5, threads=2).encode(),
    ),
    (
        "a.pt",
        zipped({"one/data.pkl": b"\x80\x02K\x01.", "one/data/0": b"12", "one/version": b"3"}),
        zipped({"two/data.pkl": b"\x80\x02K\x01.", "two/data/0": b"12", "two/version": b"3"}),
    ),
]

OTHER: list[tuple[str, bytes, bytes, str]] = [
    ("a.json", b'{"a": {"b": 1}}', b'{"a": {"b": 2}}', "'a.b' was 1, now 2"),
    ("a.json", b'{"a": true}', b'{"a": 1}', "'a' was True, now 1"),
    ("a.json", b'{"a": 1}', b'{"b": 1}', "only one has 'a'"),
    ("a.yaml", b"a: [1]\n", b"a: [1, 2]\n", "'a' was of length 1, now 2"),
    ("a.csv", b"x\n1\n", b"x\n1.0001\n", "row 2 had '1', now '1.0001'"),
    ("a.csv", b"x\n1\n", b"x\n1\n2\n", "row 3 is new"),
    ("a.txt", b"one\n", b"two\n", "line 1 was 'one', now 'two'"),
    ("a.npy", npy(np.zeros(2)), npy(np.array([0, 1e-9])), "the array differs by up to 1e-09"),
    (
        "a.npy",
        npy(np.zeros(2)),
        npy(np.zeros(3)),
        "the array was float64 of shape (2,), now float64 of (3,)",
    ),
    (
        "a.safetensors",
        safetensors({"w": [1, 2]}, {}),
        safetensors({"w": [1, 3]}, {}),
        "tensor 'w' holds other numbers",
    ),
    (
        "a.safetensors",
        safetensors({"w": [1]}, {"a": "1"}),
        safetensors({"w": [1]}, {"a": "2"}),
        "metadata: 'a' was '1', now '2'",
    ),
    (
        "a.parquet",
        parquet({"x": [1.0]}),
        parquet({"x": [2.0]}),
        "column 'x' holds other values",
    ),
    ("a.parquet", parquet({"x": [1]}), parquet({"y": [1]}), "column 'x' is missing"),
    ("a.zip", zipped({"x": b"1"}), zipped({"x": b"2"}), "member 'x' differs"),
    (
        "a.keras",
        keras("2020", npy(np.ones(2))),
        keras("2020", npy(np.zeros(2))),
        "member 'weights.npy': the array differs by up to 1",
    ),
    ("a.skops", skops([1, 2], 0.5), skops([1, 2], 0.6), "an array or a file in it differs"),
    ("a.csv.gz", packed(b"x\n1\n", 1), packed(b"x\n2\n", 1), "row 2 had '1', now '2'"),
    (
        "a.ipynb",
        notebook("2020", "2"),
        notebook("2020", "3"),
        "'cells[0].outputs[0].text' was '2', now '3'",
    ),
    (
        "a.txt",
        LIGHTGBM.format(leaf=0.5, threads=1).encode(),
        LIGHTGBM.format(leaf=0.25, threads=1).encode(),
        "line 5 was 'leaf_value=0.5', now 'leaf_value=0.25'",
    ),
    (
        "a.pt",
        zipped({"a/data.pkl": b"\x80\x02K\x01.", "a/data/0": b"12"}),
        zipped({"a/data.pkl": b"\x80\x02K\x01.", "a/data/0": b"13"}),
        "member 'data/0' differs",
    ),
]

UNKNOWN: list[tuple[str, bytes, bytes, str]] = [
    ("a.bin", b"\xff\0", b"\xff\1", "files of this kind are not compared by content"),
    ("a.json", b"{", b"[", "it cannot be read: JSONDecodeError: "),
    ("a.safetensors", b"12345678", b"87654321", "it cannot be read: ValueError: "),
    ("a.npy", npy(np.array([{}])), npy(np.array([[]] * 2, dtype=object)), "it cannot be read: "),
    ("a.yaml", b"!!python/object/apply:os.getcwd []\n", b"a: 1\n", "it cannot be read: "),
]


@pytest.mark.parametrize(("name", "old", "new"), SAME)
def test_what_holds_the_same_is_equal(
    compared: Compared, name: str, old: bytes, new: bytes
) -> None:
    assert old != new

    assert compared(name, old, new) == EQUAL


@pytest.mark.parametrize(("name", "old", "new", "why"), OTHER)
def test_what_holds_something_else_differs(
    compared: Compared, name: str, old: bytes, new: bytes, why: str
) -> None:
    assert compared(name, old, new) == Answer(False, why)


@pytest.mark.parametrize(("name", "old", "new", "why"), UNKNOWN)
def test_what_cannot_be_compared_is_unknown(
    compared: Compared, name: str, old: bytes, new: bytes, why: str
) -> None:
    answer = compared(name, old, new)

    assert answer.equal is None
    assert why in answer.why


def test_members_are_not_written_where_their_names_lead(compared: Compared, tmp_path: Path) -> None:
    target = tmp_path / "escaped.json"
    name = f"{'../' * 40}{target.relative_to('/')}"
    old, new = zipped({name: b'{"a": 1}'}), zipped({name: b'{"a": 1.0}'})

    assert compared("a.zip", old, new) == EQUAL
    assert not target.exists()
    assert not list(tmp_path.rglob("escaped.json"))


def test_large_ids_in_a_table_are_not_rounded(compared: Compared) -> None:
    answer = compared("t.csv", b"id\n9007199254740993\n", b"id\n9007199254740992\n")

    assert answer == Answer(False, "row 2 had '9007199254740993', now '9007199254740992'")


def test_categories_of_pandas_are_part_of_a_model_of_lightgbm(compared: Compared) -> None:
    text = (
        "tree\nversion=v4\nend of trees\n\nparameters:\n[seed: {}]\nend of parameters\n\n"
        'pandas_categorical:[["{}", "y"]]\n'
    )
    model, tuned, other = (text.format(*one).encode() for one in ("1x", "2x", "1z"))

    assert compared("m.txt", model, tuned) == EQUAL
    assert compared("m.txt", model, other).equal is False
