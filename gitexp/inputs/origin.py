"""The runs that metrics may be from, the likely ones first; never all runs one by one."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping

from gitexp.comparison.query.expression import And, Column, Comparison
from gitexp.inputs.sought import Sought
from gitexp.model.message import FROM_RUN_TRAILER
from gitexp.model.record import Documents
from gitexp.model.values import Values, flatten, is_number
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.stored_run import StoredRun

_ANCESTORS = 50
"""How many commits back a trailer or a baseline is looked for."""
_ON_ONE = 20
"""How many runs of one baseline are looked at."""
_OF_EQUALS = 50
"""How many runs with the same metrics are looked at."""
_COMPARED = 2
"""How many numbers of one file the index is asked for; each is a look at all runs."""


def likely_runs(commit: str | None, sought: Sought) -> Iterator[StoredRun]:
    """Yield runs that the metrics may be of, each once.

    First those that earlier commits name as where they are from, and those that started on
    these; then whatever run has the same numbers, and last removed runs, which count as well.
    For files that no record holds, the newest runs are asked.
    """
    seen: set[str] = set()
    project, index = sought.project, sought.project.runs.index
    equal = (_equal(project, sought.documents, removed=removed) for removed in (False, True))
    newest = index.runs(project.folder, limit=_OF_EQUALS) if sought.large else ()
    for run in itertools.chain(runs_around(project, commit), *equal, newest):
        if run.oid not in seen:
            seen.add(run.oid)
            yield run


def named_around(project: Project, commit: str | None) -> Iterator[tuple[str, list[str]]]:
    """Yield a commit and those before it, each with the ids of the runs that it names."""
    if commit is None:
        return
    form = f"--format=%H %(trailers:key={FROM_RUN_TRAILER},valueonly,unfold,separator=%x20)"
    options = (f"--max-count={_ANCESTORS}", form)
    listed = project.repository.line("log", *options, commit, "--")
    for line in listed.split("\n"):  # a message may have what Python ends lines at
        oid, *ids = line.split()
        yield oid, ids


def runs_around(project: Project, commit: str | None) -> Iterator[StoredRun]:
    """Yield the runs that a commit and those before it name, and those that started on them."""
    index = project.runs.index
    for oid, ids in named_around(project, commit):
        for run_id in ids:
            yield from index.named(run_id, project.folder)
        yield from index.last_on(oid, project.folder, limit=_ON_ONE)


def _equal(project: Project, metrics: Documents, *, removed: bool) -> Iterator[StoredRun]:
    times = Counter(name for values in metrics.values() for name in flatten(values))
    for file, values in metrics.items():
        telling = _telling_numbers(values, times)
        if not telling:
            continue
        forms = [telling]
        if any(times[name] > 1 for name in telling):  # such a column is named after its file, too
            forms.append({f"{file}:{name}": value for name, value in telling.items()})
        for form in forms:
            parts = tuple(
                Comparison(Column("metrics", name), "==", value) for name, value in form.items()
            )
            yield from project.runs.index.select(
                Selection(project.folder, where=And(parts), limit=_OF_EQUALS, removed=removed)
            )


def _telling_numbers(values: Values, times: Mapping[str, int]) -> dict[str, float]:
    """Return the numbers that the fewest other runs will have: with a fraction, and long."""
    numbers = [
        (name, value)
        for name, value in flatten(values).items()
        if is_number(value) and (isinstance(value, int) or math.isfinite(value))
    ]
    numbers.sort(key=lambda one: (times[one[0]] > 1, isinstance(one[1], int), -len(repr(one[1]))))
    return dict(numbers[:_COMPARED])
