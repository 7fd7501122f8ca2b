"""What `gitexp blame` finds: values with the commits they are from, and what is known of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.paths import TopPath
from gitexp.model.policy import Policy, Rule
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.blame import Blamed, blame
from gitexp.tracing.chosen import chosen
from gitexp.tracing.origins import Told, reading_of, runs_behind, told_by
from gitexp.tracing.past import HERE, Past, Source


class Line(Struct, frozen=True):
    """One value, and where it is from."""

    blamed: Blamed
    commit: Told | None
    """None if it is not committed yet."""
    run: StoredRun | None
    """The run that measured it, if one is here."""
    was: str = ""
    """What it was called there, if not the same: its name, or file and name."""


class Report(Struct, frozen=True):
    """The values of a revision that were asked about."""

    label: str
    lines: tuple[Line, ...]
    unread: Mapping[str, str] = {}
    """Versions of files that could not be read, and why."""


def blame_report(
    project: Project,
    reading: Reading,
    metric: str | None,
    *,
    follow: bool = False,
    tolerance: float | None = None,
) -> Report:
    """Say of the values that are meant where they are from; raises NoSuchMetric."""
    past = Past(project, reading)
    try:
        wanted = _wanted(past, reading, metric)
        policy = _policy(project.config.policy, tolerance, wanted)
        found = list(blame(past, wanted, policy, follow=follow))
    finally:
        past.close()
    commits = list(dict.fromkeys(one.commit for one in found if one.commit != HERE))
    told = told_by(project.repository, reading.revision.commit or "HEAD", commits)
    lines = tuple(_lines(project, reading, found, told))
    return Report(reading.revision.label, lines, past.unread)


def _wanted(past: Past, reading: Reading, metric: str | None) -> Sequence[tuple[Source, str]]:
    sources = {one.name: one for one in past.sources()}
    named = {name: past.values(past.start, one.path) for name, one in sources.items()}
    return [(sources[file], name) for file, name in chosen(named, metric, reading.revision.label)]


def _policy(
    policy: Policy, tolerance: float | None, wanted: Sequence[tuple[Source, str]]
) -> Policy:
    """Return the policy, with one tolerance for all if one was given."""
    if tolerance is None:
        return policy
    names = [policy.named(source.name, name) for source, name in wanted]
    rules = ((name, policy.rule(name) or Rule()) for name in names)
    return Policy(
        tuple(
            (name, replace(rule, tolerance=tolerance, relative_tolerance=0.0))
            for name, rule in rules
        )
    )


def _lines(
    project: Project, reading: Reading, found: Sequence[Blamed], told: Mapping[str, Told]
) -> Iterator[Line]:
    runs: dict[str, Mapping[str, StoredRun]] = {}
    for one in found:
        if one.commit not in runs:
            there = reading if one.commit == HERE else reading_of(project, one.commit)
            runs[one.commit] = runs_behind(there)
        file = project.name(TopPath(one.there.path))
        behind = runs[one.commit].get(one.file) or runs[one.commit].get(file)
        yield Line(one, told.get(one.commit), behind, _was(one, file))


def _was(one: Blamed, file: str) -> str:
    if one.there.path != one.at.path:
        return f"{file}:{one.there.name}"
    return one.there.name if one.there.name != one.name else ""
