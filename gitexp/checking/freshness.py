"""Whether the metrics of a revision are fresh: of a recorded run with the inputs that it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from gitexp.checking.inputs import ComparedInputs
from gitexp.checking.origin import likely_runs
from gitexp.checking.subject import Subject
from gitexp.comparison.diff import Side, diff_documents
from gitexp.execution.metrics import LARGEST
from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import flatten, same, without_long_lists
from gitexp.project import Project
from gitexp.review.freshness import Freshness
from gitexp.store.reading import StoredRun

_MOST_COMPARED = 12
"""With how many runs of the very metrics the inputs are compared."""
_MOST_READ = 200
"""How many runs are looked at for the very metrics."""

Found = tuple[StoredRun, RunRecord]


def read_freshness(project: Project, subject: Subject, side: Side) -> tuple[Freshness, ...]:
    """Say of each metrics file which run it is of, and what of its inputs changed since.

    `project` has the settings of the subject. Files of one run are told together. Of several
    runs with the same metrics, the one with the fewest changes counts.
    """
    wanted = _recordable(project, subject, side.metrics)
    if not wanted or project.runs.tip is None:
        return ()
    if subject.run is not None:
        run = subject.run
        return (Freshness(tuple(wanted), run.name, run.id, status=run.record.status),)
    found: dict[str, Freshness] = {}
    inputs = ComparedInputs(project, subject)
    for number, (run, record) in enumerate(
        _nearest_first(_runs_of(project, subject, wanted), side)
    ):
        files = _files_of(record, wanted, found)
        if files:
            freshness = replace(inputs.with_run(run, record), outputs=_others(record, side))
            for file in files:
                if file not in found or freshness.changed < found[file].changed:
                    found[file] = freshness
        if number + 1 >= _MOST_COMPARED or all(_is_fresh(found, file) for file in wanted):
            break
    return _by_run({file: found.get(file, Freshness((), None)) for file in wanted})


def too_large(project: Project, subject: Subject, metrics: Documents) -> list[str]:
    """Return the metrics files that no record holds, for they are too large."""
    read = subject.files.read
    return [file for file in metrics if len(read(project.path(file)) or b"") > LARGEST]


def _recordable(project: Project, subject: Subject, metrics: Documents) -> Documents:
    """Return the metrics as a record would have them; files without any are left out."""
    large = too_large(project, subject, metrics)
    cut = {
        file: without_long_lists(values)[0] for file, values in metrics.items() if file not in large
    }
    return {file: values for file, values in cut.items() if flatten(values)}


def _runs_of(project: Project, subject: Subject, wanted: Documents) -> Iterator[Found]:
    """Yield runs that have the metrics of a file."""
    for number, run in enumerate(likely_runs(project, subject.commit, wanted)):
        if number >= _MOST_READ:
            return
        try:
            record = run.record
        except UnreadableRecord:  # of a newer gitexp
            continue
        if _files_of(record, wanted, {}):
            yield run, record


def _nearest_first(runs: Iterable[Found], side: Side) -> Iterator[Found]:
    """Yield runs with the params of a side at once, then the others, the most alike first.

    Many runs may have come to the very metrics, and to compare the inputs takes git.
    """
    others: list[tuple[int, Found]] = []
    for run, record in runs:
        known = {file: values for file, values in record.params.items() if file in side.params}
        apart = len(diff_documents(known, side.params))
        if apart:
            others.append((apart, (run, record)))
        else:
            yield run, record
    yield from (found for _, found in sorted(others, key=lambda one: one[0]))


def _files_of(record: RunRecord, wanted: Documents, found: Mapping[str, Freshness]) -> list[str]:
    return [
        file
        for file, values in wanted.items()
        if same(record.metrics.get(file), values) and not _is_fresh(found, file)
    ]


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
