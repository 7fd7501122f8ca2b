"""`--where` and its companions: the runs that a person wants."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

import click

from gitexp.cli.options import tell
from gitexp.comparison.query.expression import Column
from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.selectors import hidden_ref
from gitexp.store.stored_run import StoredRun

P = ParamSpec("P")
R = TypeVar("R")

_NAME = lazy_pattern(r"[^\W\d][\w.:/-]*")


def where_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--where`; the command gets `where`."""
    return click.option(
        "--where",
        metavar="EXPR",
        callback=_quoted,
        help='Only the runs that match, as in "accuracy > 0.9".',
    )(command)


def _quoted(context: click.Context, _: click.Parameter, text: str | None) -> str | None:
    """Refuse a name alone: it is what is left of an expression without quotes."""
    if text is not None and not context.resilient_parsing and _NAME.fullmatch(text):
        raise GitexpError(
            f"'{text}' alone is no condition",
            hint=f'Quote the expression, as in `--where "{text} > 0.9"`: '
            "without quotes the shell splits it, and takes `>` for itself.",
        )
    return text


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


def name_hidden_refs(project: Project, texts: Iterable[str]) -> None:
    """Say where a run is taken for what git calls a branch or a tag."""
    for text in dict.fromkeys(texts):
        ref = hidden_ref(project.runs, text) if text not in ("HEAD", "workspace") else None
        if ref is not None:
            tell(f"note: '{text}' is the run of that name; '{ref}' is what git has")
