"""YAML text as nodes that know their place in it, read by the rules of YAML 1.2 as DVC does."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import cast

import yaml
from msgspec import Struct, field

from gitexp.model.documents.yaml_scalars import (
    NOT_STRINGS,
    TAGS,
    plain_value,
    short,
    tagged_value,
)
from gitexp.model.values import DEEPEST, Scalar, Value

_EXPANSION = 10
"""How many values a character of the text may stand for: what aliases multiply is bounded."""

_TOO_DEEP = f"nested deeper than {DEEPEST} levels"
_TOO_MANY = "its aliases expand to too many values"
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""What libyaml says from 1,000 levels on, before it has reported the first."""

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Malformed(Exception):
    """Text that is not the YAML that is read here; line and column count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


class Kind(Enum):
    """What a node is."""

    SCALAR = "scalar"
    SEQUENCE = "list"
    MAPPING = "mapping"
    ALIAS = "alias"


class Node(Struct, eq=False):
    """A part of a document; `start` and `end` count characters, and properties are inside them."""

    kind: Kind
    start: int
    end: int
    text: str = ""
    """The text of a scalar without its quotes, or the name of an alias."""
    tag: str | None = None
    style: str | None = None
    """How a scalar is quoted: `'`, `"`, `|`, `>`, or nothing."""
    flow: bool = False
    """Whether a collection is in brackets or braces."""
    line: int = 1
    column: int = 1
    children: list[tuple[Node, Node]] = field(default_factory=list)
    """Keys and values of a mapping; an item of a list is its own key."""
    target: Node | None = None
    """What an alias stands for."""


def parse(text: str) -> Node | None:
    """Return the only document of the text, or none if it has none."""
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or str(error)
        raise Malformed(_TOO_DEEP if problem == _LIBYAML_TOO_DEEP else problem, *place) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        raise Malformed("a control character", line, column) from error


def parsed_value(text: str) -> Value:
    """Return what the only document of the text says."""
    node = parse(text)
    return None if node is None else _Builder(100_000 + _EXPANSION * len(text)).value(node, 0)


def expands(text: str) -> bool:
    """Return whether aliases make too many values of a text, or lead in a circle."""
    try:
        parsed_value(text)
    except Malformed as error:
        return error.problem == _TOO_MANY or error.problem.startswith(_TOO_DEEP)
    return False


def key_of(node: Node) -> str | None:
    """Return a key as the string that JSON would make of it, or none for a merge key."""
    while node.target is not None:
        node = node.target
    if node.kind is not Kind.SCALAR:
        raise _failure("a key is not a scalar", node)
    if is_merge(node):
        return None
    value = _scalar(node)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def is_merge(node: Node) -> bool:
    return node.text == "<<" and node.style is None and node.tag is None


class _Composer:
    """Nodes out of events, with no recursion: PyYAML's own composer crashes on deep nesting."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=_PARSER)
        self.open: list[Node] = []
        self.keys: list[Node | None] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.documents = 0

    def document(self) -> Node | None:
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                self.add(self.node(event), event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.keys.pop()
                self.open.pop().end = _mark(event.end_mark).index
            elif isinstance(event, yaml.DocumentStartEvent):
                self.start(event)
        return self.root

    def start(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        mark = _mark(event.start_mark)
        if self.documents > 1:
            raise Malformed("more than one document", mark.line + 1, 1)
        if event.version == (1, 1):
            problem = "it asks for YAML 1.1, and YAML 1.2 is read here"
            raise Malformed(problem, mark.line + 1, 1)

    def node(self, event: yaml.NodeEvent) -> Node:
        start, end = _mark(event.start_mark), _mark(event.end_mark).index
        node = Node(Kind.ALIAS, start.index, end, line=start.line + 1, column=start.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            node.kind, node.text, node.style = Kind.SCALAR, event.value, event.style or None
            node.tag = None if event.tag == "!" else event.tag
        elif isinstance(event, yaml.CollectionStartEvent):
            mapping = isinstance(event, yaml.MappingStartEvent)
            node.kind = Kind.MAPPING if mapping else Kind.SEQUENCE
            node.tag = None if event.tag == "!" else event.tag
            node.flow = bool(event.flow_style)
        else:
            node.text = event.anchor or ""
            node.target = self.anchors.get(node.text)
            if node.target is None:
                raise _failure(f"undefined alias '{node.text}'", node)
        return node

    def add(self, node: Node, event: yaml.NodeEvent) -> None:
        if event.anchor and node.kind is not Kind.ALIAS:
            self.anchors[event.anchor] = node
        if not self.open:
            self.root = node
        elif self.open[-1].kind is Kind.SEQUENCE:
            self.open[-1].children.append((node, node))
        elif self.keys[-1] is None:
            self.keys[-1] = node
        else:
            self.open[-1].children.append((self.keys[-1], node))
            self.keys[-1] = None
        if node.kind in {Kind.MAPPING, Kind.SEQUENCE}:
            self.open.append(node)
            self.keys.append(None)
            if len(self.open) > DEEPEST:
                raise _failure(_TOO_DEEP, node)


def _mark(mark: object) -> yaml.Mark:
    return cast("yaml.Mark", mark)  # the stubs allow for events without a place


class _Builder:
    """Values out of nodes, with aliases expanded as long as the result stays of a sane size."""

    def __init__(self, limit: int) -> None:
        self.left = limit

    def value(self, node: Node, depth: int) -> Value:
        while node.target is not None:
            node = node.target
        self.left -= 1
        if self.left < 0:
            raise _failure(_TOO_MANY, node)
        if depth > DEEPEST:
            raise _failure(f"{_TOO_DEEP}, or an alias of itself", node)
        if node.kind is Kind.SCALAR:
            return _scalar(node)
        if node.tag not in {None, f"{TAGS}map", f"{TAGS}seq"}:
            raise _unsupported(node)
        if node.kind is Kind.SEQUENCE:
            return [self.value(item, depth + 1) for _, item in node.children]
        return self.mapping(node, depth)

    def mapping(self, node: Node, depth: int) -> dict[str, Value]:
        own: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        for key, child in node.children:
            name = key_of(key)
            if name is None:
                merged = self.merged(child, depth) | merged
            elif name in own:
                raise _failure(f"duplicate key '{name}'", key)
            else:
                own[name] = self.value(child, depth + 1)
        return merged | own if merged else own

    def merged(self, node: Node, depth: int) -> dict[str, Value]:
        value = self.value(node, depth + 1)
        result: dict[str, Value] = {}
        for source in reversed(value if isinstance(value, list) else [value]):
            if not isinstance(source, dict):
                raise _failure("only mappings can be merged", node)
            result |= source  # of several, the first counts
        return result


def _scalar(node: Node) -> Scalar:
    if node.tag is None:
        may_be_other = node.style is None and node.text[:1] in NOT_STRINGS
        return plain_value(node.text) if may_be_other else node.text
    try:
        return tagged_value(node.tag, node.text)
    except KeyError:
        raise _unsupported(node) from None
    except ValueError:
        raise _failure(f"'{node.text}' is not a valid {short(node.tag)}", node) from None


def _unsupported(node: Node) -> Malformed:
    return _failure(f"the tag '{short(str(node.tag))}' is not supported", node)


def _failure(problem: str, node: Node) -> Malformed:
    return Malformed(problem, node.line, node.column)
