"""Reading runs from Python: all that `import gitexp` offers. Nothing is printed or written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.api.difference import Diff, diff_of
from gitexp.api.hints import hints
from gitexp.api.run import Run, run_of
from gitexp.api.sequence import Runs
from gitexp.comparison.diff import diff_sides
from gitexp.comparison.ranking import Direction
from gitexp.errors import GitexpError
from gitexp.model.policy import Goal
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.store.index.selection import Selection
from gitexp.store.stored_run import StoredRun
from gitexp.store.wanted import best_selection, order, query
from gitexp.sweep.goals import direction_by_sweeps

PathLike = str | os.PathLike[str]

_HOW_TO_SAY = "Give `goal='max'` or `goal='min'`, or a `policy:` in gitexp.yaml."
_DIRECTIONS: dict[Goal, Direction] = {"max": "desc", "min": "asc"}


def runs(
    where: str | None = None,
    *,
    sort_by: str | None = None,
    sort_order: Direction | None = None,
    limit: int | None = None,
    path: PathLike = ".",
    all_projects: bool = False,
) -> Runs:
    """Return the runs of a project, the one that ended last first.

    Args:
        where: Which runs, as `gitexp ls --where` has it:
            `"metrics.accuracy > 0.9 and params.train.lr <= 0.01"`. Without it, all.
        sort_by: A metric, param or attribute to sort by, by its flat name; runs without that
            value come last.
        sort_order: 'asc' for the lowest first, 'desc' for the highest; without it, the best
            first if the policy in `gitexp.yaml` says what is better.
        limit: How many runs at most, counted after sorting; without it, all.
        path: A folder in the project.
        all_projects: Whether to include the runs of the repository's other projects.

    Returns:
        The runs, a sequence with `to_pandas` and `to_polars`. Runs that need a newer gitexp
        are left out.

    Raises:
        GitexpError: `path` is not in a git repository, `where` cannot be understood (its
            message shows the place), no run has a value named `sort_by`, or there is no
            such `sort_order` or `limit`.
    """
    if sort_order not in (None, "asc", "desc"):
        raise GitexpError(f"no order '{sort_order}'", hint="Give 'asc' or 'desc'.")
    if limit is not None and limit < 0:
        raise GitexpError(f"no limit of {limit} runs", hint="Give 0 or more, or None for all.")
    with hints(), Project.open(Path(path).expanduser()) as project:
        store, folder = project.runs, None if all_projects else project.folder
        meant = query(store, where, project=folder) if where is not None else None
        sort = order(store, sort_by, sort_order, project=folder) if sort_by is not None else None
        wanted = Selection(folder, meant, sort, limit, readable=True)
        return Runs(_readable(project, store.index.select(wanted)), project.config.policy)


def get(selector: str, *, path: PathLike = ".") -> Run:
    """Return one run.

    Args:
        selector: A name or id or the start of one, `latest`, `latest~2`, or a git rev whose
            commit is a run.
        path: A folder in the project.

    Returns:
        The run.

    Raises:
        GitexpError: No run, or more than one, goes by the selector.
    """
    with hints(), Project.open(Path(path).expanduser()) as project:
        return run_of(project.root, get_run(project, selector))


def best(
    metric: str,
    *,
    where: str | None = None,
    goal: Goal | None = None,
    path: PathLike = ".",
) -> Run:
    """Return the run with the best value of a metric; of equal ones, the one that ended last.

    It is the first that `gitexp best` shows: runs that repeat one another compete by their mean,
    and the first of them stands for all.

    Args:
        metric: The flat name of a metric, such as `val.loss`, or the end of it.
        where: Which runs to choose from, as in `runs`.
        goal: 'max' or 'min'; without it, what the policy in `gitexp.yaml` says.
        path: A folder in the project.

    Returns:
        The best of the runs whose status is 'done'; NaN does not count.

    Raises:
        GitexpError: No run has the metric, nobody said which direction is better, or there
            is no such `goal`.
    """
    if goal is not None and goal not in _DIRECTIONS:
        raise GitexpError(f"no goal '{goal}'", hint="Give 'max' or 'min'.")
    with hints(), Project.open(Path(path).expanduser()) as project:
        direction = _DIRECTIONS[goal] if goal is not None else None
        try:
            wanted = best_selection(
                project.runs,
                metric,
                where=where,
                direction=direction,
                otherwise=lambda column: direction_by_sweeps(project, column),
            )
        except GitexpError as error:
            if direction is None and type(error) is GitexpError:  # as nobody said which way
                raise GitexpError(str(error), hint=_HOW_TO_SAY) from error
            raise
        from gitexp.sweep.best import first_of  # noqa: PLC0415 - 15 ms, for this alone

        stored = first_of(project, wanted)
        if stored is not None:
            return run_of(project.root, stored)
    among = " among those that match" if where is not None else ""
    raise GitexpError(f"no successful run has the metric '{metric}'{among}")


def diff(old: str = "HEAD", new: str = "workspace", *, path: PathLike = ".") -> Diff:
    """Return what changed from one side to the other, as `gitexp diff` shows it.

    Args:
        old: A run, any git rev, or `workspace`.
        new: Likewise.
        path: A folder in the project.

    Returns:
        The changes: `params`, `metrics`, `data`, `environment` and `code`. Each change has
        `name`, `old`, `new` and, for numbers, `delta` in the unit of the value; that of a metric
        also has a `mark`: better, worse, within tolerance, or within noise as its repeats show.

    Raises:
        GitexpError: One of the sides names nothing.
    """
    from gitexp.revisions.code import CodeDiff  # noqa: PLC0415 - 25 ms with the one below, not to list runs
    from gitexp.revisions.sides import read_side  # noqa: PLC0415

    with hints(), Project.open(Path(path).expanduser()) as project:
        one, other = read_side(project, old), read_side(project, new)
        with CodeDiff(project, one, other) as files:
            code, outputs = files.changes(), files.outputs()
        policy = project.config.policy
        found = diff_sides(one.side, other.side, code, policy, outputs)
        if found.metrics:
            from gitexp.inputs.behind import samples_between  # noqa: PLC0415 - 20 ms with the one below, where metrics differ
            from gitexp.review.noise import with_noise  # noqa: PLC0415

            found = with_noise(found, samples_between(project, one, other, found), policy)
        return diff_of(found)


def _readable(project: Project, found: Iterable[StoredRun]) -> Iterator[Run]:
    for stored in found:
        with contextlib.suppress(UnreadableRecord):
            yield run_of(project.repository.top / stored.project, stored)
