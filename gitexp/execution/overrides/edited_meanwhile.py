"""Params files that somebody edited while overrides stood in them: the edits stay."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.model.documents.changes import ABSENT, Absent, lookup
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value


def made_again(overrides: Sequence[Override], name: str, planned: bytes, now: bytes) -> bytes:
    """Return a file that was edited meanwhile with the overrides that were planned for it."""
    wanted = parse_document(planned, name)
    meant = [
        one
        for one in overrides
        if (one.file or name) == name
        and (one.operation is Operation.DELETE or lookup(wanted, one.key) is not ABSENT)
    ]
    return _applied(meant, name, now)


def taken_back(
    overrides: Sequence[Override], name: str, old: bytes, asked: bytes, now: bytes
) -> bytes:
    """Return a file in which the values that are still what gitexp set are put back."""
    before, set_to, current = (parse_document(one, name) for one in (old, asked, now))
    back = [
        _inverse(one, name, before)
        for one in overrides
        if (one.file or name) == name
        and not identical(lookup(before, one.key), lookup(set_to, one.key))
        and identical(lookup(current, one.key), lookup(set_to, one.key))
    ]
    return _applied(back, name, now)


def _inverse(one: Override, name: str, before: dict[str, Value]) -> Override:
    old = lookup(before, one.key)
    if isinstance(old, Absent):
        return Override(f"~{one.name}", name, Operation.DELETE, one.key, None, has_value=False)
    return Override(f"++{one.name}", name, Operation.FORCE, one.key, old)


def _applied(overrides: Sequence[Override], name: str, content: bytes) -> bytes:
    from gitexp.execution.overrides.resolve import apply_overrides  # noqa: PLC0415 - 40 ms, for -S

    return apply_overrides({name: content}, overrides).get(name, content)
