"""Overrides made again on a file that was edited meanwhile, or taken back from it."""

from __future__ import annotations

from gitexp.model.documents.reading import parse_document
from gitexp.model.override import Override
from gitexp.model.values import Value

# The package of overrides takes 20 ms to import, which a run without any is spared.


def edited_anew(overrides: tuple[Override, ...], name: str, planned: bytes, now: bytes) -> bytes:
    """Return a params file as it is now, with the overrides that were planned for it."""
    from gitexp.execution.overrides.resolve import apply_overrides  # noqa: PLC0415
    from gitexp.model.documents.changes import ABSENT, lookup  # noqa: PLC0415
    from gitexp.model.override import Operation  # noqa: PLC0415

    wanted = parse_document(planned, name)
    meant = [
        one
        for one in overrides
        if (one.file or name) == name
        and (one.operation is Operation.DELETE or lookup(wanted, one.key) is not ABSENT)
    ]
    return apply_overrides({name: now}, meant).get(name, now)


def reverted(
    overrides: tuple[Override, ...], name: str, old: bytes, asked: bytes, now: bytes
) -> bytes:
    """Return a file in which the values that are still what gitexp set are put back."""
    from gitexp.execution.overrides.resolve import apply_overrides  # noqa: PLC0415
    from gitexp.model.documents.changes import identical, lookup  # noqa: PLC0415

    before, set_to, current = (parse_document(one, name) for one in (old, asked, now))
    back = [
        _inverse(one, name, before)
        for one in overrides
        if (one.file or name) == name
        and not identical(lookup(before, one.key), lookup(set_to, one.key))
        and identical(lookup(current, one.key), lookup(set_to, one.key))
    ]
    return apply_overrides({name: now}, back).get(name, now)


def _inverse(one: Override, name: str, before: dict[str, Value]) -> Override:
    from gitexp.model.documents.changes import Absent, lookup  # noqa: PLC0415
    from gitexp.model.override import Operation, Override  # noqa: PLC0415

    old = lookup(before, one.key)
    if isinstance(old, Absent):
        return Override(f"~{one.name}", name, Operation.DELETE, one.key, None, has_value=False)
    return Override(f"++{one.name}", name, Operation.FORCE, one.key, old)
