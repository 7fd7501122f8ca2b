"""What a review finds beside the verdict: what is wrong, and what a reader should know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from gitexp.checking.uncommitted import lacking
from gitexp.comparison.changes import Side
from gitexp.inputs.compared import ComparedInputs
from gitexp.model.policy import Policy
from gitexp.model.record import RunRecord
from gitexp.model.values import flatten
from gitexp.pull_requests.ends import Ends
from gitexp.pull_requests.read_end import Behind, ReadEnd
from gitexp.review.checks import Finding
from gitexp.review.loosened import loosened_changes, loosened_rules
from gitexp.review.words import listed, named
from gitexp.revisions.deciding import may_decide
from gitexp.revisions.revision import differing
from gitexp.settings.config import CONFIG_NAME

_WHAT_COUNTS = (
    *("params", "found_params", "metrics", "renamed_metrics", "not_inputs", "outputs"),
    *("stale_metrics", "metrics_rows", "plots", "track", "shared"),
)
"""The settings that say which files are inputs, and which metrics."""


def findings_of_change(old: ReadEnd, new: ReadEnd, *, ask_remote: bool) -> Iterator[Finding]:
    """Yield what is wrong with the head; what was already wrong before is only a note.

    Data missing from the cache of this very clone says nothing about the change. Signatures are
    demanded if the base demands them: no change lets itself in without.
    """
    signed = old.config.review.signatures == "required"
    found = new.findings(ask_remote=ask_remote, signed=signed)
    before: set[tuple[str, str, str]] = set()
    if any(one.mark == "wrong" for one in found):
        before = {
            (one.topic, one.subject, one.words)
            for one in old.findings(ask_remote=ask_remote, signed=signed)
            if one.mark == "wrong" and not _answers_for(one, old, new)
        }
    for one in found:
        if one.mark == "wrong" and (one.topic, one.subject, one.words) in before:
            yield replace(one, mark="note", words=f"as before the change: {one.words}")
        elif one.topic == "freshness" and one.mark == "wrong":
            yield new.uncommitted.get(one.subject, one)
        elif not (one.topic == "data" and one.mark == "note"):
            yield one
    yield from lacking(new.reading)
    for path in old.reading.problems:
        words = f"{path} cannot be read at the merge base, so nothing is compared with it"
        yield Finding("files", "note", words, path)
    yield from _settings_changed(old, new)


def overtaken(new: ReadEnd, record: RunRecord | None, ends: Ends) -> Iterator[Finding]:
    """Yield a note if fresh metrics will be stale once merged, because the base has moved."""
    fresh = [file for one in new.runs if one.fresh for file in one.files]
    if not fresh or ends.base in ("", ends.fork):
        return
    reading = new.reading
    inputs = ComparedInputs(reading.project, reading.revision, reading.declared)
    moved = inputs.moved_elsewhere(ends.fork, ends.base, record)
    if moved:
        words = (
            f"{named(moved)} changed on the base meanwhile, so these metrics will be stale after"
            " the merge; merge the base and run again to have them fresh"
        )
        yield Finding("freshness", "note", words, named(fresh))


def lacking_repeats(old: ReadEnd, new: ReadEnd, behind: Behind) -> Iterator[Finding]:
    """Yield why runs with other seeds, made since a result was committed, are no repeats of it."""
    for read, run in zip((old, new), behind, strict=True):
        if run is not None:
            from gitexp.inputs.no_repeats import no_repeats  # noqa: PLC0415 - 5 ms, where runs repeat

            words = no_repeats(new.reading.project, run, read.oid)
            if words:
                yield Finding("noise", "note", words, run.name)


def said_of_run(record: RunRecord) -> Iterator[Finding]:
    """Yield what was expected of the run behind the head, and whether it gave the same again.

    That is the run's to say, so these are notes.
    """
    name, expected, verified = record.name, record.hypothesis, record.verified
    if expected is not None:
        words = f"'{name}' expected `{expected.expect}`: {expected.verdict or 'not judged'}"
        yield Finding("hypothesis", "note", words, name)
    if verified is not None:
        words = f"'{name}' was run again to verify it: {verified.answer.words}"
        yield Finding("verification", "note", words, name)


def _settings_changed(old: ReadEnd, new: ReadEnd) -> Iterator[Finding]:
    """Yield how a change affects the way it is judged, and what it makes looser."""
    before, after = old.config, new.config
    changes = {
        "what is demanded": before.policy != after.policy or before.review != after.review,
        "which files count": any(
            getattr(before, name) != getattr(after, name) for name in _WHAT_COUNTS
        ),
    }
    what = [words for words, changed in changes.items() if changed]
    if not what:
        return
    sides, policies = (old.side, new.side), (before.policy, after.policy)
    metrics = {name for side in sides for name in _metric_names(side, policies)}
    for words in (
        f"the change is judged by its own {CONFIG_NAME}, which changes {listed(what)}",
        *loosened_rules(before.policy, after.policy, metrics),
        *loosened_changes(before.review, after.review),
    ):
        yield Finding("policy", "note", words, CONFIG_NAME)


def _metric_names(side: Side, policies: Iterable[Policy]) -> Iterator[str]:
    """Yield the metrics by their names, and by those that the rules know them by."""
    for file, values in side.metrics.items():
        for name in flatten(values):
            yield name
            yield from (policy.named(file, name) for policy in policies)


def _answers_for(finding: Finding, old: ReadEnd, new: ReadEnd) -> bool:
    """Return whether a change touches what was wrong before it, so that it may not stay so."""
    if finding.topic == "freshness":
        return _may_move_metrics(old, new)
    name = finding.subject
    if finding.topic in ("files", "conflicts"):
        return old.reading.revision.read(name) != new.reading.revision.read(name)
    return old.side.pointers.get(name) != new.side.pointers.get(name)


def _may_move_metrics(old: ReadEnd, new: ReadEnd) -> bool:
    """Return whether a change touches metrics, or anything that may decide them."""
    if old.side.metrics != new.side.metrics:
        return True
    reading = new.reading
    touched = differing(reading.project, old.oid, reading.revision)
    return any(may_decide(path, reading.declared, ()) for path in touched)
