"""Digests of small contents, without OpenSSL.

`hashlib` loads OpenSSL, which takes 3 ms: longer than all the digests that a run needs. CPython has
the same functions in modules of its own, which its `random` takes for the same reason.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from hashlib import _Hash

_MODULES = {"sha1": "_sha1", "sha256": "_sha2" if sys.version_info >= (3, 12) else "_sha256"}
"""Where CPython has them."""

_LARGE = 1_000_000
"""Bytes from which OpenSSL, with the processor's own instructions, makes up for being loaded."""


def lean_digest(name: str, *content: bytes) -> _Hash:
    """Return the digest that `hashlib.new(name, usedforsecurity=False)` makes of the content.

    >>> lean_digest("sha1", b"blob 0", bytes(1)).hexdigest()
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    made = _lean(name) if sum(map(len, content)) < _LARGE else None
    if made is None:
        import hashlib  # noqa: PLC0415 - 3 ms, for OpenSSL comes along

        made = cast("_Hash", getattr(hashlib, name)(usedforsecurity=False))  # a third of `new`
    for part in content:
        made.update(part)
    return made


def _lean(name: str) -> _Hash | None:
    """Return a new digest; None if OpenSSL is loaded anyway, or this Python has no other."""
    make = _maker(name) if "hashlib" not in sys.modules else None
    return make() if make is not None else None


@functools.cache
def _maker(name: str) -> Callable[[], _Hash] | None:
    try:
        make: Callable[[], _Hash] = getattr(importlib.import_module(_MODULES[name]), name)
    except (ImportError, AttributeError):
        return None
    return make
