"""What kind of model a file is: by its first bytes where they are plain, else by its ending."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from msgspec import Struct

from gitexp.errors import GitexpError


class Kind(Struct, frozen=True):
    """A kind of model file."""

    name: str
    """As a sentence calls it."""
    library: str
    """What reads it, as it is imported."""
    package: str
    """What it is installed by."""
    runs_code: bool = False
    """Whether reading it can run whatever code its author put into it."""


JOBLIB = Kind("a pickle", "joblib", "joblib", runs_code=True)
SAFETENSORS = Kind("safetensors", "safetensors", "safetensors")
SKOPS = Kind("a skops file", "skops", "skops")
XGBOOST = Kind("an XGBoost model", "xgboost", "xgboost")
LIGHTGBM = Kind("a LightGBM model", "lightgbm", "lightgbm")
CATBOOST = Kind("a CatBoost model", "catboost", "catboost")
ONNX = Kind("an ONNX model", "onnx", "onnx")
KERAS = Kind("a Keras model", "keras", "keras")
HDF5 = Kind("an HDF5 file, in which Keras keeps code", "keras", "keras", runs_code=True)
TORCH = Kind("a PyTorch file", "torch", "torch")
ARRAYS = Kind("NumPy arrays", "numpy", "numpy")
ARRAY = Kind("a NumPy array", "numpy", "numpy")

_ENDINGS = {
    **dict.fromkeys((".joblib", ".pkl", ".pickle"), JOBLIB),
    **dict.fromkeys((".pt", ".pth", ".ckpt"), TORCH),
    **dict.fromkeys((".ubj", ".xgb", ".xgboost", ".bst"), XGBOOST),
    **dict.fromkeys((".lgb", ".lgbm", ".lightgbm"), LIGHTGBM),
    **dict.fromkeys((".h5", ".hdf5"), HDF5),
    ".cbm": CATBOOST,
    ".safetensors": SAFETENSORS,
    ".skops": SKOPS,
    ".onnx": ONNX,
    ".keras": KERAS,
    ".npz": ARRAYS,
    ".npy": ARRAY,
}
_STARTS = {
    b"\x93NUMPY": ARRAY,
    b"\x89HDF\r\n": HDF5,
    b"tree\n": LIGHTGBM,
    b"CBM1": CATBOOST,
    **{b"\x80" + bytes([protocol]): JOBLIB for protocol in range(2, 6)},
}
_COMPRESSED = (".gz", ".z", ".bz2", ".xz", ".lzma")
_HEAD = 16
_LARGEST_JSON = 1 << 30


def kind_of(path: Path) -> Kind:
    """Return the kind of a file; raises GitexpError if it is none that is known.

    What the bytes say counts more than the ending: a pickle stays one under any name.
    """
    found = _by_bytes(path) or _ENDINGS.get(path.suffix.lower())
    if found is None and path.suffix.lower() in _COMPRESSED:
        inner = _ENDINGS.get(Path(path.stem).suffix.lower())
        found = JOBLIB if inner is JOBLIB else None  # which looks into it by itself
    if found is None:
        raise GitexpError(
            f"'{path.name}' is a model of an unknown kind",
            hint="`gitexp.find_model(…).save(PATH)` gets the file, for a loader of yours.",
        )
    return found


def _by_bytes(path: Path) -> Kind | None:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _by_members(path)
    known = next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)
    if known is JOBLIB and _ENDINGS.get(path.suffix.lower()) is TORCH:
        return TORCH  # before version 1.6, it wrote pickles one after the other
    if known is not None:
        return known
    if head[8:9] == b"{" and 0 < int.from_bytes(head[:8], "little") < path.stat().st_size:
        return SAFETENSORS
    return _by_json(path) if head[:1] == b"{" else None


def _by_members(path: Path) -> Kind | None:
    """Return what an archive is by what lies in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return None
    if "model.weights.h5" in names:
        return KERAS
    if "schema.json" in names:
        return SKOPS
    if any(name.endswith("/data.pkl") for name in names):
        return TORCH
    return ARRAYS if names and all(name.endswith(".npy") for name in names) else None


def _by_json(path: Path) -> Kind | None:
    """Return whether what begins like JSON, or like its binary form, is a model of XGBoost."""
    if path.suffix.lower() != ".json":
        with path.open("rb") as file:
            return XGBOOST if b"learner" in file.read(64) else None
    if path.stat().st_size > _LARGEST_JSON:
        return None
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return None
    return XGBOOST if isinstance(found, dict) and "learner" in found else None
