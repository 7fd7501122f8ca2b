"""What people ask for, with the names of their columns resolved: a query, an order, the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import TypeAlias

from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.expression import Column, Expression
from gitexp.comparison.ranking import Direction, natural_direction
from gitexp.data.pipelines import is_readable
from gitexp.errors import GitexpError
from gitexp.model.text import yaml_key
from gitexp.store.index.selection import Selection, Sort
from gitexp.store.runs import RunStore

Otherwise: TypeAlias = Callable[[Column], "Direction | None"]


def query(store: RunStore, text: str, *, project: str | None) -> Expression:
    """Return what an expression means among the runs of a project; raises QueryError."""
    from gitexp.comparison.query.parse import parse  # noqa: PLC0415 - 10 ms, where there is an expression

    parsed = parse(text, now=datetime.now(timezone.utc))
    from gitexp.comparison.query.resolve import resolve  # noqa: PLC0415 - 2 ms, as above

    known = store.index.columns(project)
    if "(" not in text:  # nothing is asked of a curve
        return resolve(parsed, known)
    from gitexp.comparison.query.curves import steps_asked  # noqa: PLC0415 - is there already

    found = resolve(parsed, [*known, *store.index.curves(project)])
    store.index.look_at(project, steps_asked(found))
    return found


def order(store: RunStore, text: str, direction: Direction | None, *, project: str | None) -> Sort:
    """Return the order by a column; the best come first if the policy says what is better."""
    column = _column(store, text, project)
    if column == Column("attribute", "tag"):
        raise GitexpError("runs cannot be sorted by 'tag'", hint="A run may have several.")
    return Sort(column, (direction or _natural(store, column) or _usual(column)) == "desc")


def _natural(store: RunStore, column: Column) -> Direction | None:
    if column.kind == "series":
        from gitexp.comparison.query.curves import parts_of  # noqa: PLC0415 - is there already

        key = parts_of(column.name)[1]
        dotted = key.replace("/", ".")  # as a policy spells what frameworks log as `val/loss`
        return natural_direction(store.policy, key) or natural_direction(store.policy, dotted)
    if column.kind != "metrics":
        return None
    return natural_direction(store.policy, column.name)


def _usual(column: Column) -> Direction:
    return "desc" if column.kind == "attribute" and column.name in ("started", "ended") else "asc"


def best_selection(
    store: RunStore,
    metric: str,
    *,
    where: str | None = None,
    limit: int | None = None,
    direction: Direction | None = None,
    unfinished: bool = False,
    otherwise: Otherwise = lambda _: None,
) -> Selection:
    """Return the runs that have a metric, the best first; those that failed only if asked for.

    `otherwise` says which direction is better where neither the caller nor the policy does.
    """
    project = store.project
    column = metric_column(store, metric)
    chosen = direction or _natural(store, column) or otherwise(column)
    if chosen is None:
        raise GitexpError(
            f"nothing says whether a high or a low '{_measured(column)}' is better",
            hint=_slip(store, column) or _how_to_say(column),
        )
    wanted = query(store, where, project=project) if where is not None else None
    return Selection(
        project,
        wanted,
        Sort(column, chosen == "desc", required=True),
        limit,
        done=not unfinished,
    )


def _column(store: RunStore, text: str, project: str | None) -> Column:
    known = store.index.columns(project)
    if text in ATTRIBUTES:
        return Column("attribute", text)
    exact = _exactly(text, known)
    if len(exact) == 1 and "`" not in text:
        return exact[0]
    return _looked_at(store, project, _resolved(text, _with_curves(store, text, known, project)))


def _exactly(text: str, known: Sequence[Column]) -> list[Column]:
    """Return the columns that need no more looking for: one alone is what a name means."""
    marked = [one for one in known if str(one) == text]
    end = f":{text}"
    return marked or [one for one in known if one.name == text or one.name.endswith(end)]


def _with_curves(
    store: RunStore, text: str, known: Sequence[Column], project: str | None
) -> Sequence[Column]:
    return [*known, *store.index.curves(project)] if text.endswith(")") else known


def _looked_at(store: RunStore, project: str | None, column: Column) -> Column:
    """Return a column whose values the index has."""
    if column.kind == "series":
        from gitexp.comparison.query.curves import is_at  # noqa: PLC0415 - is there already

        store.index.look_at(project, [column] if is_at(column) else [])
    return column


def _resolved(text: str, known: Sequence[Column]) -> Column:
    from gitexp.comparison.query.parse import parse_column  # noqa: PLC0415 - 15 ms with the one below, rarely needed
    from gitexp.comparison.query.resolve import resolve_column  # noqa: PLC0415

    return resolve_column(parse_column(text), known)


def any_column(store: RunStore, text: str, *, everywhere: bool = False) -> Column:
    """Return what a name means: an attribute, a metric or a param, perhaps of all projects."""
    return _column(store, text, None if everywhere else store.project)


def metric_column(store: RunStore, text: str) -> Column:
    """Return what a name means; one without a prefix is that of a metric."""
    known = store.index.columns(store.project)
    exact = _exactly(text, [one for one in known if one.kind == "metrics"])
    if len(exact) == 1 and text not in ATTRIBUTES:
        return exact[0]
    from gitexp.comparison.query.parse import parse_column  # noqa: PLC0415 - 15 ms with the one below, rarely needed
    from gitexp.comparison.query.resolve import resolve_metric  # noqa: PLC0415

    found = _with_curves(store, text, known, store.project)
    return _looked_at(store, store.project, resolve_metric(parse_column(text), found))


def trend_metric(store: RunStore, text: str) -> Column:
    """Return the metric that a name means, or the param that `params.lr` does."""
    column = metric_column(store, text)
    if column.kind == "attribute":
        raise GitexpError(
            f"'{text}' is not a metric", hint="A metric is a number that a run wrote."
        )
    return column


def _measured(column: Column) -> str:
    """Return the metric that a column is of: the one whose curve is asked."""
    if column.kind != "series":
        return column.name
    from gitexp.comparison.query.curves import parts_of  # noqa: PLC0415 - is there already

    return parts_of(column.name)[1]


def _slip(store: RunStore, column: Column) -> str | None:
    """Return what to do if the policy has the metric under a name that is a slip."""
    from gitexp.comparison.slips import slips  # noqa: PLC0415 - 1 ms, on the way out alone

    found = {meant: name for name, meant in slips(store.policy, [_measured(column)])}
    name = next(iter(found.values()), None)
    return f"`policy:` in gitexp.yaml calls it '{name}': mend that." if name is not None else None


def _how_to_say(column: Column) -> str:
    ordered = "give `--sort-order asc` or `desc` to `gitexp best`"
    if column.kind == "series":
        column = Column("metrics", _measured(column))
    if column.kind != "metrics":
        return f"{ordered[0].upper()}{ordered[1:]}."
    file, _, rest = column.name.partition(":")
    key = yaml_key(rest if rest and is_readable(file) else column.name)  # it may have a colon
    return f"Set `policy: {{{key}: {{goal: max}}}}`, or `goal: min`, in gitexp.yaml, or {ordered}."
