"""The verdict on a change: what became of each metric, which rules hold, and one answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from gitexp.comparison.changes import ABSENT, Change, DataChange, Diff, Side, marked
from gitexp.comparison.diff import diff_sides
from gitexp.model.change_rules import ChangeRules
from gitexp.model.policy import Policy
from gitexp.model.record import Documents
from gitexp.model.values import flatten, same
from gitexp.review.change_rules import judged_changes, judged_sizes
from gitexp.review.idle_rules import idle_rules
from gitexp.review.judged import JudgedMetric, Outcome, Verdict
from gitexp.review.metric_rules import judged_metric_rules
from gitexp.review.noise import mark_of
from gitexp.review.pairing import renamed_files, with_moves
from gitexp.review.statistics import Comparison, Samples

_NO_RULES = ChangeRules()


def judge(
    old: Side,
    new: Side,
    policy: Policy,
    rules: ChangeRules = _NO_RULES,
    *,
    diff: Diff | None = None,
    samples: Samples | None = None,
    unread: Collection[str] = (),
) -> Verdict:
    """Judge the step from one side to another.

    `diff` has what differs by the same policy, if it is known already.

    `samples` holds the repeats of both sides by file and flat name; the rules are held against
    the values of the sides themselves, and the repeats say whether a move is more than noise.
    `unread` are metrics files of the new side that cannot be read: what they may hold is not
    missing.
    """
    known = {file: values for file, values in old.metrics.items() if file not in unread}
    renamed = renamed_files(known, new.metrics)
    before = {renamed.get(file, file): values for file, values in known.items()}
    pairs, moves = with_moves(_changes(before, new.metrics))
    found = diff_sides(old, new, (), policy) if diff is None else diff
    known_marks = {(change.file, change.name): change for change in found.metrics}
    metrics = _judged_metrics(pairs, policy, samples or {}, known_marks)
    changes, notes = judged_changes(found, rules)
    sizes = judged_sizes(_all_data(old, new), rules)
    idle = () if unread else _idle(policy, metrics)
    files = (f"{file} is now {other}" for file, other in renamed.items())
    return Verdict(
        old=old.label,
        new=new.label,
        metrics=metrics,
        rules=(*judged_metric_rules(metrics, policy, whole=not unread), *changes, *sizes),
        notes=(*files, *moves, *notes, *idle),
        idle=idle,
    )


def judge_alone(
    side: Side,
    policy: Policy,
    rules: ChangeRules = _NO_RULES,
    *,
    unread: Collection[str] = (),
) -> Verdict:
    """Judge one revision by itself: the least and the most, what is required, and sizes."""
    metrics = _judged_metrics(_changes({}, side.metrics), policy, {}, {})
    data = (DataChange(path, None, pointer) for path, pointer in sorted(side.pointers.items()))
    idle = () if unread else _idle(policy, metrics)
    judged = judged_metric_rules(metrics, policy, whole=not unread)
    return Verdict(
        old=None, new=side.label, rules=(*judged, *judged_sizes(data, rules)), notes=idle, idle=idle
    )


def _idle(policy: Policy, metrics: Sequence[JudgedMetric]) -> tuple[str, ...]:
    if policy.rules and not metrics:
        return ("policy: there are no metrics, so nothing was checked",)
    changes = [metric.change for metric in metrics]
    in_files = {f"{change.file}:{change.name}" for change in changes}
    return tuple(idle_rules(policy, {change.name for change in changes}, in_files))


_Places = Mapping[tuple[str, str], Change]
"""Changes by their file and flat name."""


def _judged_metrics(
    changes: Iterable[Change], policy: Policy, samples: Samples, known: _Places
) -> tuple[JudgedMetric, ...]:
    """Return every metric of both sides, those of the policy first, then by file and name."""
    by_name: dict[str, list[tuple[tuple[str, str], Change]]] = {}
    for change in changes:
        name = policy.named(change.file, change.name)
        by_name.setdefault(name, []).append(((change.file, change.name), change))
    return tuple(
        _judged(change, policy, samples.get(at), known.get(at))
        for name in policy.ordered(by_name)
        for at, change in by_name[name]
    )


def _changes(old: Documents, new: Documents) -> Iterator[Change]:
    for file in sorted(old.keys() | new.keys()):
        before, after = flatten(old.get(file, {})), flatten(new.get(file, {}))
        for name in sorted(before.keys() | after.keys()):
            yield Change(file, name, before.get(name, ABSENT), after.get(name, ABSENT))


def _judged(
    bare: Change, policy: Policy, samples: Comparison | None, known: Change | None
) -> JudgedMetric:
    """Judge one metric; a file that was renamed has other values than the change that is known."""
    is_known = known is not None and bare.old is known.old and bare.new is known.new
    change = known if known is not None and is_known else marked(bare, policy)
    outcome = _outcome(change, moved=is_known or not same(bare.old, bare.new))
    if outcome in ("better", "worse", "changed"):
        outcome = mark_of(change, samples, policy) or "changed"
    return JudgedMetric(change, outcome, samples)


def _outcome(change: Change, *, moved: bool) -> Outcome:
    if change.old is ABSENT or change.new is ABSENT:
        return "new" if change.old is ABSENT else "missing"
    return change.mark or "changed" if moved else "unchanged"


def _all_data(old: Side, new: Side) -> Iterator[DataChange]:
    for path in sorted(old.pointers.keys() | new.pointers.keys()):
        yield DataChange(path, old.pointers.get(path), new.pointers.get(path))
