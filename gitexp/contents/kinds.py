"""Which module compares two files: told by their name first, then by how they begin."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from gitexp.contents import archives, compressed, text
from gitexp.contents.answer import EQUAL, Answer, Compare, differs, unknown
from gitexp.contents.arrays import compare_arrays
from gitexp.contents.boosters import compare_catboost, compare_xgboost
from gitexp.contents.documents import compare_json, compare_notebooks, compare_yaml
from gitexp.contents.hdf5 import compare_hdf5
from gitexp.contents.onnx_graph import compare_onnx
from gitexp.contents.pickles import compare_pickles, compare_unpickled
from gitexp.contents.safetensors import compare_safetensors
from gitexp.contents.tables import compare_csv, compare_parquet

_BY_SUFFIX: dict[str, Compare] = {
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), compare_json),
    **dict.fromkeys((".yaml", ".yml"), compare_yaml),
    ".ipynb": compare_notebooks,
    **dict.fromkeys((".csv", ".tsv"), compare_csv),
    **dict.fromkeys((".parquet", ".pq"), compare_parquet),
    **dict.fromkeys((".npy", ".npz"), compare_arrays),
    ".safetensors": compare_safetensors,
    **dict.fromkeys((".h5", ".hdf5"), compare_hdf5),
    ".onnx": compare_onnx,
    **dict.fromkeys((".ubj", ".xgb", ".bst"), compare_xgboost),
    ".cbm": compare_catboost,
    ".skops": archives.compare_skops,
}
_PICKLED = {".pkl", ".pickle", ".joblib", ".sav"}
_HEAD = 16


def compare(old: Path, new: Path, name: str, *, unpickle: bool = False) -> Answer:
    """Compare two files that go by a name; whatever a library raises of one is an answer, too."""
    try:
        return _compare(old, new, name, unpickle=unpickle)
    except (MemoryError, RecursionError):
        return unknown("it is too large or too deep to be compared")
    except Exception as error:  # noqa: BLE001 - the file, or a library that somebody installed
        said = (str(error).strip().splitlines() or [""])[0]
        return unknown(f"it cannot be read: {type(error).__name__}: {said}")


def _compare(old: Path, new: Path, name: str, *, unpickle: bool) -> Answer:
    with old.open("rb") as one, new.open("rb") as other:
        if archives.same_bytes(one, other):
            return EQUAL
    suffix = PurePosixPath(name).suffix.lower()
    chosen = _BY_SUFFIX.get(suffix)
    if chosen is not None:
        return chosen(old, new)
    if all(map(zipfile.is_zipfile, (old, new))):
        return _compare_zip(old, new, suffix)
    heads = [_head(old), _head(new)]
    if all(map(compressed.is_packed, heads)):
        return _unpacked(old, new, name, unpickle=unpickle)
    if suffix in _PICKLED or all(head.startswith(b"\x80") for head in heads):
        return _compare_pickled(old, new, unpickle=unpickle)
    return _compare_lines(old, new)


def _compare_pickled(old: Path, new: Path, *, unpickle: bool) -> Answer:
    answer = compare_pickles(old, new)
    return compare_unpickled(old, new) if unpickle and not answer.equal else answer


def _compare_lines(old: Path, new: Path) -> Answer:
    if all(map(text.is_lightgbm, (old, new))):
        return text.compare_lightgbm(old, new)
    try:
        return text.compare_text(old, new)
    except UnicodeDecodeError:
        return unknown("the bytes differ, and files of this kind are not compared by content")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _compare_zip(old: Path, new: Path, suffix: str) -> Answer:
    if suffix == ".keras":
        return archives.compare_zip(old, new, _of_keras)
    if _is_torch(old) and _is_torch(new):
        return archives.compare_zip(old, new, _of_torch, name=archives.without_root)
    return archives.compare_zip(old, new, lambda name: _BY_SUFFIX.get(Path(name).suffix.lower()))


_OF_KERAS: dict[str, Compare] = {
    "metadata.json": archives.compare_keras_metadata,
    "config.json": archives.compare_keras_config,
}


def _of_keras(member: str) -> Compare | None:
    if member in _OF_KERAS:
        return _OF_KERAS[member]
    return _BY_SUFFIX.get(Path(member).suffix.lower())


def _is_torch(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/data.pkl") for name in archive.namelist())


def _of_torch(member: str) -> Compare | None:
    if member == ".data/serialization_id":
        return lambda _old, _new: EQUAL
    return compare_pickles if member == "data.pkl" else None


def _unpacked(old: Path, new: Path, name: str, *, unpickle: bool) -> Answer:
    inner = PurePosixPath(name)
    if inner.suffix.lower() in compressed.SUFFIXES:
        name = str(inner.with_suffix(""))
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        places = Path(scratch, "old"), Path(scratch, "new")
        try:
            compressed.unpack(old, places[0])
            compressed.unpack(new, places[1])
        except compressed.TooLarge:
            return unknown(f"more than {compressed.MOST // 10**9} GB are packed in it")
        if any(compressed.is_packed(_head(place)) for place in places):
            return differs("what is packed twice is not compared")
        return _compare(*places, name, unpickle=unpickle)
