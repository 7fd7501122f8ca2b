"""What became of a hypothesis, once the command has ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone

from msgspec import Struct, field
from msgspec.structs import replace

from gitexp.comparison.expectation import BASELINE, parse_expectation, resolved
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.place import QueryError, UnknownName
from gitexp.comparison.query.run_values import RunValues, attributes_of, flat_values
from gitexp.execution.stages import Started
from gitexp.inputs.repeats import Repeats, repeats_of, repeats_of_commit
from gitexp.model.hypothesis import Hypothesis, Verdict
from gitexp.model.record import Documents, RunRecord
from gitexp.model.values import is_number
from gitexp.review.expectation import judged
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.stored_run import StoredRun


def with_verdict(started: Started, record: RunRecord) -> RunRecord:
    """Return the record with what became of its hypothesis."""
    hypothesis = record.hypothesis
    if hypothesis is None:
        return record
    found = replace(hypothesis, verdict=_verdict(started, record, hypothesis))
    return replace(record, hypothesis=found)


def _verdict(started: Started, record: RunRecord, hypothesis: Hypothesis) -> Verdict:
    if record.status != "done":  # a training that was cut off may still come to other numbers
        return "not measured"
    metrics, params = flat_values(record.metrics), flat_values(record.params)
    own = [Column("metrics", name) for name in metrics] + [
        Column("params", name) for name in params
    ]
    project = started.project
    known = dict.fromkeys((*own, *project.runs.index.columns(project.folder)))
    try:
        expectation = resolved(
            parse_expectation(hypothesis.expect, now=datetime.now(timezone.utc)), known
        )
    except UnknownName:
        return "not measured"
    except QueryError as ambiguous:  # before the first run nobody knows what its metrics are called
        hint = f" ({ambiguous.hint})" if ambiguous.hint else ""
        why = str(ambiguous).splitlines()[0]
        started.tell(f"warning: the hypothesis cannot be judged: {why}{hint}")
        return "not measured"
    values = RunValues(attributes_of(record), metrics, params)
    return judged(expectation, hypothesis, values, _Numbers(started, record, hypothesis).of)


class _Numbers(Struct, frozen=True):
    """The metrics of repeats, each side read once."""

    started: Started
    record: RunRecord
    hypothesis: Hypothesis
    known: dict[str, list[Documents]] = field(default_factory=dict)

    def of(self, reference: str, column: Column) -> Sequence[float]:
        """Return the values of a metric over the repeats of a reference; '' is this run."""
        if reference not in self.known:
            self.known[reference] = list(self._metrics(reference))
        values = (flat_values(one).get(column.name) for one in self.known[reference])
        return [value for value in values if is_number(value)]

    def _metrics(self, reference: str) -> Iterable[Documents]:
        if not reference:
            return Repeats(self.started.project, self.started.commit, self.record).metrics()
        runs = {run.id: run.record.metrics for run in self._runs(reference)}
        return runs.values()

    def _runs(self, reference: str) -> Iterator[StoredRun]:
        """Yield the run that a reference is, and its repeats.

        Those of a baseline may have been run before its metrics were committed, or since.
        """
        project, known = self.started.project, self.hypothesis.against[reference]
        found = project.runs.index.named(known.run, project.folder) if known.run else []
        for run in found[:1]:
            yield run
            yield from repeats_of(project, run).others()
        if reference == BASELINE:
            revision = commit_revision(project, known.commit, reference)
            yield from repeats_of_commit(Reading(project, revision))
