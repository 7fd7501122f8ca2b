"""Which library made a model, by what its file begins with."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections import OrderedDict

import pytest

from gitexp.contents.library import library_of, library_of_folder


def pickled(module: str, name: str, before: bytes = b"") -> bytes:
    """Return how a pickle of protocol 4 begins that names a class."""
    texts = b"".join(b"\x8c" + bytes([len(one)]) + one.encode() + b"\x94" for one in (module, name))
    return b"\x80\x04\x95" + struct.pack("<Q", 500) + before + texts + b"\x93"


@pytest.mark.parametrize(
    ("head", "library"),
    [
        (pickled("sklearn.ensemble._forest", "RandomForestClassifier"), "sklearn"),
        (b"\x80\x02csklearn.svm._classes\nSVC\n", "sklearn"),
        (pickled("xgboost.sklearn", "XGBClassifier", b"}\x94"), "xgboost"),
        (pickled("numpy._core.multiarray", "_reconstruct"), None),
        (pickled("__main__", "Mine"), None),
        (pickle.dumps(OrderedDict(a=1)), None),
        (pickle.dumps([0.5, "sklearn.svm", "SVC"]), None),
        (b"\x80\x04\xff", None),
        (b'{"learner":{}}', "xgboost"),
        (b"tree\nversion=v4\n", "lightgbm"),
        (struct.pack("<Q", 60) + b'{"__metadata__":{"format":"pt"},"w":', "pytorch"),
        (b"", None),
    ],
)
def test_a_file_says_what_made_it_or_nothing(head: bytes, library: str | None) -> None:
    assert library_of(head) == library


def test_arrays_of_numpy_are_of_no_library_and_those_of_pytorch_are() -> None:
    heads = {}
    for member in ("weights.npy", "model/data.pkl"):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            archive.writestr(member, b"\x93NUMPY")
        heads[member] = library_of(written.getvalue())

    assert heads == {"weights.npy": None, "model/data.pkl": "pytorch"}
    assert library_of_folder(["model.safetensors", "adapter_config.json"]) == "peft"
    assert library_of_folder(["notes.txt"]) is None
