"""Whether the metrics of a revision are fresh: from a recorded run with the same inputs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.changes import Side
from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.origin import likely_runs
from gitexp.inputs.sought import Sought
from gitexp.model.identical import identical
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import unshared
from gitexp.review.freshness import Freshness
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import Revision
from gitexp.store.stored_run import StoredRun

_MOST_COMPARED = 12
"""With how many runs that have the same metrics the inputs are compared."""
_MOST_READ = 200
"""How many runs are looked at for the same metrics."""

Found = tuple[StoredRun, RunRecord, list[str]]


class Origins(Struct, frozen=True):
    """Which runs the metrics of a revision are from."""

    freshness: tuple[Freshness, ...] = ()
    """For each metrics file the run, and which inputs changed since; those of one run together."""
    runs: Mapping[str, StoredRun] = {}
    """The runs themselves, by id."""

    @property
    def only_run(self) -> StoredRun | None:
        """The run, if all metrics that have one are from the same."""
        ids = {one.run_id for one in self.freshness if one.run_id is not None}
        return self.runs[ids.pop()] if len(ids) == 1 else None


def read_freshness(reading: Reading) -> tuple[Freshness, ...]:
    """Return for each metrics file which run it is from, and which inputs changed since."""
    return read_origins(reading).freshness


def read_origins(reading: Reading) -> Origins:
    """Return which runs the metrics of a revision are from.

    Of several runs with the same metrics, the one with the fewest changes counts.
    """
    project, revision, side = reading.project, reading.revision, reading.side
    sought = Sought.of(reading)
    wanted = (*sought.documents, *sought.large)
    if not wanted or project.runs.tip is None:
        return Origins()
    if revision.run is not None:
        run = revision.run
        itself = Freshness(wanted, run.name, run.id, status=run.record.status)
        return Origins((itself,), {run.id: run})
    found: dict[str, Freshness] = {}
    runs: dict[str, StoredRun] = {}
    inputs, compared = ComparedInputs(project, revision, reading.declared), 0
    for run, record, files in _nearest_first(_runs_of(revision, sought), side):
        if all(_is_fresh(found, file) for file in files):
            continue
        runs[run.id] = run
        freshness = replace(inputs.with_run(run, record), outputs=_others(record, side))
        for file in files:
            if file not in found or freshness.changed < found[file].changed:
                found[file] = freshness
        compared += 1
        if compared >= _MOST_COMPARED or all(_is_fresh(found, file) for file in wanted):
            break
    return Origins(_by_run({file: found.get(file, Freshness((), None)) for file in wanted}), runs)


def _runs_of(revision: Revision, sought: Sought) -> Iterator[Found]:
    """Yield runs that have the metrics of a file, with those files."""
    for run in itertools.islice(likely_runs(revision.commit, sought), _MOST_READ):
        try:
            record = run.record
        except UnreadableRecord:  # of a newer gitexp
            continue
        files = sought.had_by(run, record)
        if files:
            yield run, record, files


def _nearest_first(runs: Iterable[Found], side: Side) -> Iterator[Found]:
    """Yield runs with the params of a side at once, then the others, the most alike first.

    Many runs may have come to the same metrics, and comparing the inputs takes git.
    """
    others: list[tuple[int, Found]] = []
    for found in runs:
        record = found[1]
        apart = sum(
            len(set().union(*unshared(record.params.get(file, {}), values, identical)))
            for file, values in side.params.items()
        )
        if apart:
            others.append((apart, found))
        else:
            yield found
    yield from (found for _, found in sorted(others, key=lambda one: one[0]))


def _others(record: RunRecord, side: Side) -> tuple[str, ...]:
    """Return the models and other outputs of a run in whose place a side has others."""
    return tuple(
        one.path
        for one in record.pointers
        if one.role == "output"
        if (here := side.pointers.get(one.path)) is not None and here.md5 != one.md5
    )


def _is_fresh(found: Mapping[str, Freshness], file: str) -> bool:
    return file in found and found[file].fresh


def _by_run(found: Mapping[str, Freshness]) -> tuple[Freshness, ...]:
    grouped: dict[str | None, list[str]] = {}
    for file, freshness in found.items():
        grouped.setdefault(freshness.run_id, []).append(file)
    return tuple(replace(found[files[0]], files=tuple(files)) for files in grouped.values())
