"""What `gitexp diff` shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import to_builtins
from msgspec.structs import replace

from gitexp.comparison.counterparts import shown_move
from gitexp.comparison.diff import ABSENT, Change, CodeChange, DataChange, Diff, MaybeValue
from gitexp.model.numbers import counted
from gitexp.model.record import DataPointer
from gitexp.rendering.cells import NONE, told_apart
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

if TYPE_CHECKING:
    from gitexp.review.statistics import Samples

_FLAT = ("section", "file", "name", "old", "new", "diff", "relative", "mark")

_CHANGE_COLUMNS = (
    Column("name", "name", least=16, by_its_end=True),
    Column("old", "value", limit=40),
    Column("new", "value", limit=40, joined=" → "),
    Column("change", "delta", rank=1),
    Column("relative change", "percent", head="%", rank=2),
    Column("mark", "mark", head=""),
)
_DATA_COLUMNS = (
    Column("path", "name", least=16, by_its_end=True),
    Column("old", "size"),
    Column("new", "size", joined=" → "),
    Column("files", rank=2),
    Column("md5", "name", rank=1),
    Column("mark", "mark", head=""),
)
_CODE_COLUMNS = (
    Column("path", "name", least=16, by_its_end=True),
    Column("status", head=""),
    Column("lines"),
)
_COMMAND_COLUMNS = (Column("old", limit=0), Column("new", limit=0, joined=" → "))
_HYPOTHESIS_COLUMNS = (
    Column("run", "name", least=16),
    Column("expected", limit=60),
    Column("verdict", "mark"),
)
_MD5_DIGITS = 8


def diff_document(diff: Diff, samples: Samples | None = None) -> Document:
    """Show the changes by section; with none, say what was compared.

    `samples` holds the repeats of metrics, if there are some.
    """
    known = samples or {}
    compared = "params, metrics, data{} and code".format(
        "" if diff.environment is None else ", environment"
    )
    return Document(
        data=lambda: diff_data(diff, known),
        flat=lambda: Flat(_FLAT, tuple(_flat(diff))),
        tables=lambda: diff_tables(diff),
        heading=(diff.old, diff.new) if diff else (),
        notes=_repeats(diff, known)
        if diff
        else (f"{diff.old} → {diff.new}: no differences in {compared}",),
    )


def _repeats(diff: Diff, samples: Samples) -> tuple[str, ...]:
    if not samples:
        return ()
    from gitexp.review.noise import repeats_words  # noqa: PLC0415 - 1 ms, where runs repeat

    return tuple(repeats_words(diff.metrics, samples))


def change_mark(change: Change) -> str:
    """Return what to say of a change: its mark, or that one side has no such value."""
    if change.old is ABSENT or change.new is ABSENT:
        return "added" if change.old is ABSENT else "removed"
    return f"~ {change.mark}" if change.mark.startswith("within") else change.mark


def changes_table(title: str, changes: Iterable[Change], file: str = "") -> Table:
    """Return the changes of one file, or of an environment."""
    rows = [
        (
            change.name,
            change.old,
            change.new,
            *((change.delta, change.relative) if title == "Metrics" else (None, None)),
            change_mark(change),
        )
        for change in changes
    ]
    return Table(_CHANGE_COLUMNS, rows, title, file)


def diff_tables(diff: Diff) -> Iterator[Table]:
    """Yield a table for each file of metrics and params, and for each other section."""
    for title, changes in (("Metrics", diff.metrics), ("Params", diff.params)):
        for file in dict.fromkeys(change.file for change in changes):
            yield changes_table(title, [change for change in changes if change.file == file], file)
    if diff.commands:
        yield Table(_COMMAND_COLUMNS, [[text or NONE for text in diff.commands]], "Command")
    if diff.hypotheses:
        told = [(label, one.expect, one.verdict or "not judged") for label, one in diff.hypotheses]
        yield Table(_HYPOTHESIS_COLUMNS, told, "Hypotheses")
    if diff.data:
        yield _data_table(diff.data)
    surroundings = (("Environment", diff.environment), ("Machine", diff.machine))
    yield from (changes_table(title, found) for title, found in surroundings if found)
    if diff.outputs:
        rows = [_code_row(change)[:2] for change in diff.outputs]
        yield Table(_CODE_COLUMNS[:2], rows, "Plots and outputs")
    if diff.code:
        yield Table(_CODE_COLUMNS, [_code_row(change) for change in diff.code], "Code")


def _data_table(changes: Iterable[DataChange]) -> Table:
    """Return the changes of data; if no size differs, the first size is not called old."""
    rows = [_data_row(change) for change in changes]
    path, old, *others = _DATA_COLUMNS
    if all(row[2] is BLANK for row in rows):
        old = replace(old, name="size")
    return Table((path, old, *others), rows, "Data and models")


def _data_row(change: DataChange) -> tuple[object, ...]:
    old, new = change.old, change.new
    path = shown_move(change.old_path, change.path) if change.old_path else change.path
    if old is None or new is None:
        mark = "added" if old is None else "removed"
        files = new or old
        count = files.nfiles if files else None
        shown = "" if count is None else counted(count, "file")
        return path, _size(old), _size(new), shown, "", mark
    roles = f"{old.role} → {new.role}" if old.role != new.role else ""
    same_size = old.size == new.size
    sizes = (new.size, BLANK) if same_size else (old.size, new.size)
    mark = roles or ("changed" if same_size else "")
    md5s = f"md5 {old.md5[:_MD5_DIGITS]} → {new.md5[:_MD5_DIGITS]}" if same_size else ""
    return path, *sizes, _files(old.nfiles, new.nfiles), md5s, mark


def _size(pointer: DataPointer | None) -> object:
    return ABSENT if pointer is None else pointer.size


def _files(old: int | None, new: int | None) -> str:
    if old == new or old is None or new is None:
        return ""
    return f"{old} → {counted(new, 'file')}"


def _code_row(change: CodeChange) -> tuple[str, str, str]:
    path = change.path
    if change.old_path is not None:
        is_renamed = change.status != "modified"
        path = f"{change.old_path} → {path}" if is_renamed else shown_move(change.old_path, path)
    if change.added is None or change.removed is None:
        return path, change.status, "binary"
    lines = f"+{change.added} -{change.removed}" if change.added or change.removed else ""
    return path, change.status, lines


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


def _flat(diff: Diff) -> Iterator[tuple[object, ...]]:
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
