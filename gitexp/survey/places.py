"""A place where a program has values: which files, and why they are supposed to be there."""

from __future__ import annotations

from msgspec import Struct

EVENTS = "events.out.tfevents.*"
"""The files that TensorBoard reads."""


class Place(Struct, frozen=True):
    """Files with values that a program writes, and why they are supposed to be there."""

    kind: str
    """`params` or `metrics`."""
    name: str
    """What it is recorded as."""
    pattern: str
    why: str
    stale: str = ""


def is_inside(path: str) -> bool:
    """Return whether a path in a source is one of the project, and no more than a path."""
    return bool(path) and path.isprintable() and not path.startswith("/") and ".." not in path
