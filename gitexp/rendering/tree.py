"""A graph of what came from what as a tree of lines, which fit a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from gitexp.lineage.graph import Graph, Node
from gitexp.model.numbers import counted
from gitexp.model.text import harmless, text_width
from gitexp.rendering.layout import clipped, clipped_before

_LINES = ("├── ", "└── ", "│   ", "    ")
_PLAIN = ("|-- ", "`-- ", "|   ", "    ")
_BOLD, _DIM = "1", "2"
_SAID = ("run", "model", "stage")
"""The kinds that their names do not tell."""
_LEAST = 16
"""How much room there must be for what is said besides a name."""
_NAMED = 5


def tree_text(
    graph: Graph,
    whole: Graph,
    *,
    downstream: bool,
    width: int | None = None,
    colour: bool = False,
    plain: bool = False,
) -> str:
    """Return a graph as text; `whole` has what is left out of it, and is counted.

    With `plain` the branches are made of ASCII.
    """
    painted = _Painted(graph, width, _PLAIN if plain else _LINES, colour=colour)
    lines = [painted.line("", graph.nodes[graph.root])]
    ways = [("Leads to", graph.effects)]
    if not downstream:
        ways.insert(0, ("Comes from", graph.causes))
    for title, steps in ways:
        if steps.get(graph.root):
            lines += ["", painted.title(title), *painted.below(graph.root, steps)]
    lines += ["", *_said(whole, downstream=downstream)]
    return "".join(f"{line}\n" for line in lines)


class _Painted:
    """The lines of a graph."""

    def __init__(
        self, graph: Graph, width: int | None, branches: Sequence[str], *, colour: bool
    ) -> None:
        self._graph = graph
        self._width = width
        self._branches = branches
        self._colour = colour

    def title(self, text: str) -> str:
        return self._styled(text, _BOLD)

    def below(self, root: str, steps: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Yield what is below something; what stands there already is not followed again."""
        seen = {root}
        last, branch, bar, gap = self._branches[1], self._branches[0], *self._branches[2:]
        waiting = [(key, "", at == 0) for at, key in enumerate(reversed(steps.get(root, ())))]
        while waiting:
            key, before, is_last = waiting.pop()
            node, again = self._graph.nodes[key], key in seen
            yield self.line(
                before + (last if is_last else branch), node, again=again and bool(steps.get(key))
            )
            if not again:
                seen.add(key)
                inner = before + (gap if is_last else bar)
                there = enumerate(reversed(steps.get(key, ())))
                waiting += [(one, inner, at == 0) for at, one in there]

    def line(self, before: str, node: Node, *, again: bool = False) -> str:
        """Return one line: the branch, what it is, and what else is known of it."""
        kind = f"{node.kind} " if node.kind in _SAID else ""
        name = harmless(node.name)
        about = "(see above)" if again else harmless(node.about)
        if self._width is not None:
            before = clipped(before, self._width // 2)
            room = self._width - text_width(before) - len(kind)
            name = clipped_before(name, max(room, 1))
            room -= text_width(name) + 2
            about = clipped(about, room) if room >= _LEAST else ""
        shown = f"{before}{self._styled(kind, _DIM)}{name}"
        return f"{shown}  {self._styled(about, _DIM)}".rstrip() if about else shown

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour and text else text


def _said(graph: Graph, *, downstream: bool) -> Iterator[str]:
    """Say how much it led to, and which models these are."""
    reached = graph.reached()
    if not reached:
        yield "No run used it." if graph.nodes[graph.root].kind == "data" else "Nothing used it."
        return
    counts = Counter[str](one.kind for one in reached)
    words = [
        counted(counts[kind], what, many)
        for kind, what, many in (
            ("run", "run", None),
            ("data", "output", None),
            ("model", "version of a model", "versions of models"),
            ("stage", "stage", None),
            ("evaluation", "evaluation", None),
        )
        if counts[kind]
    ]
    yield f"{'Led to' if downstream else 'Led directly to'} {', '.join(words)}."
    for kind, title in (("model", "Models"), ("stage", "Stages")):
        names = [harmless(one.name) for one in reached if one.kind == kind]
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        if names and downstream:
            yield f"{title}: {', '.join(names[:_NAMED])}{more}."
