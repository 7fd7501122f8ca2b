"""Digests of small contents, without OpenSSL.

`hashlib` loads OpenSSL, which takes 3 ms: longer than all the digests that a run needs. CPython has
the same functions in modules of its own, which its `random` takes for the same reason.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

_MODULES = {"sha1": ("_sha1",), "sha256": ("_sha2", "_sha256")}
"""Where CPython has them: the first name since 3.12, the second before."""

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

        made = hashlib.new(name, usedforsecurity=False)
    for part in content:
        made.update(part)
    return made


def _lean(name: str) -> _Hash | None:
    """Return a new digest; None if OpenSSL is loaded anyway, or this Python has no other."""
    if "hashlib" in sys.modules:
        return None
    for module in _MODULES[name]:
        with contextlib.suppress(ImportError, AttributeError):
            made: _Hash = getattr(importlib.import_module(module), name)()
            return made
    return None
