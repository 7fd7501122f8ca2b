"""The pointers of all runs, read from their records in one pass.

That takes 45 ms with 10,000 runs. A table of them would take as long of every first index, for a
question that is asked now and then.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import Decoder

from gitexp.model.facts import Facts
from gitexp.store.index.facts_text import facts_from

_AT_ONCE = 500


class ReadPointer(Struct, frozen=True):
    """A pointer as a record has it, as far as it matters here."""

    path: str
    md5: str
    role: str = "input"
    size: int | None = None
    nfiles: int | None = None


class _Record(Struct, frozen=True):
    """A record, as far as it is read here."""

    pointers: tuple[ReadPointer, ...] = ()
    command: tuple[str, ...] = ()


class RunPointers(Struct, frozen=True):
    """The pointers of one run."""

    position: int
    pointers: tuple[ReadPointer, ...]
    is_saved: bool
    """Whether it has no command: then nobody knows what wrote its outputs."""


class RunNode(Struct, frozen=True):
    """One run, as far as a graph says who it is."""

    position: int
    oid: str
    id: str
    name: str
    project: str
    status: str
    started: str
    removed: bool


def all_pointers(connection: sqlite3.Connection) -> Iterator[RunPointers]:
    """Yield the pointers of all runs of all projects that can be read, in the order of runs.

    What an earlier run of the same command left, and a failed one did not come to write again,
    is none of its inputs, though its tree has it where somebody has committed it.
    """
    decoder = Decoder(_Record)
    own: dict[tuple[bytes, tuple[str, ...]], set[str]] = {}
    asked = (
        "SELECT position, content, project, status FROM runs JOIN contents USING (position)"
        " WHERE readable ORDER BY position"
    )
    for position, content, project, status in connection.execute(asked):
        try:
            record = decoder.decode(content)
        except (DecodeError, ValidationError, UnicodeDecodeError):  # made by hand
            continue
        pointers, command = record.pointers, record.command
        wrote = {one.path for one in pointers if one.role == "output"}
        if wrote and command:
            own.setdefault((project, command), set()).update(wrote)
        elif status == "failed":
            left = own.get((project, command), ())
            pointers = tuple(one for one in pointers if one.path not in left)
        if pointers:
            yield RunPointers(position, pointers, not command)


def runs_known(connection: sqlite3.Connection, positions: Iterable[int]) -> dict[int, RunNode]:
    """Return who runs are, by their positions."""
    wanted, found = list(positions), dict[int, RunNode]()
    for at in range(0, len(wanted), _AT_ONCE):
        part = wanted[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            "SELECT position, oid, id, name, project, status, started, removed FROM runs"
            f" WHERE position IN ({marks})",
            part,
        )
        for position, oid, run_id, name, project, status, started, removed in rows:
            folder = os.fsdecode(project)
            found[position] = RunNode(
                position, oid, run_id, name, folder, status or "", started or "", bool(removed)
            )
    return found


def position_of(connection: sqlite3.Connection, oid: str) -> int | None:
    """Return where the run of a commit stands; None if it is no run of the branch."""
    row = connection.execute("SELECT position FROM runs WHERE oid = ?", (oid,)).fetchone()
    return row[0] if row is not None else None


def evaluated_runs(connection: sqlite3.Connection) -> Iterator[tuple[int, Facts]]:
    """Yield the runs that were evaluated on held-out data, with what was said of them."""
    asked = (
        "SELECT position, facts FROM runs JOIN facts USING (id)"
        " WHERE instr(facts, '\"held_out\":') ORDER BY position"
    )
    for position, facts in connection.execute(asked).fetchall():
        yield position, facts_from(facts)
