"""HDF5, as Keras has its weights in: datasets and attributes by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitexp.contents.answer import EQUAL, Answer, by_names, differs, unknown
from gitexp.contents.arrays import compare_array


def compare_hdf5(old: Path, new: Path) -> Answer:
    """Compare whole files; links to other files are not followed."""
    try:
        import h5py  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return unknown("h5py is not installed")
    with h5py.File(old, "r") as one, h5py.File(new, "r") as other:
        todo: list[tuple[str, Any, Any]] = [("", one, other)]
        seen: set[tuple[int, int]] = set()  # a group may be in itself
        while todo:
            path, a, b = todo.pop()
            places = h5py.h5o.get_info(a.id).addr, h5py.h5o.get_info(b.id).addr
            if places in seen:
                continue
            seen.add(places)
            answer = _compare_one(h5py, path or "/", a, b)
            if answer != EQUAL:
                return answer
            if isinstance(a, h5py.Group):
                links = [side.get(name, getlink=True) for side in (a, b) for name in side]
                if not all(isinstance(link, h5py.HardLink) for link in links):
                    return unknown(f"'{path or '/'}' has links, which are not followed")
                todo += [(f"{path}/{name}", a[name], b[name]) for name in a]
    return EQUAL


def _compare_one(h5py: Any, path: str, one: Any, other: Any) -> Answer:
    if type(one) is not type(other):
        return differs(f"'{path}' is of another kind")
    for name in sorted({*one.attrs, *other.attrs}):
        if name not in one.attrs or name not in other.attrs:
            return differs(f"attribute '{name}' of '{path}' is only in one")
        if not _same_attribute(one.attrs[name], other.attrs[name]):
            return differs(f"attribute '{name}' of '{path}' differs")
    if isinstance(one, h5py.Dataset):
        if one.external or other.external or one.is_virtual or other.is_virtual:
            return unknown(f"'{path}' lies in another file")
        return compare_array(path, one[()], other[()]) if one.shape is not None else EQUAL
    return by_names(set(one), set(other), f"in '{path}',")


def _same_attribute(one: Any, other: Any) -> bool:
    import numpy as np  # noqa: PLC0415 - h5py has loaded it

    return bool(np.array_equal(np.asarray(one), np.asarray(other)))
