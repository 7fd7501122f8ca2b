"""What programs get of a comparison: JSON, and rows of a table without sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import to_builtins

from gitexp.comparison.changes import ABSENT, Change, CodeChange, DataChange, Diff, MaybeValue
from gitexp.model.record import DataPointer
from gitexp.rendering.cells import told_apart

if TYPE_CHECKING:
    from gitexp.review.statistics import Samples

COLUMNS = ("section", "file", "name", "old", "new", "diff", "relative", "mark")


def diff_data(diff: Diff, samples: Samples | None = None) -> dict[str, object]:
    """Return the JSON value; metrics and params are as `dvc metrics diff --json` has them.

    Metrics whose repeats were tested, which takes two on each side, have them beside that.
    """
    metrics = _by_file(diff.metrics)
    if samples:
        from gitexp.review.noise import comparison_data  # noqa: PLC0415 - 1 ms, where runs repeat

        for (file, name), found in samples.items():
            if found.test and name in metrics.get(file, {}):
                metrics[file][name] |= {"repeats": comparison_data(found)}
    return {
        "metrics": metrics,
        "params": _by_file(diff.params),
        **_commands(diff),
        "data": {
            change.path: {
                "old": _pointer(change.old),
                "new": _pointer(change.new),
                **_from(change.old_path),
            }
            for change in diff.data
        },
        "environment": _by_name(diff.environment),
        "machine": _by_name(diff.machine),
        "outputs": {
            change.path: {"status": change.status, **_from(change.old_path)}
            for change in diff.outputs
        },
        "code": {change.path: _code(change) for change in diff.code},
        **_hypotheses(diff),
    }


def _commands(diff: Diff) -> dict[str, object]:
    """Return the commands if they differ; else nothing, so that DVC's form stays as it is."""
    return (
        {"command": dict(zip(("old", "new"), diff.commands, strict=True))} if diff.commands else {}
    )


def _hypotheses(diff: Diff) -> dict[str, object]:
    """Return what was expected of the sides; nothing of most, so that DVC's form stays as it is."""
    found = {label: to_builtins(one) for label, one in diff.hypotheses}
    return {"hypotheses": found} if found else {}


def _by_file(changes: Iterable[Change]) -> dict[str, dict[str, dict[str, object]]]:
    files: dict[str, dict[str, dict[str, object]]] = {}
    for change in changes:
        files.setdefault(change.file, {})[change.name] = _change(change)
    return files


def _change(change: Change) -> dict[str, object]:
    """Return one change as DVC has it: absent is null, and a list is the text of a list."""
    found: dict[str, object] = {"old": _dvc_value(change.old), "new": _dvc_value(change.new)}
    if isinstance(change.old, bool) and isinstance(change.new, bool):
        found["diff"] = change.new - change.old
    elif change.delta is not None:
        found["diff"] = change.delta
    elif (
        found["old"] is None and found["new"] is None
    ):  # not a change to DVC; here absent is not null
        found["absent"] = "old" if change.old is ABSENT else "new"
    return found


def _dvc_value(value: MaybeValue) -> object:
    return str(value) if isinstance(value, list) else _null(value)


def _null(value: MaybeValue) -> object:
    return None if value is ABSENT else value


def _pointer(pointer: DataPointer | None) -> dict[str, object] | None:
    if pointer is None:
        return None
    return {
        "md5": pointer.md5,
        "size": pointer.size,
        "nfiles": pointer.nfiles,
        "role": pointer.role,
    }


def _code(change: CodeChange) -> dict[str, object]:
    found: dict[str, object] = {
        "status": change.status,
        "added": change.added,
        "removed": change.removed,
    }
    return {**found, **_from(change.old_path)}


def _from(old_path: str | None) -> dict[str, object]:
    return {} if old_path is None else {"old_path": old_path}


def _by_name(changes: tuple[Change, ...] | None) -> dict[str, object]:
    return {
        change.name: {"old": _null(change.old), "new": _null(change.new)}
        for change in changes or ()
    }


def change_mark(change: Change) -> str:
    """Return what to say of a change: its mark, or that one side has no such value."""
    if change.old is ABSENT or change.new is ABSENT:
        return "added" if change.old is ABSENT else "removed"
    return f"~ {change.mark}" if change.mark.startswith("within") else change.mark


def diff_rows(diff: Diff) -> Iterator[tuple[object, ...]]:
    """Yield a row for each change, of all sections, as `COLUMNS` has them."""
    sections = (
        ("metrics", diff.metrics),
        ("params", diff.params),
        ("environment", diff.environment or ()),
        ("machine", diff.machine or ()),
    )
    for section, changes in sections:
        for change in changes:
            mark = change.mark or change_mark(change)
            yield section, change.file, change.name, *_flat_values(change), mark
    if diff.commands:
        yield "command", "", "command", *diff.commands, ABSENT, ABSENT, ""
    for moved in diff.data:
        yield from _flat_data(moved)
    for output in diff.outputs:
        yield "outputs", output.path, "", *(ABSENT,) * 4, _status(output)
    for code in diff.code:
        mark = _status(code)
        lines = Change("", "lines", _absent(code.removed), _absent(code.added))
        yield "code", code.path, "lines", *_flat_values(lines)[:3], ABSENT, mark


def _status(change: CodeChange) -> str:
    return change.status if change.old_path is None else f"{change.status} from {change.old_path}"


def _flat_data(change: DataChange) -> Iterator[tuple[object, ...]]:
    old, new = _pointer(change.old) or {}, _pointer(change.new) or {}
    mark = "" if old and new else "removed" if old else "added"
    mark = mark if change.old_path is None else f"from {change.old_path}"
    for name in ("md5", "size", "nfiles"):
        before, after = (_absent(side.get(name)) for side in (old, new))
        if before != after:
            moved = Change("", name, before, after)
            yield "data", change.path, name, *_flat_values(moved), mark


def _flat_values(change: Change) -> tuple[object, ...]:
    old, new = told_apart(change.old, change.new)
    delta, relative = change.delta, change.relative
    return old, new, *(ABSENT if number is None else number for number in (delta, relative))


def _absent(value: object) -> MaybeValue:
    return value if isinstance(value, str | int) else ABSENT
