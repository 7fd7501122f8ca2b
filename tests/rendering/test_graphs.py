"""Graphs of what came from what, as a tree, DOT and mermaid: whatever names are in them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from gitexp.lineage.graph import Graph, Node
from gitexp.lineage.limits import limited
from gitexp.rendering.drawn_graph import dot_text, graph_data, mermaid_text
from gitexp.rendering.tree import tree_text

EVIL = (
    'a"]; click n0 "javascript:x"',
    'x\\"; n9 [label=<<b>hi</b>>]; //',
    "end\nsubgraph s",
    "\x1b[2Jcleared\x9b",
    "`#quot;` <script>alert(1)</script> @all %%{init: {}}%%",
    "\\N\\G\\",
    "\udc80half",
    "-->|text| n1",
    "名" * 200,
)


def graph(names: tuple[str, ...]) -> Graph:
    """Return a run that read data, all with names that somebody chose, and wrote a model."""
    nodes = {"run 1": Node("run 1", "run", names[0], names[1])}
    for at, name in enumerate(names):
        nodes[f"data {at}"] = Node(f"data {at}", "data", name, name)
    nodes["model"] = Node("model", "model", names[2], names[3])
    nodes["stage"] = Node("stage", "stage", names[4])
    nodes["evaluation"] = Node("evaluation", "evaluation", names[5], names[6])
    edges = [(f"data {at}", "run 1") for at in range(len(names))]
    edges += [("run 1", "model"), ("model", "stage"), ("model", "evaluation")]
    return Graph("run 1", nodes, edges)


def test_dot_has_a_line_for_each_node_and_edge_with_names_in_quotes() -> None:
    whole = graph(EVIL)

    lines = dot_text(whole).splitlines()

    assert (lines[0], lines[1], lines[-1]) == ("digraph lineage {", "  rankdir=LR;", "}")
    node = r'  n\d+ \[shape=\w+, label="(?:[^"\\]|\\["\\n])*"(?:, style=bold)?\];'
    kinds = [bool(re.fullmatch(node, line)) for line in lines[2:-1]]
    assert kinds == [True] * len(whole.nodes) + [False] * len(whole.edges)
    assert all(re.fullmatch(r"  n\d+ -> n\d+;", line) for line in lines[2 + len(whole.nodes) : -1])
    assert lines[2] == (
        '  n0 [shape=ellipse, label="a\\"]; click n0 \\"javascript:x\\"'
        '\\nx\\\\\\"; n9 [label=<<b>hi</b>>]; //", style=bold];'
    )
    assert all(one.isprintable() for line in lines for one in line)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_draws_every_node() -> None:
    drawn = subprocess.run(
        ["dot", "-Tplain"],
        input=dot_text(graph(EVIL)).encode(),
        capture_output=True,
        check=True,
    )

    kinds = [line.split(b" ", 1)[0] for line in drawn.stdout.splitlines()]
    assert kinds.count(b"node") == len(graph(EVIL).nodes)
    assert kinds.count(b"edge") == len(graph(EVIL).edges)


def test_mermaid_has_a_line_for_each_node_and_edge_with_names_spelled_out() -> None:
    whole = graph(EVIL)

    first, *lines = mermaid_text(whole).splitlines()

    assert first == "graph LR"
    node = r'    n\d+(\[\(|\(\[|\[\[|\{\{|\[/|\[)"[\w ./@+#;-]*"(\)\]|\]\)|\]\]|\}\}|/\]|\])'
    edge = r"    n\d+ --> n\d+"
    kinds = [bool(re.fullmatch(node, line)) for line in lines[:-1]]
    assert kinds == [True] * len(whole.nodes) + [False] * len(whole.edges)
    assert all(re.fullmatch(edge, line) for line in lines[len(whole.nodes) : -1])
    assert lines[-1] == "    style n0 stroke-width:3px"


@pytest.mark.parametrize("width", [20, 60, 100])
def test_a_tree_fits_the_terminal_and_moves_no_cursor(width: int) -> None:
    whole = graph(EVIL)

    text = tree_text(whole, whole, downstream=False, width=width)

    tree = text.partition("\nLed")[0].splitlines()
    assert all(len(line) <= width for line in tree if line.isascii())
    assert all(one.isprintable() for line in text.splitlines() for one in line)
    plain = tree_text(whole, whole, downstream=False, width=width, plain=True)
    assert not {*plain} & {*"├└│─"}


def test_programs_get_names_as_they_are() -> None:
    found = graph_data(graph(EVIL))

    assert [one["label"] for one in found["nodes"]][1:10] == list(EVIL)  # type: ignore[attr-defined]
    assert found["root"] == 0


def test_what_leads_to_a_model_stays_where_much_is_left_out() -> None:
    runs = {f"run {at}": Node(f"run {at}", "run", f"r{at}") for at in range(50)}
    nodes = {"data": Node("data", "data", "d"), **runs, "model": Node("model", "model", "m@v1")}
    edges = [*(("data", key) for key in runs), ("run 47", "model")]
    whole = Graph("data", nodes, edges)

    few = limited(whole, 3)

    assert {node.name for node in few.nodes.values()} == {
        *("d", "r47", "r0", "r1", "m@v1", "… 47 more runs")
    }
    assert {*limited(whole, 100).edges} == {*edges}
    text = tree_text(few, whole, downstream=True)
    assert text.splitlines() == [
        "d",
        "",
        "Leads to",
        "├── run r47",
        "│   └── model m@v1",
        "├── run r0",
        "├── run r1",
        "└── … 47 more runs",
        "",
        "Led to 50 runs, 1 version of a model.",
        "Models: m@v1.",
    ]


def test_what_stands_there_already_is_not_followed_again() -> None:
    nodes = {key: Node(key, "run", key) for key in "abcd"}
    whole = Graph("a", nodes, [("a", "b"), ("a", "c"), ("b", "c"), ("c", "d"), ("d", "b")])

    text = tree_text(whole, whole, downstream=True)

    assert text.splitlines()[3:-2] == [
        "├── run b",
        "│   └── run c",
        "│       └── run d",
        "│           └── run b  (see above)",
        "└── run c  (see above)",
    ]
