"""Runs that are here already, held against what their source says of them now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gitexp.errors import GitexpError
from gitexp.importing.foreign import ForeignRun, Found
from gitexp.importing.foreign_curves import Curves
from gitexp.importing.foreign_record import foreign_record
from gitexp.model.imported import imported
from gitexp.model.record import RunRecord
from gitexp.model.record_json import from_json, to_json
from gitexp.model.text import harmless
from gitexp.model.values import Value, same
from gitexp.project import Project

Mask = Callable[[bytes], tuple[bytes, int]]

_TOLD = 4


def what_changed(project: Project, tool: str, found: Found, mask: Mask) -> str:
    """Return what of a run is not as it was imported, in words; nothing if all is.

    What would take long to read is not compared, nor a run that came by another way, from the
    tool's own store say: the same values have other types and places there.
    """
    here = project.runs.index.named(found.id, None) if found.is_compared else []
    record = next((one.record for one in here if one.id == found.id), None)
    if record is None or imported(record).get("from") != tool:
        return ""
    try:
        changed = [*_changes(project, tool, found, record, mask)]
    except (GitexpError, ArithmeticError, RecursionError, UnicodeError):
        return "is here already; its values cannot be compared"
    if not changed:
        return ""
    more = f" and {len(changed) - _TOLD} more" if len(changed) > _TOLD else ""
    listed = ", ".join(map(harmless, changed[:_TOLD]))
    return f"is here already with other values ({listed}{more}), and stays as it is"


def _changes(
    project: Project, tool: str, found: Found, here: RunRecord, mask: Mask
) -> Iterator[str]:
    run = found.read()
    now = foreign_record(project, tool, found, run, here.name, Curves(), has_code=True).record
    if any(_unlike(tool, run, now, here)):
        masked, _ = mask(to_json(now))  # takes long; what is here has no secrets, either
        yield from _unlike(tool, run, from_json(masked), here)


def _unlike(tool: str, run: ForeignRun, now: RunRecord, here: RunRecord) -> Iterator[str]:
    for values, before in ((now.params, here.params), (now.metrics, here.metrics)):
        yield from _other(values.get(tool, {}), before.get(tool, {}))
    if run.is_dated:
        times = (("started", now.started, here.started), ("ended", now.ended, here.ended))
        yield from (name for name, left, right in times if left != right)


def _other(now: Mapping[str, Value], here: Mapping[str, Value]) -> Iterator[str]:
    for name in dict.fromkeys((*now, *here)):
        if (name in now) != (name in here) or not same(now.get(name), here.get(name)):
            yield name
