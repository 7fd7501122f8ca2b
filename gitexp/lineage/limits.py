"""A graph with few things beside each other, so that people can read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from gitexp.lineage.graph import Graph, Node, reached_from


class _Limited(Struct):
    """What stays of a graph, as it is found."""

    whole: Graph
    most: int
    matter: set[str]
    """What leads to a version of a model."""
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], None] = field(default_factory=dict)

    def follow(self, steps: Mapping[str, Sequence[str]], *, ahead: bool) -> None:
        """Add what the root leads to by steps, a few of each; the rest is a node of its own."""
        waiting, seen = deque([self.whole.root]), {self.whole.root}
        while waiting:
            key = waiting.popleft()
            self.nodes[key] = self.whole.nodes[key]
            there = sorted(steps.get(key, ()), key=lambda one: one not in self.matter)
            kept = there[: self.most] if len(there) > self.most + 1 else there
            ends = [*kept, *self._rest(key, there[len(kept) :], ahead=ahead)]
            self.edges.update(dict.fromkeys((key, one) if ahead else (one, key) for one in ends))
            waiting.extend(one for one in kept if one not in seen)
            seen.update(kept)

    def _rest(self, key: str, hidden: Sequence[str], *, ahead: bool) -> list[str]:
        if not hidden:
            return []
        kinds = dict.fromkeys(self.whole.nodes[one].kind for one in hidden)
        what = " and ".join(one if one == "data" else f"{one}s" for one in kinds)
        more = Node(f"more {ahead} {key}", "more", f"… {len(hidden):,} more {what}")
        self.nodes[more.key] = more
        return [more.key]


def limited(graph: Graph, most: int) -> Graph:
    """Return a graph with so many things at most beside each other.

    Those that lead to a version of a model stay first, then those that were found first. What is
    there only because of something that is left out goes with it.
    """
    matter: set[str] = set()
    for node in graph.nodes.values():
        if node.kind == "model":
            matter.update(reached_from(node.key, graph.causes, matter))
    found = _Limited(graph, most, matter)
    found.follow(graph.effects, ahead=True)
    found.follow(graph.causes, ahead=False)
    for edge in graph.edges:  # what else the things that stay have to do with each other
        if edge[0] in found.nodes and edge[1] in found.nodes:
            found.edges.setdefault(edge)
    return Graph(graph.root, found.nodes, list(found.edges))
