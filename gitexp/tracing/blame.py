"""The commit that last moved a metric beyond its tolerance, found as `git blame` finds a line's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from gitexp.comparison.changes import ABSENT, MaybeValue
from gitexp.model.numbers import difference
from gitexp.model.policy import Policy, Rule
from gitexp.model.values import Value, are_numbers, is_number, same
from gitexp.tracing.past import HERE, Past, Source
from gitexp.tracing.renamed import Leaf, was_called

_NO_RULE = Rule()
Origin = tuple[str, tuple[Leaf, Value]]


class Blamed(Struct, frozen=True):
    """One value of a revision, and the commit that it is from."""

    file: str
    """As records call it."""
    name: str
    value: Value
    """As it is in the revision."""
    commit: str
    """HERE if it is not committed yet."""
    at: Leaf
    """Where it is in the revision."""
    there: Leaf
    """What it is called in that commit."""
    new: Value
    """What the commit made of it; what has moved since was within its tolerance."""
    old: MaybeValue
    """What it was before, in the first parent that has it."""
    cut_off: bool = False
    """Whether older commits, which may be the ones, were not fetched."""

    @property
    def moved(self) -> float | None:
        """How far the commit moved it; None if it was no number before, or is none."""
        return difference(*pair) if are_numbers(pair := (self.old, self.new)) else None

    @property
    def drift(self) -> float | None:
        """How far it has moved since, a little at a time."""
        return difference(*pair) if are_numbers(pair := (self.new, self.value)) else None


def blame(
    past: Past, wanted: Iterable[tuple[Source, str]], policy: Policy, *, follow: bool = False
) -> Iterator[Blamed]:
    """Yield for each value where it is from; with `follow` also under the names it had before."""
    for source, name in wanted:
        value = past.values(past.start, source.path)[name]
        tracer = _Tracer(
            past, policy.rule(policy.named(source.name, name)) or _NO_RULE, follow=follow
        )
        at = Leaf(source.path, name)
        commit, there, new, old = tracer.trace(at, value)
        cut_off = old is ABSENT and past.is_cut_off(commit)
        yield Blamed(source.name, name, value, commit, at, there, new, old, cut_off)


class _Tracer:
    """Goes back from commit to commit as long as a value does not move."""

    def __init__(self, past: Past, rule: Rule, *, follow: bool) -> None:
        self._past, self._rule, self._follow = past, rule, follow

    def trace(self, leaf: Leaf, value: Value) -> tuple[str, Leaf, Value, MaybeValue]:
        """Return the commit that the value is from, its name and value there, and the old value."""
        past = self._past
        commit, upto = past.start, past.start
        if commit != HERE:
            commit = past.history(upto, leaf.path).first or commit
        while True:
            parents = self._parents(commit, upto, leaf)
            before = [(one, past.values(one, leaf.path).get(leaf.name, ABSENT)) for one in parents]
            found = self._unmoved(before, value)
            if found is not None:
                upto = found[0] if commit == HERE else upto
                commit, value = self._at(found[0], upto, leaf), found[1]
                continue
            old = next((there for _, there in before if there is not ABSENT), ABSENT)
            origin = self._renamed(commit, leaf, value) if old is ABSENT and self._follow else None
            if origin is None:
                return commit, leaf, value, old
            upto, (leaf, value) = origin
            commit = self._at(upto, upto, leaf)

    def _at(self, commit: str, upto: str, leaf: Leaf) -> str:
        """Return a commit; where a history begins, the first of it that changed the file."""
        return self._past.history(upto, leaf.path).first or commit if commit == upto else commit

    def _parents(self, commit: str, upto: str, leaf: Leaf) -> Iterable[str]:
        if commit == HERE:
            return self._past.parents(HERE)
        return self._past.history(upto, leaf.path).parents(commit)

    def _unmoved(
        self, before: list[tuple[str, MaybeValue]], value: Value
    ) -> tuple[str, Value] | None:
        """Return the first parent with the same value, or else with one within tolerance."""
        there = [(parent, old) for parent, old in before if old is not ABSENT]
        equal = next(((parent, old) for parent, old in there if same(old, value)), None)
        return equal or next((one for one in there if self._tolerates(one[1], value)), None)

    def _tolerates(self, old: MaybeValue, new: Value) -> bool:
        return is_number(old) and is_number(new) and self._rule.tolerates(old, new)

    def _renamed(self, commit: str, leaf: Leaf, value: Value) -> Origin | None:
        """Return the parent in which a value that has just come had another name, and that."""
        for parent in self._past.parents(commit):
            found = was_called(leaf, value, self._rule, self._past.gone(commit, parent))
            if found is not None:
                return parent, found
        return None
