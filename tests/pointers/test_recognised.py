"""Models and trackers' files, told by what they are and not by what they are called."""

from __future__ import annotations

import json
import pickle
import sqlite3
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import joblib
import numpy as np
import pytest

from gitexp.pointers.recognised import (
    describes_mlflow_model,
    is_model_file,
    is_tracker_file,
    model_folders,
)


def _zip(path: Path, *members: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in members:
            archive.writestr(name, b"x")


def _safetensors(path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))


def _saved(save: Callable[..., None]) -> bytes:
    buffer = BytesIO()
    save(buffer, np.ones(3))
    return buffer.getvalue()


WRITERS: dict[str, Callable[[Path], object]] = {
    "pickle": lambda path: path.write_bytes(pickle.dumps({"a": 1})),
    "joblib": lambda path: joblib.dump([1.5], path),
    "numpy": lambda path: path.write_bytes(_saved(np.save)),
    "arrays": lambda path: path.write_bytes(_saved(np.savez)),
    "torch": lambda path: _zip(path, "model/data.pkl", "model/byteorder"),
    "hdf5": lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(88)),
    "safetensors": _safetensors,
    "lightgbm": lambda path: path.write_text("tree\nversion=v4\nnum_class=1\n"),
    "xgboost json": lambda path: path.write_text('{"learner":{"attributes":{}},"version":[3]}'),
    "xgboost ubj": lambda path: path.write_bytes(b"{L" + bytes(7) + b"\x07learner{"),
    "catboost": lambda path: path.write_bytes(b"CBM1" + bytes(20)),
    "gguf": lambda path: path.write_bytes(b"GGUF" + bytes(20)),
    "tflite": lambda path: path.write_bytes(bytes([28, 0, 0, 0]) + b"TFL3" + bytes(20)),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_model_is_known_by_its_first_bytes(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "result.txt"

    WRITERS[kind](file)

    assert is_model_file(file)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "preds.npy", "spm.model", "graph.pb"])
def test_some_endings_will_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("anything")

    assert is_model_file(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"tree of life\n",
        b'{"loss": 0.5, "learner": 1}',
        b"\x80\x01old pickle",
        b"PK\x03\x04 but cut off",
        b"\x89PNG\r\n\x1a\n",
        b"12345678{ text",
    ],
)
def test_other_files_are_no_models(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "out.txt").write_bytes(content)

    assert not is_model_file(tmp_path / "out.txt")
    assert not is_model_file(tmp_path / "absent")


def test_archives_of_other_things_are_no_models(tmp_path: Path) -> None:
    _zip(tmp_path / "book.xlsx", "[Content_Types].xml", "xl/data.xml")

    assert not is_model_file(tmp_path / "book.xlsx")


def test_databases_and_event_files_are_trackers(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "study") as database:
        database.execute("CREATE TABLE trials (id)")
    database.close()
    (tmp_path / "events.out.tfevents.1.host").write_bytes(b"")
    (tmp_path / "run-x7.wandb").write_bytes(b":W&B\xe1\xbe\0")
    (tmp_path / "notes.db").write_text("SQL")

    known = {one.name for one in tmp_path.iterdir() if one.is_file() and is_tracker_file(one)}

    assert known == {"study", "events.out.tfevents.1.host", "run-x7.wandb"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["m/config.json", "m/model.safetensors", "m/sub/tokenizer.json"], {"m"}),
        (["m/saved_model.pb", "m/variables/variables.index"], {"m"}),
        (["out/best/meta.json", "out/best/config.cfg", "out/best/vocab/strings"], {"out/best"}),
        (["ckpt/5/_CHECKPOINT_METADATA", "ckpt/5/default/d/1"], {"ckpt/5"}),
        (["m/MLmodel", "m/model.pkl"], {"m"}),
        (["m/config.json", "m/log.txt"], set()),
        # The Trainer's own folder has results in it, its checkpoints have none.
        (
            [
                *("out/config.json", "out/model.safetensors", "out/all_results.json"),
                *("out/checkpoint-5/config.json", "out/checkpoint-5/model.safetensors"),
                "out/checkpoint-5/trainer_state.json",
            ],
            {"out/checkpoint-5"},
        ),
        (["m/config.json", "m/model.safetensors", "m/kept.txt"], set()),
        (["old/config.json", "old/model.safetensors"], set()),
    ],
)
def test_a_new_folder_that_is_a_model_is_one_with_its_side_files(
    written: list[str], expected: set[str]
) -> None:
    found = model_folders(
        *(written, ["m", "out", "ckpt"], lambda path: path == "m/kept.txt", lambda _: True)
    )

    assert set(found) == expected
    assert all(set(inside) <= set(written) for inside in found.values())


def test_what_is_only_called_as_a_model_of_mlflow_is_none(tmp_path: Path) -> None:
    written = ["m/MLmodel", "m/conda.yaml"]
    (tmp_path / "m").mkdir()
    (tmp_path / "m/MLmodel").write_text("x\n")

    def found() -> dict[str, list[str]]:
        return model_folders(
            *(written, ["m"], lambda _: False),
            lambda path: describes_mlflow_model(tmp_path / path),
        )

    assert found() == {}
    (tmp_path / "m/MLmodel").write_text("artifact_path: model\nflavors:\n  sklearn: {}\n")
    assert found() == {"m": written}
