"""What the record of a run says of another tool that it came from."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.errors import GitexpError
from gitexp.model.record import IMPORTED_FROM, RunRecord


def imported(record: RunRecord) -> Mapping[str, object]:
    """Return what is said of that; nothing of a run that gitexp made.

    A record may come from anybody.
    """
    found = record.extra.get("imported")
    return found if isinstance(found, Mapping) else {}


def is_foreign(record: RunRecord) -> bool:
    """Return whether the values of a run are another tool's, and stand in no file of its tree."""
    return imported(record).get("from") in IMPORTED_FROM


def check_has_code(record: RunRecord) -> None:
    """Raise GitexpError for a run of which nobody knows the code."""
    if is_foreign(record) and imported(record).get("code") is False:
        raise GitexpError(
            f"run '{record.name}' has no code: it was imported, and its commit is not known here",
            hint=f"`gitexp show {record.name}` has its params, metrics and curves.",
        )
