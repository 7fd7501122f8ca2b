"""NumPy's `.npy` and `.npz`, array by array; pickled objects in them are not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitexp.contents.answer import EQUAL, Answer, by_names, differs, unknown


def compare_arrays(old: Path, new: Path) -> Answer:
    """Compare by values, NaN as equal to itself."""
    try:
        import numpy as np  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return unknown("NumPy is not installed")
    one, other = np.load(old, allow_pickle=False), np.load(new, allow_pickle=False)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return compare_array("", one, other)
    with one, other:
        names = by_names(set(one.files), set(other.files), "array")
        if names != EQUAL:
            return names
        answers = (compare_array(name, one[name], other[name]) for name in one.files)
        return next((answer for answer in answers if answer != EQUAL), EQUAL)


def compare_array(name: str, one: Any, other: Any) -> Answer:
    """Compare two arrays; says how far they are apart."""
    import numpy as np  # noqa: PLC0415 - whoever calls has arrays

    what = f"array '{name}'" if name else "the array"
    if one.dtype != other.dtype or one.shape != other.shape:
        return differs(
            f"{what} was {one.dtype} of shape {one.shape}, now {other.dtype} of {other.shape}"
        )
    is_number = one.dtype.kind in "fc"
    if np.array_equal(one, other, equal_nan=is_number):
        return EQUAL
    if not is_number and one.dtype.kind not in "iu":
        return differs(f"{what} holds other values")
    with np.errstate(all="ignore"):
        kind = complex if one.dtype.kind == "c" else float
        apart = np.nanmax(np.abs(one.astype(kind) - other.astype(kind)))
    return differs(f"{what} differs by up to {apart:.2g}")
