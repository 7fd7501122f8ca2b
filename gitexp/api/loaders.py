"""Models read by the libraries that wrote them. Nothing is unpickled unless the caller says so."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gitexp.api.kinds import (
    ARRAY,
    ARRAYS,
    CATBOOST,
    HDF5,
    JOBLIB,
    KERAS,
    LIGHTGBM,
    ONNX,
    SAFETENSORS,
    SKOPS,
    TORCH,
    XGBOOST,
    Kind,
    kind_of,
)
from gitexp.errors import GitexpError

_SAFE_TORCH = (2, 6)
"""Before, `weights_only` could be made to run code."""

Loader = Callable[[Any, Path, bool], Any]
"""Called with the library, the file, and whether its author is trusted."""


class _Untrusted(Exception):
    """A file asks for more than is done unless its author is trusted."""


def load(path: Path, called: str, *, trust: bool) -> Any:
    """Return what a file holds, as its library gives it; `called` is its name in messages.

    Raises GitexpError for what would run code of its author, unless that author is trusted, for
    an unknown kind, and where the library is not installed or cannot read it.
    """
    kind = kind_of(path)
    if kind.runs_code and not trust:
        raise _untrusted(called, f"is {kind.name}, which can run code when it is loaded")
    library = _library(kind, called)
    try:
        return _LOADERS[kind](library, path, trust)
    except _Untrusted as refused:
        raise _untrusted(called, str(refused)) from refused
    except Exception as error:
        said = (str(error) or type(error).__name__).splitlines()[0]
        raise GitexpError(f"{kind.library} cannot read {called} as {kind.name}: {said}") from error


def _untrusted(called: str, why: str) -> GitexpError:
    return GitexpError(
        f"{called} {why}", hint="If you trust whoever made it, load it with `trust=True`."
    )


def _library(kind: Kind, called: str) -> Any:
    try:
        return importlib.import_module(kind.library)
    except ImportError as error:
        raise GitexpError(
            f"{called} is {kind.name}, and {kind.package} is not installed",
            hint=f"Install it with `pip install {kind.package}`.",
        ) from error


def _joblib(library: Any, path: Path, trust: bool) -> Any:
    assert trust  # its kind says so
    return library.load(path)


def _safetensors(_: Any, path: Path, trust: bool) -> Any:
    del trust
    numpy = importlib.import_module("safetensors.numpy")
    try:
        return numpy.load_file(path)
    except (TypeError, KeyError):  # NumPy does not know bfloat16
        return importlib.import_module("safetensors.torch").load_file(path)


def _skops(_: Any, path: Path, trust: bool) -> Any:
    skops = importlib.import_module("skops.io")
    unknown = skops.get_untrusted_types(file=path)
    if unknown and not trust:
        raise _Untrusted(f"needs types that skops does not know: {', '.join(map(str, unknown))}")
    return skops.load(path, trusted=unknown)


def _xgboost(library: Any, path: Path, trust: bool) -> Any:
    del trust
    return library.Booster(model_file=str(path))


def _lightgbm(library: Any, path: Path, trust: bool) -> Any:
    del trust
    return library.Booster(model_file=str(path))


def _catboost(library: Any, path: Path, trust: bool) -> Any:
    del trust
    return library.CatBoost().load_model(str(path))


def _onnx(library: Any, path: Path, trust: bool) -> Any:
    del trust
    return library.load(str(path))


def _keras(library: Any, path: Path, trust: bool) -> Any:
    return library.saving.load_model(path, safe_mode=not trust)


def _torch(library: Any, path: Path, trust: bool) -> Any:
    version = tuple(int(part) for part in str(library.__version__).split(".")[:2])
    if not trust and version < _SAFE_TORCH:
        raise _Untrusted(f"is loaded safely by PyTorch 2.6 or newer, not by {library.__version__}")
    pickle = importlib.import_module("pickle")
    try:
        return library.load(path, map_location="cpu", weights_only=not trust)
    except pickle.UnpicklingError as error:
        if trust:
            raise
        raise _Untrusted("holds more than weights") from error


def _arrays(library: Any, path: Path, trust: bool) -> Any:
    with library.load(path, allow_pickle=trust) as found:
        return {name: found[name] for name in found.files}


def _array(library: Any, path: Path, trust: bool) -> Any:
    return library.load(path, allow_pickle=trust)


_LOADERS: Mapping[Kind, Loader] = {
    JOBLIB: _joblib,
    SAFETENSORS: _safetensors,
    SKOPS: _skops,
    XGBOOST: _xgboost,
    LIGHTGBM: _lightgbm,
    CATBOOST: _catboost,
    ONNX: _onnx,
    KERAS: _keras,
    HDF5: _keras,
    TORCH: _torch,
    ARRAYS: _arrays,
    ARRAY: _array,
}
