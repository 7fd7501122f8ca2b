"""What conda has installed: packages that pip does not see, such as MKL or a CUDA toolkit."""

from __future__ import annotations

import re
from pathlib import Path

from gitexp.model.packages import CONDA

_META = re.compile(r"(.+)-([^-]+)-([^-]+)\.json")
"""The files of `conda-meta`, which conda, mamba and pixi all write: name, version and build."""


def conda_lines(prefix: Path) -> tuple[str, ...]:
    """Return a line for each package of a conda environment; none for any other.

    Python packages are among them: by their build they can be had again exactly.
    """
    try:
        names = sorted(path.name for path in (prefix / "conda-meta").iterdir())
    except OSError:
        return ()
    found = filter(None, map(_META.fullmatch, names))
    return tuple(f"{CONDA}{one[1]}={one[2]}={one[3]}" for one in found)
