"""A graph of what came from what for programs that draw: DOT and mermaid; and as JSON.

No name can be more than a name: what a format gives a meaning to is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.lineage.graph import Graph, Kind, Node
from gitexp.model.text import harmless
from gitexp.rendering.cells import shortened
from gitexp.rendering.lineage import label

_LONGEST = 80
_SHAPES: Mapping[Kind, str] = {
    "data": "cylinder",
    "run": "ellipse",
    "model": "box3d",
    "stage": "house",
    "evaluation": "note",
    "more": "plaintext",
}
_BRACKETS: Mapping[Kind, tuple[str, str]] = {
    "data": ("[(", ")]"),
    "run": ("([", "])"),
    "model": ("[[", "]]"),
    "stage": ("{{", "}}"),
    "evaluation": ("[/", "/]"),
    "more": ("[", "]"),
}


def graph_data(graph: Graph) -> dict[str, object]:
    """Return a graph for programs: the numbers of edges are those of nodes."""
    numbers = _numbers(graph)
    return {
        "root": numbers[graph.root],
        "nodes": [
            {"number": numbers[key], "kind": node.kind, "label": node.name, **node.facts}
            for key, node in graph.nodes.items()
        ],
        "edges": [{"from": numbers[cause], "to": numbers[effect]} for cause, effect in graph.edges],
    }


def dot_text(graph: Graph) -> str:
    """Return a graph as Graphviz reads it."""
    return "\n".join(["digraph lineage {", *(f"  {line}" for line in _dot(graph)), "}", ""])


def _dot(graph: Graph) -> Iterator[str]:
    numbers = _numbers(graph)
    yield "rankdir=LR;"
    for key, node in graph.nodes.items():
        bold = ", style=bold" if key == graph.root else ""
        text = "\\n".join(_quoted(one) for one in (node.name, node.about) if one)
        yield f'n{numbers[key]} [shape={_SHAPES[node.kind]}, label="{text}"{bold}];'
    for cause, effect in graph.edges:
        yield f"n{numbers[cause]} -> n{numbers[effect]};"


def _quoted(text: str) -> str:
    r"""Return text between quotes of DOT, in which a backslash begins something.

    >>> _quoted('a"];b\\N')
    'a\\"];b\\\\N'
    """
    shown = shortened(harmless(text), _LONGEST)
    return shown.replace("\\", "\\\\").replace('"', '\\"')


def mermaid_text(graph: Graph) -> str:
    """Return a graph as mermaid reads it."""
    numbers = _numbers(graph)
    lines = [_mermaid_node(numbers[key], node) for key, node in graph.nodes.items()]
    lines += [f"n{numbers[cause]} --> n{numbers[effect]}" for cause, effect in graph.edges]
    lines.append(f"style n{numbers[graph.root]} stroke-width:3px")
    return "\n".join(["graph LR", *(f"    {line}" for line in lines), ""])


def _mermaid_node(number: int, node: Node) -> str:
    start, end = _BRACKETS[node.kind]
    about = f" ({node.about})" if node.about else ""
    return f'n{number}{start}"{label(node.name + about)}"{end}'


def _numbers(graph: Graph) -> dict[str, int]:
    return {key: number for number, key in enumerate(graph.nodes)}
