"""The demands on what else changes: data, environment, params, code, and the size of models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitexp.comparison.changes import DataChange, Diff
from gitexp.model.change_rules import Allowance, Budget, ChangeRules
from gitexp.model.numbers import portion, share, size_texts
from gitexp.model.patterns import Patterns
from gitexp.model.record import DataPointer
from gitexp.review.judged import ChangeDemand, JudgedRule
from gitexp.review.words import named, part_pair


def judged_changes(diff: Diff, rules: ChangeRules) -> tuple[list[JudgedRule], list[str]]:
    """Return the rules on what may change, and notes on what deserves a look."""
    broken: list[JudgedRule] = []
    notes: list[str] = []
    for kind, allowance, changed in _kinds(diff, rules):
        if changed is None:
            if allowance == "forbidden":
                notes.append(f"the {kind} of one side is not recorded, so it was not compared")
            continue
        paths = list(dict.fromkeys(changed))
        words = f"{kind} changed: {named(paths)}" if paths else f"{kind} did not change"
        if allowance == "forbidden":
            why = f"{words}, which the policy forbids" if paths else words
            broken.append(JudgedRule(kind, kind, not paths, allowance, [*paths], why))
        elif allowance == "noted" and paths:
            notes.append(words)
    return broken, notes


def _kinds(
    diff: Diff, rules: ChangeRules
) -> Iterator[tuple[ChangeDemand, Allowance, Iterable[str] | None]]:
    yield "params", rules.params, (change.name for change in diff.params)
    yield "data", rules.data, (one.path for one in diff.data if not _is_output(one))
    environment = diff.environment
    names = None if environment is None else (change.name for change in environment)
    yield "environment", rules.environment, names
    yield "code", rules.code, (change.path for change in diff.code)


def _is_output(change: DataChange) -> bool:
    """Return whether a pointer is for a model or another output, and not for data.

    It has to be so on both sides: a change of `track` must not turn data into a model.
    """
    sides = (change.old, change.new)
    return all(side.role == "output" for side in sides if side is not None)


def judged_sizes(changes: Iterable[DataChange], rules: ChangeRules) -> Iterator[JudgedRule]:
    """Yield the budgets of the files and folders behind pointers; a size unknown is kept."""
    budgets = [(Patterns([pattern]), budget) for pattern, budget in rules.sizes]
    for change in changes:
        budget = next((one for pattern, one in budgets if pattern.match(change.path)), None)
        if budget is not None and change.new is not None and change.new.size is not None:
            yield from _sizes(change.path, budget, change.old, change.new.size)


def _sizes(path: str, budget: Budget, old: DataPointer | None, new: int) -> Iterator[JudgedRule]:
    if budget.max_size is not None:
        kept = new <= budget.max_size
        size, most = size_texts(new, budget.max_size)
        words = f"{path} is {size}, {'at most' if kept else 'more than'} the {most} allowed"
        yield JudgedRule(path, "max_size", kept, budget.max_size, new, words)
    if old is None or old.size is None:
        return
    grown = new - old.size
    if budget.max_growth is not None:
        part = share(max(grown, 0), old.size)
        kept = grown <= portion(budget.max_growth, old.size)
        texts = part_pair(part, budget.max_growth) if old.size else size_texts(grown, 0)
        words = _growth_words(path, grown, texts, kept=kept)
        yield JudgedRule(path, "max_growth", kept, budget.max_growth, part, words)
    if budget.max_growth_bytes is not None:
        kept = grown <= budget.max_growth_bytes
        words = _growth_words(path, grown, size_texts(grown, budget.max_growth_bytes), kept=kept)
        yield JudgedRule(path, "max_growth_bytes", kept, budget.max_growth_bytes, grown, words)


def _growth_words(path: str, grown: int, texts: tuple[str, str], *, kept: bool) -> str:
    if grown <= 0:
        return f"{path} did not grow"
    return f"{path} grew by {texts[0]}, {'no more' if kept else 'more'} than the {texts[1]} allowed"
