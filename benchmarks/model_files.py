"""Model files of real libraries, each trained twice with one seed: the same bytes, the same model?

`python -m benchmarks.model_files --python PYTHON` prints the table of
docs/explanation/model-files.md. PYTHON is one that has the libraries: scikit-learn, joblib,
skops, safetensors, pyarrow, xgboost, lightgbm, catboost, onnx, keras with a backend, gensim and
torch; what it lacks is left out. This is not part of CI.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec import Struct

from gitexp.rerunning.comparer import Pair, compare_contents

_TRAIN = """
import importlib.metadata, json, os, sys
os.environ.setdefault("KERAS_BACKEND", "jax")
import numpy as np
kind, path, changed = sys.argv[1], sys.argv[2], sys.argv[3] == "changed"
rng = np.random.default_rng(7)
X = rng.normal(size=(200, 4)).astype("float32")
y = (X[:, 0] + X[:, 1] > 0).astype(int)


def forest():
    from sklearn.ensemble import RandomForestClassifier
    model = RandomForestClassifier(10, random_state=0).fit(X, y)
    if changed:
        model.estimators_[0].tree_.threshold[0] += 1e-6
    return model


def linear():
    from sklearn.linear_model import LogisticRegression
    model = LogisticRegression().fit(X, y)
    model.coef_[0, 0] += 1e-6 * changed
    return model


def weights():
    found = {"w": np.linalg.qr(X[:4])[0], "b": X.mean(axis=0)}
    found["w"][0, 0] += np.float32(1e-3 * changed)
    return found


def joblib_file():
    import joblib
    joblib.dump(forest(), path)
    return "joblib", "scikit-learn"


def joblib_again():
    import joblib
    joblib.dump(forest(), path)
    joblib.dump(joblib.load(path), path)
    return "joblib", "scikit-learn"


def joblib_gz():
    import joblib
    joblib.dump(forest(), path, compress=("gzip", 3))
    return "joblib", "scikit-learn"


def pickle_file():
    import pickle
    with open(path, "wb") as file:
        pickle.dump(linear(), file)
    return ("scikit-learn",)


def skops_file():
    import skops.io
    skops.io.dump(forest(), path)
    return "skops", "scikit-learn"


def safetensors_file():
    from safetensors.numpy import save_file
    save_file(weights(), path, metadata={"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"})
    return ("safetensors",)


def npz_file():
    np.savez(path, **weights())
    return ("numpy",)


def parquet_file():
    import pyarrow as pa, pyarrow.parquet as pq
    pq.write_table(pa.table({"w": weights()["w"].ravel()}), path)
    return ("pyarrow",)


def xgboost_file():
    import xgboost
    data = xgboost.DMatrix(X, label=y + 1e-3 * changed)
    xgboost.train({"seed": 0, "nthread": 2}, data, 10).save_model(path)
    return ("xgboost-cpu", "xgboost")


def lightgbm_file():
    import lightgbm
    params = {"seed": 0, "verbose": -1, "num_threads": 2}
    lightgbm.train(params, lightgbm.Dataset(X, y + 1e-3 * changed), 10).save_model(path)
    return ("lightgbm",)


def catboost_file():
    import catboost
    model = catboost.CatBoostRegressor(iterations=10, random_seed=0, verbose=False,
                                       allow_writing_files=False)
    model.fit(X, y + 1e-3 * changed)
    model.save_model(path)
    return ("catboost",)


def onnx_file():
    import onnx
    from onnx import helper, numpy_helper, TensorProto
    one = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "g",
        [one("x", TensorProto.FLOAT, [1, 4])], [one("y", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(weights()["w"], "w")])
    import time
    onnx.save(helper.make_model(graph, doc_string="saved at %s" % time.time()), path)
    return ("onnx",)


def keras_file():
    import keras
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, y, epochs=1, verbose=0)
    kernel, bias = model.layers[0].get_weights()
    kernel[0, 0] += 1e-3 * changed
    model.layers[0].set_weights([kernel, bias])
    model.save(path)
    return ("keras",)


def torch_file():
    import torch
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 2)
    with torch.no_grad():
        model.weight[0, 0] += 1e-3 * changed
    torch.save(model.state_dict(), path)
    return ("torch",)


def gensim_file():
    from gensim.models import Word2Vec
    words = [["a", "b", "c", "d"] * 5, ["b", "d", "a"] * 5] * 20
    model = Word2Vec(words, vector_size=8, min_count=1, seed=1, workers=1)
    model.wv.vectors[0, 0] += 1e-3 * changed
    model.save(path)
    return ("gensim",)


def version(names):
    for name in names:
        try:
            return name + " " + importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass


print(json.dumps(version(globals()[kind]())))
"""

_KINDS = {
    "joblib_file": ("model.joblib", "a random forest by joblib"),
    "joblib_again": ("model.joblib", "the same, loaded and dumped again"),
    "joblib_gz": ("model.joblib.gz", "the same, compressed"),
    "pickle_file": ("model.pkl", "a linear model by pickle"),
    "skops_file": ("model.skops", "a random forest by skops"),
    "safetensors_file": ("model.safetensors", "safetensors with five keys of metadata"),
    "npz_file": ("model.npz", "NumPy's arrays"),
    "parquet_file": ("table.parquet", "a table in Parquet"),
    "xgboost_file": ("model.ubj", "XGBoost"),
    "lightgbm_file": ("model.txt", "LightGBM"),
    "catboost_file": ("model.cbm", "CatBoost"),
    "onnx_file": ("model.onnx", "ONNX, with the time in a comment"),
    "keras_file": ("model.keras", "Keras"),
    "torch_file": ("model.pt", "PyTorch's `state_dict`"),
    "gensim_file": ("model.gensim", "gensim's Word2Vec"),
}


class Row(Struct, frozen=True):
    """What was found of one kind."""

    what: str
    name: str
    version: str
    same_bytes: bool
    answer: str
    changed: str


def look_at(python: str, kind: str, folder: Path) -> Row | None:
    """Train three times, each in a process of its own; None if a library is not there."""
    name, what = _KINDS[kind]
    versions = []
    places = [folder / kind / side / name for side in ("first", "again", "changed")]
    for place in places:
        place.parent.mkdir(parents=True)
        version = _train(python, kind, place)
        if version is None:
            return None
        versions.append(version)
    first, again, changed = places
    pairs = [Pair(name, first, again), Pair(name, first, changed)]
    answers = compare_contents(pairs, [python])
    words = {True: "equal", False: "different", None: "unknown"}
    return Row(
        what=what,
        name=name,
        version=versions[0],
        same_bytes=first.read_bytes() == again.read_bytes(),
        answer=words[answers[0].equal] + (f": {answers[0].why}" if answers[0].why else ""),
        changed=words[answers[1].equal] + (f": {answers[1].why}" if answers[1].why else ""),
    )


def _train(python: str, kind: str, place: Path) -> str | None:
    ended = subprocess.run(
        [python, "-c", _TRAIN, kind, str(place), place.parent.name],
        env={**os.environ, "PYTHONHASHSEED": "random"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        print(f"{kind}: {ended.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    version: str = json.loads(ended.stdout.splitlines()[-1])
    return version


def table(rows: Sequence[Row]) -> str:
    """Return the rows as Markdown."""
    head = (
        "| file | made by | version | bytes | `verify` | one weight changed |\n" + "|---" * 6 + "|"
    )
    lines = [
        f"| `{row.name}` | {row.what} | {row.version} | "
        f"{'equal' if row.same_bytes else 'differ'} | {row.answer} | {row.changed} |"
        for row in rows
    ]
    return "\n".join((head, *lines))


@click.command()
@click.option("--python", required=True, help="The Python that has the libraries.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(_KINDS)))
def main(*, python: str, kinds: Sequence[str]) -> None:
    """Print what is the same of two trainings."""
    with tempfile.TemporaryDirectory(prefix="gitexp-models-") as folder:
        found = [look_at(python, kind, Path(folder)) for kind in kinds or _KINDS]
    print(table([row for row in found if row is not None]))


if __name__ == "__main__":
    main()
