"""What `--expect` says, held against what is known before the command starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from difflib import get_close_matches

from gitexp.comparison.diff import diff_documents
from gitexp.comparison.expectation import (
    BASELINE,
    BEST,
    Expected,
    leaves,
    parse_expectation,
    resolved,
)
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import GitexpError
from gitexp.inputs.freshness import read_origins
from gitexp.inputs.repeats import repeats_of_commit
from gitexp.model.hypothesis import Hypothesis, Reference, one_line
from gitexp.model.identical import identical
from gitexp.model.record import Documents
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.selectors import UnknownRun, get_run
from gitexp.store.stored_run import StoredRun


def hypothesis(project: Project, text: str, baseline: str) -> Hypothesis:
    """Return what is expected, with the numbers that it will be compared with.

    Raises GitexpError for what could not be judged afterwards: a metric that neither a run nor
    the baseline has, a run that does not exist, a reference without the value.
    """
    reading = Reading(project, commit_revision(project, baseline, "the baseline"))
    known = dict.fromkeys((*project.runs.index.columns(project.folder), *_columns(reading)))
    expectation = resolved(parse_expectation(text, now=datetime.now(timezone.utc)), known)
    wanted: dict[str, list[Column]] = {}
    for leaf in leaves(expectation):
        if isinstance(leaf, Expected):
            wanted.setdefault(leaf.reference, []).append(leaf.column)
    return Hypothesis(
        expect=one_line(text),
        against={name: _reference(reading, name, columns) for name, columns in wanted.items()},
    )


def _columns(reading: Reading) -> Iterable[Column]:
    """Return the values that the baseline has, and the metrics that the policy names."""
    side, policy = reading.side, reading.config.policy
    yield from (Column("metrics", name) for name in flat_values(side.metrics))
    yield from (Column("params", name) for name in flat_values(side.params))
    yield from (Column("metrics", name) for name, _ in policy.rules if name.isidentifier())


def _reference(reading: Reading, name: str, columns: Sequence[Column]) -> Reference:
    if name == BASELINE:
        return _baseline(reading, columns)
    run = _run(reading.project, name)
    record = run.record
    values = _values(columns, record.metrics, record.params)
    _check(values, columns, f"run '{run.name}'", "Compare with a run that has it.")
    return Reference(run.oid, run.id, run.name, values)


def _run(project: Project, name: str) -> StoredRun:
    try:
        return get_run(project.runs, name)
    except UnknownRun as unknown:
        if name.startswith((f"{BASELINE}-", f"{BEST}-")):
            reference, _, amount = name.partition("-")
            hint = f"A name may have a minus in it; write `{reference} - {amount}`."
            raise UnknownRun(str(unknown), hint=hint) from unknown
        close = get_close_matches(name, (BASELINE, BEST), n=1)
        if close:
            hint = f"Did you mean '{close[0]}'?"
            raise UnknownRun(str(unknown), hint=hint) from unknown
        raise


def _baseline(reading: Reading, columns: Sequence[Column]) -> Reference:
    """Return what the baseline holds; if it has no metrics, what a run of it as it is came to."""
    oid, side = reading.revision.commit, reading.side
    assert oid is not None
    metrics: Documents = side.metrics
    run = read_origins(reading).only_run if metrics else _run_of(reading)
    if run is not None and not metrics:
        metrics = run.record.metrics
    values = _values(columns, metrics, side.params)
    what = f"the baseline {oid[:10]}"
    hint = (
        "Run it once as it is, with `gitexp run`, or compare with a run: `--expect 'METRIC > RUN'`."
    )
    _check(values, columns, what, hint)
    known = (run.id, run.name) if run is not None else ("", "")
    return Reference(oid, *known, values)


def _run_of(reading: Reading) -> StoredRun | None:
    """Return the last run of a commit as it is; if there is none, the last one of other seeds."""
    found = list(repeats_of_commit(reading))
    params = reading.side.params
    same = (
        run
        for run in found
        if not diff_documents(params, _in(params, run.record.params), equal=identical)
    )
    return next(same, next(iter(found), None))


def _in(files: Documents, params: Documents) -> Documents:
    """Return the params of these files, without those of a command line."""
    return {file: values for file, values in params.items() if file in files}


def _values(columns: Iterable[Column], metrics: Documents, params: Documents) -> dict[str, Value]:
    flat: Mapping[str, Mapping[str, Value]] = {
        "metrics": flat_values(metrics),
        "params": flat_values(params),
    }
    return {
        str(one): value for one in columns if (value := flat[one.kind].get(one.name)) is not None
    }


def _check(values: Mapping[str, Value], columns: Iterable[Column], what: str, hint: str) -> None:
    for column in columns:
        if str(column) not in values:
            raise GitexpError(f"{what} has no '{column.name}' to compare with", hint=hint)
