"""Unpacking that ends, whatever somebody has packed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gitexp.contents.compressed import TooLarge, unpack

CONTENT = bytes(range(256)) * 100


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_only_so_much_is_unpacked(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    packed, target = tmp_path / "packed", tmp_path / "target"
    packed.write_bytes(pack(CONTENT))

    unpack(packed, target, len(CONTENT))

    assert target.read_bytes() == CONTENT
    with pytest.raises(TooLarge):
        unpack(packed, target, len(CONTENT) - 1)
