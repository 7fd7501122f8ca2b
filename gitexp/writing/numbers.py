"""Numbers of NumPy, PyTorch, JAX and TensorFlow as Python's, without importing these libraries.

A float is written in as few digits as say which one of its own type it is: a `float32` that was
set to 0.1 is 0.1 in the run, and not 0.10000000149011612.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

_DIGITS = {"float32": (6, 9), "float16": (3, 5), "bfloat16": (2, 4)}
"""How many digits a number of each type may need, at least and at most."""
_TYPES: dict[object, str] = {}


class NotANumber(ValueError):
    """Something was logged that is no single number."""


def plain(value: Any) -> Any:
    """Return a value that JSON has; raises NotANumber, or whatever its library raises."""
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        found = _item(value)
        name = _TYPES.get(dtype) or _type_name(dtype)
        if name in _DIGITS and isinstance(found, float):
            found = shortest(found, name)
        return written(found)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return written(float(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, dict) or hasattr(value, "keys"):
        return {str(key): value[key] for key in value.keys()}  # noqa: SIM118 - a mapping of any kind
    if hasattr(value, "__float__"):
        return written(float(value))
    raise NotANumber(f"{type(value).__name__} is not a number")


def written(value: Any) -> Any:
    """Return a number as a line has it: NaN and the infinities as texts.

    >>> written(0.5), written(float("nan")), written(float("-inf"))
    (0.5, 'nan', '-inf')
    """
    if isinstance(value, float) and value - value != 0:
        return "nan" if value != value else "inf" if value > 0 else "-inf"  # noqa: PLR0124
    return value


def _item(value: Any) -> Any:
    item = getattr(value, "item", None)
    if item is None:
        item = value.numpy().item  # TensorFlow
    try:
        found = item()
    except (ValueError, RuntimeError) as error:  # NumPy's, and PyTorch's, for several
        if getattr(value, "shape", ()) in ((), (1,)):
            raise
        raise NotANumber(f"an array of shape {tuple(value.shape)} is not a number") from error
    return found.real if isinstance(found, complex) and not found.imag else found


def _type_name(dtype: object) -> str:
    name = str(getattr(dtype, "name", dtype)).rpartition(".")[2]
    if len(_TYPES) < 100:  # noqa: PLR2004 - nobody has as many
        _TYPES[dtype] = name
    return name


def shortest(value: float, name: str) -> float:
    """Return the number with the fewest digits that is the same in a narrower type.

    >>> shortest(0.10000000149011612, "float32"), shortest(0.0999755859375, "float16")
    (0.1, 0.1)
    >>> shortest(0.10009765625, "bfloat16"), shortest(float("inf"), "float32")
    (0.1, inf)
    """
    fewest, most = _DIGITS[name]
    same = _NARROW[name]
    try:
        for digits in range(fewest, most + 1):
            found = float(f"{value:.{digits}g}")
            if same(found) == value:
                return found
    except (OverflowError, struct.error):
        pass
    return value


def _float32(value: float) -> float:
    return float(_SINGLE.unpack(_SINGLE.pack(value))[0])


def _float16(value: float) -> float:
    return float(_HALF.unpack(_HALF.pack(value))[0])


def _bfloat16(value: float) -> float:
    """Return the nearest number whose lower half in single precision is zero; of two, the even."""
    (bits,) = _BITS.unpack(_SINGLE.pack(value))
    bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return float(_SINGLE.unpack(_BITS.pack(bits))[0])


_SINGLE, _HALF, _BITS = struct.Struct("<f"), struct.Struct("<e"), struct.Struct("<I")
_NARROW: dict[str, Callable[[float], float]] = {
    "float32": _float32,
    "float16": _float16,
    "bfloat16": _bfloat16,
}
