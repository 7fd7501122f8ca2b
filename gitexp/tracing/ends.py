"""The good and the bad end of a bisection: which commits they are, and what they were read as."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.ranking import ruled
from gitexp.errors import GitexpError
from gitexp.git.objects import is_oid
from gitexp.model.numbers import repeats_text
from gitexp.model.policy import Rule
from gitexp.project import Project
from gitexp.review.statistics import Sample, compare
from gitexp.store.fetched import has_runs
from gitexp.store.selectors import find_run, unknown
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.known import Command, Taken, metric_among, runs_at, taken
from gitexp.tracing.suspects import able_among

_LOOKED_BACK = 200
"""How many commits before the bad end are looked at for a good one, if none is named."""
_ALIKE = 50
"""How many commits that changed no input are looked behind for runs of an end."""
_MOST_TRIED = 3
"""How often an end is run until it says something."""


class End(Struct, frozen=True):
    """One end, as it was named."""

    label: str
    commit: str
    run: StoredRun | None
    """The run that was named, if one was."""


def named_end(project: Project, text: str) -> End:
    """Return the commit that a rev names, or that a run started on."""
    has_runs(project.runs, project.config)
    run = find_run(project.runs, text)
    if run is None:
        commit = None if text.startswith("-") else project.repository.objects.commit(text)
        if commit is None:
            raise unknown(project.runs, text, "run or rev")
        return End(text, commit, None)
    baseline = run.record.baseline
    if not is_oid(baseline) or project.repository.objects.commit(baseline) is None:
        raise GitexpError(
            f"the commit that run '{run.name}' started on is not here ({baseline[:10] or 'none'})",
            "Fetch the branch that has it, or name a commit.",
        )
    return End(run.name, baseline, run)


def known_good(project: Project, bad: End, command: Command, text: str) -> End:
    """Return the last commit before the bad one whose runs came to something else than its."""
    alike = alike_before(project, bad.commit)
    metric, values = _readings(project, alike, command, text)
    if not values:
        raise GitexpError(
            f"no run of {bad.label} with a metric '{text}' is recorded, so no good end is known",
            "Run it first: `gitexp run`; or name both: `gitexp bisect METRIC GOOD BAD`.",
        )
    rule = ruled(project.config.policy, metric) or Rule()
    asked = ("rev-list", f"--max-count={_LOOKED_BACK}", bad.commit, "--")
    for oid in project.repository.line(*asked).splitlines():
        if oid not in alike:
            _, there = _readings(project, [oid], command, metric)
            if there and not rule.tolerates(Sample(tuple(there)).mean, Sample(tuple(values)).mean):
                return End(oid[:10], oid, None)
    raise GitexpError(
        f"no recorded run before {bad.label} has another '{metric}'",
        "Name a good and a bad run or commit: `gitexp bisect METRIC GOOD BAD`.",
    )


def _readings(
    project: Project, oids: Sequence[str], command: Command, text: str
) -> tuple[str, list[float]]:
    """Return the whole name of a metric, and what runs of commits say of it."""
    runs = [run for oid in oids for run in runs_at(project, oid, command)]
    metric = metric_among(runs, text) or text
    values = [taken(run, metric).value for run in runs]
    return metric, [value for value in values if value is not None]


def alike_before(project: Project, oid: str) -> list[str]:
    """Return a commit and those before it that have the same inputs, as far as that is a line."""
    asked = ("rev-list", "--parents", "--first-parent", f"--max-count={_ALIKE}", oid, "--")
    listed = project.repository.line(*asked).splitlines()
    parents = {one: above for one, *above in map(str.split, listed)}
    able = able_among(project, parents)
    found = []
    for at, (one, above) in enumerate(parents.items()):
        found.append(one)
        if able >> at & 1 or len(above) != 1:
            break
    return found


def read_end(
    end: End,
    known: Sequence[Taken],
    read: Callable[[], Taken],
) -> list[Taken]:
    """Return what runs of an end say, if need be of one that is made now."""
    found = list(known)
    for _ in range(_MOST_TRIED):
        if any(one.value is not None for one in found):
            return found
        if any(one.value is None for one in found):
            break
        found.append(read())
    why = next(one.why for one in found if one.value is None)
    raise GitexpError(
        f"{end.label} says nothing: the run of {end.commit[:10]} {why}",
        "Name an end whose command works and writes the metric.",
    )


def counted_end(end: End, runs: Sequence[StoredRun], tell: Callable[[str], None]) -> End:
    """Return the end as it is called from here on: by its commit, if the named run does not count.

    That is said.
    """
    if end.run is None or end.run.id in {run.id for run in runs}:
        return end
    tell(
        f"note: run '{end.run.name}' is not of commit {end.commit[:10]} as it is, "
        "so it is not counted: other files, params or another command"
    )
    return replace(end, label=end.commit[:10])


def said_of(sample: Sample) -> str:
    """Return what the readings of an end came to."""
    return repeats_text(sample.mean, sample.deviation, len(sample.values))


def check_apart(metric: str, good: Sequence[float], bad: Sequence[float], rule: Rule) -> None:
    """Raise GitexpError for ends that are the same within tolerance, or within noise."""
    ends = Sample(tuple(good)), Sample(tuple(bad))
    texts = list(map(said_of, ends))
    if rule.tolerates(ends[0].mean, ends[1].mean):
        raise GitexpError(
            f"'{metric}' did not move beyond its tolerance: {texts[0]} → {texts[1]}",
            "Name ends that differ, or lower its `tolerance:` in gitexp.yaml.",
        )
    if compare(good, bad, exact_p=False).noise:
        raise GitexpError(
            f"'{metric}' moved within noise only: {texts[0]} → {texts[1]}",
            "More repeats of both ends may tell them apart: `gitexp run --repeat 5`.",
        )
