"""Models found and loaded from Python, each by the library that wrote it."""

from __future__ import annotations

import importlib
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gitexp
from gitexp.api.kinds import kind_of
from gitexp.api.loaders import load

from tests.workshop import Git, Gitexp


@pytest.fixture
def promoted(gitexp: Gitexp, work_tree: Path) -> Path:
    """The project with three runs, two of them versions of a model."""
    assert gitexp("promote", "slow", "digits", "--stage", "prod").code == 0
    assert gitexp("promote", "middle", "digits").code == 0
    return work_tree


@pytest.mark.usefixtures("promoted")
@pytest.mark.parametrize(
    ("name", "called", "content"),
    [
        ("digits", "digits@v0.0.2", b"model of 0.5"),
        ("digits@0.0.1", "digits@v0.0.1", b"model of 0.1"),
        ("digits#prod", "digits@v0.0.1", b"model of 0.1"),
        ("fast", "fast:model.joblib", b"model of 0.25"),
        ("fast:params.yaml", "fast:params.yaml", b"rate: 0.25\nkind: mlp\n"),
        ("best:accuracy:model.joblib", "middle:model.joblib", b"model of 0.5"),
    ],
)
def test_a_model_is_found_by_version_stage_and_run(name: str, called: str, content: bytes) -> None:
    model = gitexp.find_model(name)

    assert (model.name, model.open().read()) == (called, content)
    assert model.run is not None
    assert model.run == gitexp.get(model.run.name)
    assert model.commit == model.run.oid
    assert model.version == (called.partition("@")[2] or None)


def test_a_model_can_be_saved_from_anywhere(
    promoted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = gitexp.find_model("digits#prod", path=promoted)
    monkeypatch.chdir(tmp_path)

    assert model.save("got.joblib").read_bytes() == b"model of 0.1"
    with pytest.raises(gitexp.GitexpError, match=r"^'got\.joblib' already exists$"):
        model.save("got.joblib")


@pytest.mark.usefixtures("promoted")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", "^no model 'nobody'\n"),
        ("digits#dev", "^no version of 'digits' holds 'dev'\n"),
        ("digits@v7.0.0", "^'digits' has no version v7.0.0\n"),
        ("broken", "^run 'broken' has no model: it wrote nothing that lies behind a pointer\n"),
        ("fast:gone.pt", r"^run 'fast' has no file 'gone\.pt'$"),
    ],
)
def test_what_cannot_be_found_is_an_error(name: str, said: str) -> None:
    with pytest.raises(gitexp.GitexpError, match=said):
        gitexp.load_model(name)


class Marker:
    """Leaves a trace where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return _leave, ("unpickled",)


def _leave(name: str) -> str:
    Path(name).write_text("")
    return name


@pytest.mark.parametrize("name", ["m.joblib", "m.pkl", "m.npz", "m.safetensors", "m.onnx", "m"])
def test_nothing_is_unpickled_unless_it_is_trusted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / name
    file.write_bytes(pickle.dumps(Marker()))

    with pytest.raises(gitexp.GitexpError) as refused:
        load(file, f"'{name}'", trust=False)

    assert str(refused.value) == f"'{name}' is a pickle, which can run code when it is loaded"
    assert refused.value.hint == "If you trust whoever made it, load it with `trust=True`."
    assert not Path("unpickled").exists()
    assert load(file, name, trust=True) == "unpickled"
    assert Path("unpickled").exists()


def test_objects_in_arrays_are_pickles_too(tmp_path: Path) -> None:
    numpy = importlib.import_module("numpy")
    numpy.savez(tmp_path / "m.npz", weights=numpy.array([{"a": 1}], dtype=object))

    with pytest.raises(gitexp.GitexpError, match=r"^numpy cannot read m as NumPy arrays: "):
        load(tmp_path / "m.npz", "m", trust=False)

    assert load(tmp_path / "m.npz", "m", trust=True)["weights"][0] == {"a": 1}


def test_a_file_of_no_kind_is_left_to_the_caller(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "model.bin", "w") as archive:
        archive.writestr("config.json", "{}")
    (tmp_path / "values.json").write_text(json.dumps({"a": 1}))

    for name in ("model.zip", "model.bin", "values.json"):
        with pytest.raises(gitexp.GitexpError, match=f"^'{name}' is a model of an unknown kind"):
            kind_of(tmp_path / name)


def test_a_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(importlib.import_module("sys").modules, "onnx", None)
    (tmp_path / "m.onnx").write_bytes(b"\x08\x07")

    with pytest.raises(gitexp.GitexpError) as refused:
        load(tmp_path / "m.onnx", "'m.onnx' of 'digits@v1.0.0'", trust=False)

    assert str(refused.value) == (
        "'m.onnx' of 'digits@v1.0.0' is an ONNX model, and onnx is not installed"
    )
    assert refused.value.hint == "Install it with `pip install onnx`."


def test_a_damaged_file_is_an_error_of_its_library(tmp_path: Path) -> None:
    (tmp_path / "m.npy").write_bytes(b"\x93NUMPY and no more")

    with pytest.raises(gitexp.GitexpError, match=r"^numpy cannot read m as a NumPy array: "):
        load(tmp_path / "m.npy", "m", trust=False)


def _arrays(numpy: Any, file: Path) -> None:
    numpy.savez(file, weights=[1.0, 2.0])


def _safetensors(_: Any, file: Path) -> None:
    numpy = importlib.import_module("numpy")
    tensors = {"weights": numpy.array([1.0, 2.0])}
    importlib.import_module("safetensors.numpy").save_file(tensors, file)


def _skops(_: Any, file: Path) -> None:
    linear = importlib.import_module("sklearn.linear_model")
    fitted = linear.LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    importlib.import_module("skops.io").dump(fitted, file)


def _xgboost(library: Any, file: Path) -> None:
    numpy = importlib.import_module("numpy")
    data = library.DMatrix(numpy.array([[0.0], [1.0]] * 20), label=numpy.array([0.0, 1.0] * 20))
    library.train({"max_depth": 2}, data, 3).save_model(file)


def _lightgbm(library: Any, file: Path) -> None:
    numpy = importlib.import_module("numpy")
    data = library.Dataset(numpy.array([[0.0], [1.0]] * 20), label=numpy.array([0.0, 1.0] * 20))
    settings = {"verbose": -1, "min_data_in_leaf": 1, "num_threads": 1}
    library.train(settings, data, 3).save_model(file)


def _catboost(library: Any, file: Path) -> None:
    model = library.CatBoostRegressor(iterations=3, verbose=False, allow_writing_files=False)
    model.fit([[0.0], [1.0]] * 20, [0.0, 1.0] * 20)
    model.save_model(str(file))


def _onnx(library: Any, file: Path) -> None:
    helper = library.helper
    value = helper.make_tensor_value_info("x", library.TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", library.TensorProto.FLOAT, [1])
    node = helper.make_node("Identity", ["x"], ["y"])
    library.save(helper.make_model(helper.make_graph([node], "g", [value], [out])), str(file))


def _keras(library: Any, file: Path) -> None:
    library.Sequential([library.Input((2,)), library.layers.Dense(1)]).save(file)


def _torch(library: Any, file: Path) -> None:
    library.save({"weights": library.ones(2)}, file)


def _joblib(library: Any, file: Path) -> None:
    library.dump({"weights": [1.0]}, file)


@pytest.mark.filterwarnings("ignore")  # those of other people's libraries
@pytest.mark.parametrize(
    ("library", "name", "write", "made", "trust"),
    [
        ("numpy", "m.npz", _arrays, "dict", False),
        ("joblib", "m.joblib", _joblib, "dict", True),
        ("joblib", "m.joblib.gz", _joblib, "dict", True),
        ("safetensors", "m.safetensors", _safetensors, "dict", False),
        ("safetensors", "m.bin", _safetensors, "dict", False),
        ("skops", "m.skops", _skops, "LinearRegression", False),
        ("xgboost", "m.ubj", _xgboost, "Booster", False),
        ("xgboost", "m.json", _xgboost, "Booster", False),
        ("lightgbm", "m.txt", _lightgbm, "Booster", False),
        ("catboost", "m.cbm", _catboost, "CatBoost", False),
        ("catboost", "m", _catboost, "CatBoost", False),
        ("onnx", "m.onnx", _onnx, "ModelProto", False),
        ("keras", "m.keras", _keras, "Sequential", False),
        ("torch", "m.pt", _torch, "dict", False),
    ],
)
def test_each_kind_is_read_by_its_own_library(
    library: str,
    name: str,
    write: Callable[[Any, Path], None],
    made: str,
    trust: bool,
    tmp_path: Path,
) -> None:
    write(pytest.importorskip(library), tmp_path / name)

    assert type(load(tmp_path / name, "it", trust=trust)).__name__ == made


@pytest.mark.filterwarnings("ignore")
def test_torch_loads_weights_alone_unless_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    torch.save({"weights": Marker()}, tmp_path / "m.pt")

    with pytest.raises(gitexp.GitexpError, match=r"^it holds more than weights"):
        load(tmp_path / "m.pt", "it", trust=False)

    assert not Path("unpickled").exists()
    assert load(tmp_path / "m.pt", "it", trust=True) == {"weights": "unpickled"}


def test_git_alone_is_needed_for_a_file_in_git(git: Git, promoted: Path) -> None:
    git("branch", "-D", "experiments")

    model = gitexp.find_model("digits#prod", path=promoted)

    assert model.run is not None
    assert model.run.name == "slow"
    assert model.open().read() == b"model of 0.1"
