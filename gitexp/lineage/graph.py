"""What came from what, as a value: data, runs, versions of models, their stages and evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct, field

Kind = Literal["data", "run", "model", "stage", "evaluation", "more"]


class Node(Struct, frozen=True):
    """One thing."""

    key: str
    """What tells it from all others."""
    kind: Kind
    """'more' stands for others that are left out."""
    name: str
    about: str = ""
    """What else people want to know of it, in a few words."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs."""


class Graph(Struct, frozen=True, dict=True):
    """What came from what, around one thing that somebody asked about."""

    root: str
    nodes: Mapping[str, Node]
    """By their keys, in the order in which they were found."""
    edges: Sequence[tuple[str, str]]
    """From causes to what they led to."""

    @cached_property
    def effects(self) -> Mapping[str, list[str]]:
        """What each thing led to."""
        return _by_first(self.edges)

    @cached_property
    def causes(self) -> Mapping[str, list[str]]:
        """What each thing came from."""
        return _by_first((effect, cause) for cause, effect in self.edges)

    def reached(self) -> list[Node]:
        """Return all that the root led to, in any number of steps."""
        return [
            self.nodes[key] for key in reached_from(self.root, self.effects) if key != self.root
        ]


def _by_first(edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for first, second in edges:
        found.setdefault(first, []).append(second)
    return found


def reached_from(
    start: str, steps: Mapping[str, Sequence[str]], known: Iterable[str] = ()
) -> Iterator[str]:
    """Yield the start and all that steps lead to, but for what is known already."""
    seen, waiting = {*known, start}, [start]
    while waiting:
        key = waiting.pop()
        yield key
        for one in steps.get(key, ()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
