"""What `gitexp diff` shows of more than two sides: a column for each, a row for what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from gitexp.comparison.changes import ABSENT, CodeChange
from gitexp.comparison.differences import (
    CodeDifference,
    DataDifference,
    Difference,
    Differences,
)
from gitexp.model.record import DataPointer
from gitexp.rendering.cells import NONE, size_row, value_row
from gitexp.rendering.surroundings import by_kind
from gitexp.rendering.table import Column, Document, Flat, Group, Table

_VALUE_LIMIT = 24
_COMMAND_LIMIT = 40
_LEAST_OF_A_LABEL = 10
_MD5_DIGITS = 8
_WORDS = {"added": "new", "deleted": "deleted", "renamed": "renamed", "copied": "copied"}
_OF_POINTERS = ("md5", "size", "nfiles")
_OF_CODE = ("status", "added", "removed")


class _Rows(Struct):
    """The rows of one table, as they come."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    best: set[tuple[int, int]] = field(default_factory=set)

    def begin(self, title: str, about: str = "") -> None:
        self.groups.append(Group(len(self.rows), title, about))

    def add(self, name: str, cells: Iterable[str], best: Iterable[int] = ()) -> None:
        self.best.update((len(self.rows), at + 1) for at in best)
        self.rows.append((name, *cells))


def differences_document(found: Differences, oids: Sequence[str | None]) -> Document:
    """Show what differs, or say that nothing does; `oids` are the sides' commits."""
    compared = "params, metrics, data{} and code".format(
        "" if found.environment is None else ", environment"
    )
    same = f"{', '.join(found.labels)}: no differences in {compared}"
    return Document(
        data=lambda: _data(found, oids),
        flat=lambda: Flat(("section", "file", "name", *found.labels, "best"), list(_flat(found))),
        tables=lambda: [_table(found)] if found else [],
        notes=() if found else (same,),
        legend="best by the goals of the policy" if any(one.best for one in found.metrics) else "",
    )


def _table(found: Differences) -> Table:
    rows = _Rows()
    _add_values(rows, "Metrics", found.metrics)
    _add_values(rows, "Params", found.params)
    if found.commands:
        rows.begin("Command")
        rows.add("command", value_row([one or ABSENT for one in found.commands], _COMMAND_LIMIT))
    if found.data:
        rows.begin("Data and models")
        for moved in found.data:
            rows.add(*_data_cells(moved))
    if found.environment:
        rows.begin("Environment")
        for package in found.environment:
            rows.add(package.name, _versions(package, found.without_environment))
    for title, parts in by_kind(found.machine or ()):
        rows.begin(title)
        for part in parts:
            rows.add(part.name, _versions(part, found.without_machine))
    _add_files(rows, f"Plots and outputs, from {found.labels[0]}", found.outputs, _output_cell)
    _add_files(rows, f"Code, from {found.labels[0]}", found.code, _code_cell)
    columns = (
        Column("name", "name", head="", least=16, by_its_end=True),
        *_label_columns(found),
    )
    return Table(
        columns, rows.rows, header=True, groups=tuple(rows.groups), best=frozenset(rows.best)
    )


def _add_values(rows: _Rows, title: str, each: Sequence[Difference]) -> None:
    file = None
    for one in each:
        if one.file != file:
            file = one.file
            rows.begin(title, file)
        rows.add(one.name, value_row(one.values, _VALUE_LIMIT), one.best)


def _add_files(
    rows: _Rows,
    title: str,
    each: Sequence[CodeDifference],
    cell: Callable[[CodeChange | None], str],
) -> None:
    if each:
        rows.begin(title)
    for one in each:
        rows.add(one.path, map(cell, one.changes))


def _output_cell(change: CodeChange | None) -> str:
    return "" if change is None else change.status


def _label_columns(found: Differences) -> Iterator[Column]:
    """Yield the columns; the first stays, and those with the best of something stay longer."""
    best = {at for one in found.metrics for at in one.best}
    for at, label in enumerate(found.labels):
        rank = at if at in best or not at else at + len(found.labels)
        yield Column(label, rank=rank, limit=_VALUE_LIMIT, least=_LEAST_OF_A_LABEL)


def _data_cells(moved: DataDifference) -> tuple[str, list[str]]:
    """Return the sizes, or what tells the contents apart if sizes do not."""
    there = [pointer for pointer in moved.pointers if pointer is not None]
    sizes = [ABSENT if pointer is None else pointer.size for pointer in moved.pointers]
    if len({pointer.md5 for pointer in there}) == len({pointer.size for pointer in there}):
        return moved.path, size_row(sizes)
    return f"{moved.path} (md5)", _md5s(moved.pointers)


def _md5s(pointers: Sequence[DataPointer | None]) -> list[str]:
    md5s = [NONE if pointer is None else pointer.md5 for pointer in pointers]
    short = [md5[:_MD5_DIGITS] for md5 in md5s]
    return short if len(set(short)) == len(set(md5s)) else value_row(md5s, 2 * _MD5_DIGITS)


def _versions(package: Difference, unknown: frozenset[int]) -> list[str]:
    texts = value_row(package.values, _VALUE_LIMIT)
    return ["?" if at in unknown else text for at, text in enumerate(texts)]


def _code_cell(change: CodeChange | None) -> str:
    if change is None:
        return ""
    word = _WORDS.get(change.status, "")
    if change.added is None or change.removed is None:
        return f"{word} binary".strip()
    added = f"+{change.added}" if change.added or not change.removed else ""
    removed = f"-{change.removed}" if change.removed else ""
    return " ".join(part for part in (word, added, removed) if part)


def _data(found: Differences, oids: Sequence[str | None]) -> dict[str, object]:
    """Return the JSON value: lists of what differs; a label without a value is left out."""
    labels = found.labels
    return {
        "revs": dict(zip(labels, oids, strict=True)),
        "metrics": [
            {**_named(one, labels), "best": [labels[at] for at in sorted(one.best)]}
            for one in found.metrics
        ],
        "params": [_named(one, labels) for one in found.params],
        **({"command": dict(zip(labels, found.commands, strict=True))} if found.commands else {}),
        "data": [
            {"path": one.path, "values": _by_label(labels, map(_pointer, one.pointers))}
            for one in found.data
        ],
        "environment": [
            {"name": one.name, "values": _by_label(labels, one.values)}
            for one in found.environment or ()
        ],
        "machine": [
            {"name": one.name, "values": _by_label(labels, one.values)}
            for one in found.machine or ()
        ],
        "outputs": [
            {"path": one.path, "values": _by_label(labels, map(_status, one.changes))}
            for one in found.outputs
        ],
        "code": [
            {"path": one.path, "values": _by_label(labels, map(_code, one.changes))}
            for one in found.code
        ],
    }


def _named(one: Difference, labels: Sequence[str]) -> dict[str, object]:
    return {"file": one.file, "name": one.name, "values": _by_label(labels, one.values)}


def _by_label(labels: Sequence[str], values: Iterable[object]) -> dict[str, object]:
    pairs = zip(labels, values, strict=True)
    return {label: value for label, value in pairs if value is not ABSENT}


def _pointer(pointer: DataPointer | None) -> object:
    if pointer is None:
        return ABSENT
    return {name: getattr(pointer, name) for name in (*_OF_POINTERS, "role")}


def _status(change: CodeChange | None) -> object:
    return ABSENT if change is None else change.status


def _code(change: CodeChange | None) -> object:
    return ABSENT if change is None else {name: getattr(change, name) for name in _OF_CODE}


def _flat(found: Differences) -> Iterator[tuple[object, ...]]:
    for section, each in (
        ("metrics", found.metrics),
        ("params", found.params),
        ("environment", found.environment or ()),
        ("machine", found.machine or ()),
    ):
        for one in each:
            best = [found.labels[at] for at in sorted(one.best)]
            yield section, one.file, one.name, *one.values, best or ABSENT
    if found.commands:
        commands = [ABSENT if one is None else one for one in found.commands]
        yield "command", "", "command", *commands, ABSENT
    for moved in found.data:
        yield from _facts("data", moved.path, _OF_POINTERS, list(map(_pointer, moved.pointers)))
    for output in found.outputs:
        statuses = [_status(change) for change in output.changes]
        yield "outputs", output.path, "status", *statuses, ABSENT
    for code in found.code:
        yield from _facts("code", code.path, _OF_CODE, list(map(_code, code.changes)))


def _facts(
    section: str, path: str, names: Iterable[str], facts: Sequence[object]
) -> Iterator[tuple[object, ...]]:
    """Yield a row for each fact that is not the same, or missing, everywhere."""
    for name in names:
        values = [fact[name] if isinstance(fact, Mapping) else ABSENT for fact in facts]
        cells = [ABSENT if value is None else value for value in values]
        if len(set(cells)) > 1:
            yield section, path, name, *cells, ABSENT
