"""What `gitexp diff` shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT, Change, CodeChange, DataChange, Diff
from gitexp.comparison.counterparts import shown_move
from gitexp.model.numbers import counted
from gitexp.model.record import DataPointer
from gitexp.rendering.cells import NONE
from gitexp.rendering.diff_data import COLUMNS, change_mark, diff_data, diff_rows
from gitexp.rendering.surroundings import by_kind
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

if TYPE_CHECKING:
    from gitexp.review.statistics import Samples

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
        flat=lambda: Flat(COLUMNS, tuple(diff_rows(diff))),
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
    around = by_kind(diff.machine or (), diff.environment or ())
    yield from (changes_table(title, found) for title, found in around)
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
