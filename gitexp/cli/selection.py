"""`--where` and its companions: the runs that a person wants."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ParamSpec, TypeVar, overload

import click

from gitexp.cli.options import tell
from gitexp.comparison.query.expression import Column
from gitexp.model.record_json import UnreadableRecord, on_one_line
from gitexp.model.values import Json, Value
from gitexp.project import Project
from gitexp.rendering.ls import run_data
from gitexp.rendering.run_rows import RunRow, UnreadableRun
from gitexp.store.index.selection import Selection
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import hidden_ref

P = ParamSpec("P")
R = TypeVar("R")


def where_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--where`; the command gets `where`."""
    return click.option(
        "--where", metavar="EXPR", help='Only the runs that match, as in "accuracy > 0.9".'
    )(command)


def sort_order_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--sort-order`; the command gets `sort_order`."""
    return click.option(
        "--sort-order",
        type=click.Choice(["asc", "desc"]),
        help="Which come first; by default the best, as the goals of gitexp.yaml say.",
    )(command)


def limit_option(
    what: str, default: int | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return what adds `-N`; the command gets `limit`, in which 0 stands for all."""
    return click.option(
        "-N",
        "--limit",
        type=click.IntRange(min=0),
        default=default,
        show_default=default is not None,
        help=f"{what}, 0 for all.",
    )


def asked_of_curves(project: Project, column: Column) -> Callable[[str], Value] | None:
    """Return what answers by a run's id what a column asks of its curves; None for another one."""
    if column.kind != "series":
        return None
    return functools.partial(project.runs.index.value, column)


def matching_runs(
    project: Project, where: str | None, limit: int | None = None, *, removed: bool = False
) -> list[StoredRun]:
    """Return the runs that match, or the removed ones that do, the last to end first."""
    from gitexp.store.wanted import query  # noqa: PLC0415 - 2 ms, where it is asked for

    store = project.runs
    meant = query(store, where, project=store.project) if where is not None else None
    return store.index.select(Selection(store.project, meant, limit=limit, removed=removed))


class Rows(Sequence[RunRow]):
    """Runs as rows of a list, each read when it is asked for: a record takes 10 KB."""

    def __init__(self, runs: Sequence[StoredRun]) -> None:
        self._runs = runs

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._runs)

    @overload
    def __getitem__(self, at: int) -> RunRow: ...
    @overload
    def __getitem__(self, at: slice) -> Rows: ...
    def __getitem__(self, at: int | slice) -> RunRow | Rows:
        """Read one; of a slice, none yet."""
        return Rows(self._runs[at]) if isinstance(at, slice) else _row_of(self._runs[at])

    def __iter__(self) -> Iterator[RunRow]:
        """Read one after the other."""
        return map(_row_of, self._runs)

    def data(self) -> Iterator[object]:
        """Yield the runs for programs: as they were written, if nothing was said of them since.

        To read and to write a thousand records takes as long as everything else together.
        """
        for run in self._runs:
            yield _as_written(run) or run_data(_row_of(run))


def _as_written(run: StoredRun) -> Json | None:
    text = on_one_line(run.content) if run.checked and run.facts.last is None else None
    return Json(f'{{"oid":"{run.oid}",{text[1:-1]},"comments":[]}}') if text else None


def _row_of(run: StoredRun) -> RunRow:
    """Return a run as a row of a list; one that cannot be read says why."""
    try:
        return run.oid, run.record
    except UnreadableRecord as unreadable:
        return UnreadableRun(run.oid, run.problem or str(unreadable))


def name_hidden_refs(project: Project, texts: Iterable[str]) -> None:
    """Say where a run is taken for what git calls a branch or a tag."""
    for text in dict.fromkeys(texts):
        ref = hidden_ref(project.runs, text) if text not in ("HEAD", "workspace") else None
        if ref is not None:
            tell(f"note: '{text}' is the run of that name; '{ref}' is what git has")
