"""Models and trackers' files among what a run wrote, told by what they are.

A few bytes of each file decide, or what lies beside it in a folder.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePosixPath

from gitexp.git.trees import is_below
from gitexp.metrics.reading import TRAINER_STATE, is_events

_HEAD = 4096
_ENDINGS = (".bin", ".model", ".npy", ".npz", ".pb", ".msgpack", ".distcp", ".rds")
"""What models are called as well as data: behind a pointer if a run writes it."""
_STARTS = (
    b"\x93NUMPY",
    b"\x89HDF\r\n\x1a\n",
    b"GGUF",
    b"CBM1",
    b"binf",  # XGBoost before UBJSON
    b"tree\nversion=",  # LightGBM
    b"\xba\x16\x4f\x2f",  # fastText
)
_PICKLE = re.compile(rb"\x80[\x02-\x05]", re.DOTALL)
_XGBOOST = re.compile(rb'\{\s*"learner"\s*:|\{L.{8}learner', re.DOTALL)
_ZIP = b"PK\x03\x04"
_IN_ZIP = re.compile(rb".{30}(?:[^/]+/(?:data\.pkl|\.format_version)|[^/]+\.npy)", re.DOTALL)
"""The first member, behind a header of thirty bytes: PyTorch's, or an array of NumPy."""
_TFLITE = b"TFL3"
_LOGS = (b"SQLite format 3\0", b":W&B")
"""How databases begin, and what W&B logs offline."""
_LONGEST_HEADER = 100_000_000
"""Bytes: what safetensors allows."""

_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".h5", ".msgpack", ".ckpt", ".onnx", ".gguf")
_CONFIGS = frozenset({"config.json", "adapter_config.json", "preprocessor_config.json"})
_MLFLOW = "MLmodel"
_ALWAYS = frozenset(
    {"saved_model.pb", _MLFLOW, "model_index.json", "modules.json", "manifest.ocdbt"}
    | {"_CHECKPOINT_METADATA"}
)
"""What only lies in the folder of a model: TensorFlow's, MLflow's, diffusers', Orbax's."""
_SPACY = frozenset({"meta.json", "config.cfg"})


def is_model_file(file: Path) -> bool:
    """Return whether a file is a model, whatever it is called."""
    if file.suffix.lower() in _ENDINGS:
        return True
    head = head_of(file)
    return (
        head.startswith(_STARTS)
        or (head.startswith(_ZIP) and _IN_ZIP.match(head) is not None)
        or _PICKLE.match(head) is not None
        or _XGBOOST.match(head) is not None
        or head[4:8] == _TFLITE
        or (head[8:10] == b'{"' and 0 < int.from_bytes(head[:8], "little") < _LONGEST_HEADER)
    )


def is_tracker_file(file: Path) -> bool:
    """Return whether a tracker logs in a file: a database, or one of TensorBoard's or W&B's."""
    return is_events(file.name) or head_of(file).startswith(_LOGS)


def describes_mlflow_model(file: Path) -> bool:
    """Return whether a file says, as MLflow has it, in which flavors a model was saved."""
    return b"flavors:" in head_of(file)


def head_of(file: Path) -> bytes:
    try:
        if not file.is_file() or file.is_symlink():
            return b""
        with file.open("rb") as opened:
            return opened.read(_HEAD)
    except OSError:
        return b""


def model_folders(
    written: Iterable[str],
    new: Collection[str],
    is_taken: Callable[[str], bool],
    is_mlflow: Callable[[str], bool],
) -> dict[str, list[str]]:
    """Return the new folders that are models as a whole, with the paths that lie in each.

    One with results in it, which `is_taken` knows or which look like metrics, is none: its
    models are files of their own. `is_mlflow` is asked for files called `MLmodel`.
    """
    inside: dict[str, list[str]] = {}
    known = set(new)
    for path in written:
        for folder in new_folders_of(path, known):
            inside.setdefault(folder, []).append(path)
    found: dict[str, list[str]] = {}
    for folder in sorted(inside, key=lambda one: one.count("/")):
        paths = inside[folder]
        if any(is_below(outer, folder) for outer in found) or any(map(is_taken, paths)):
            continue
        names = {path[len(folder) + 1 :].split("/")[0] for path in paths}
        if _MLFLOW in names and not is_mlflow(f"{folder}/{_MLFLOW}"):
            names.remove(_MLFLOW)
        if _is_model_folder(names) and not _has_results(paths):
            found[folder] = paths
    return found


def tells_of_model(path: str) -> bool:
    """Return whether a file is what a folder is known by: with scores in it, too, it stays there.

    So does what a trainer needs to go on from a checkpoint.

    >>> tells_of_model("out/model-best/meta.json"), tells_of_model("out/metrics.json")
    (True, False)
    """
    name = path.rpartition("/")[2]
    return name in _SPACY or name in _ALWAYS or name == TRAINER_STATE


def _has_results(paths: Iterable[str]) -> bool:
    from gitexp.metrics.likeness import likeliest  # noqa: PLC0415 - 1 ms, where a folder is a model

    return likeliest(paths) is not None


def new_folders_of(path: str, new: Collection[str]) -> list[str]:
    """Return the folders above a path from the one on that is new, the outermost first.

    >>> new_folders_of("out/m/a/b.txt", {"out/m"})
    ['out/m', 'out/m/a']
    """
    above = [str(one) for one in PurePosixPath(path).parents][-2::-1]
    return list(itertools.dropwhile(lambda one: one not in new, above))


def _is_model_folder(names: Collection[str]) -> bool:
    """Return whether a folder is a model, by what lies directly in it.

    >>> _is_model_folder({"config.json", "model.safetensors", "tokenizer.json"})
    True
    >>> _is_model_folder({"config.json", "train.log"})
    False
    """
    if not _ALWAYS.isdisjoint(names) or set(names) >= _SPACY:
        return True
    return not _CONFIGS.isdisjoint(names) and any(name.endswith(_WEIGHTS) for name in names)
