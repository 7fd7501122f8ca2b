"""Edits of JSON that leave every other byte alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gitexp.model.documents.changes import Act, Change, index_in
from gitexp.model.documents.spans import append_to_flow, remove_from_flow
from gitexp.model.documents.yaml_nodes import Kind, Node
from gitexp.model.values import Value, Values

_BLANK = re.compile(r"[ \t\n\r]*")
_HALF = re.compile(r"[\ud800-\udfff]")
_DECODER = json.JSONDecoder()


def candidates(text: str, change: Change, wanted: Values) -> Iterator[str]:
    """Yield the text with the change made; the text is valid JSON with a mapping, or blank."""
    root = _node(text, _skip(text, 0)) if text.strip() else None
    if root is None or root.kind is not Kind.MAPPING:
        yield _written(dict(wanted), text) + "\n"
        return
    node = root
    for part in change.path[:-1]:
        node = node.children[_index(node, part)][1]
    part = change.path[-1]
    if change.act is Act.ADD:
        yield append_to_flow(text, node, node.start, _item(text, node, part, change.value))
    elif change.act is Act.REMOVE:
        yield remove_from_flow(text, node, node.start, _index(node, part))
    else:
        old = node.children[_index(node, part)][1]
        yield text[: old.start] + _written(change.value, text) + text[old.end :]


def _index(node: Node, part: str) -> int:
    if node.kind is Kind.SEQUENCE:
        return index_in(node.children, part) or 0
    found = [index for index, (key, _) in enumerate(node.children) if key.text == part]
    return found[-1]  # of duplicate keys the last counts


def _item(text: str, node: Node, part: str, value: Value) -> str:
    if node.kind is Kind.SEQUENCE:
        return _written(value, text)
    between = ": "
    if node.children:
        key, last = node.children[-1]
        between = text[key.end : last.start]
    return f"{_written(part, text)}{between}{_written(value, text)}"


def _written(value: Value, text: str) -> str:
    """Return a value as JSON, escaped if the text around it is all ASCII.

    Half of a pair, as text that was cut in the middle has it, is nothing that UTF-8 can hold.
    """
    if text.isascii():
        return json.dumps(value)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(value, ensure_ascii=False))


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _node(text: str, start: int) -> Node:
    if text[start] == "{":
        return _collection(text, Node(Kind.MAPPING, start, start, flow=True))
    if text[start] == "[":
        return _collection(text, Node(Kind.SEQUENCE, start, start, flow=True))
    return Node(Kind.SCALAR, start, _DECODER.raw_decode(text, start)[1])


def _collection(text: str, node: Node) -> Node:
    position = _skip(text, node.start + 1)
    while text[position] not in "}]":
        key = value = None
        if node.kind is Kind.MAPPING:
            name, end = _DECODER.raw_decode(text, position)
            key = Node(Kind.SCALAR, position, end, name)
            position = _skip(text, _skip(text, end) + 1)
        value = _node(text, position)
        node.children.append((key or value, value))
        position = _skip(text, value.end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    node.end = position + 1
    return node
