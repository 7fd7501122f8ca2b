"""Edits of YAML that leave every other byte alone: comments, quotes, anchors, layout."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from gitexp.model.documents.changes import Absent, Act, Change, Path, index_in, lookup
from gitexp.model.documents.spans import append_to_flow, newline_of, remove_from_flow
from gitexp.model.documents.yaml_block import (
    append_to_block,
    content_start,
    remove_from_block,
    replace_node,
)
from gitexp.model.documents.yaml_nodes import Kind, Node, key_of, parse
from gitexp.model.documents.yaml_text import written
from gitexp.model.values import Value, Values

_COMMENTED_END = re.compile(r"[\r\n]\Z")


class _Place(Struct, frozen=True):
    """A node, and how it hangs in the document."""

    node: Node
    parent: Node | None = None
    index: int = 0
    flow: bool = False
    """Whether it stands in brackets or braces."""


def candidates(text: str, change: Change, wanted: Values) -> Iterator[str]:
    """Yield ways to make the change, the one that keeps most first; the text is valid YAML."""
    root = parse(text)
    if root is None or (root.kind is Kind.SCALAR and not root.text):
        yield _with_first_key(text, change)
        return
    place, missing = _find(root, change.path)
    here = change.path[: len(change.path) - len(missing)]
    if not missing:
        if change.act is Act.REMOVE:
            yield from _removed(text, place)
        else:
            yield from _replaced(text, place, change.value)
    elif place.node.kind is Kind.ALIAS:
        yield from _unshared(text, place, here, change, wanted)
    elif change.act is not Act.REMOVE:
        value = lookup(dict(wanted), (*here, missing[0]))
        if not isinstance(value, Absent):
            yield from _added(text, place, missing[0], value)


def _find(root: Node, path: Path) -> tuple[_Place, Path]:
    """Return the last node on the way that is written in the text, and what is left of the path.

    What is left comes from a merge key or an alias, or is to be added.
    """
    place = _Place(root)
    for depth, part in enumerate(path):
        index = _index(place.node, part)
        if index is None:
            return place, path[depth:]
        child = place.node.children[index][1]
        place = _Place(child, place.node, index, place.flow or place.node.flow)
    return place, ()


def _index(node: Node, part: str) -> int | None:
    if node.kind is Kind.SEQUENCE:
        return index_in(node.children, part)
    keys = (key_of(key) for key, _ in node.children) if node.kind is Kind.MAPPING else ()
    return next((index for index, key in enumerate(keys) if key == part), None)


def _with_first_key(text: str, change: Change) -> str:
    """Return a text that holds nothing but comments with its first key."""
    newline = newline_of(text)
    open_line = bool(text) and not _COMMENTED_END.search(text)
    item = f"{written(change.path[0], flow=False)}: {written(change.value, flow=False)}"
    return f"{text}{newline}{item}" if open_line else f"{text}{item}{newline}"


def _added(text: str, place: _Place, part: str, value: Value) -> Iterator[str]:
    node = place.node
    flow = place.flow or node.flow
    item = written(value, flow=flow)
    if node.kind is Kind.MAPPING:
        item = f"{written(part, flow=flow)}: {item}"
    if node.flow:
        yield append_to_flow(text, node, content_start(text, node), item)
    else:
        yield append_to_block(text, node, item if node.kind is Kind.MAPPING else f"- {item}")


def _removed(text: str, place: _Place) -> Iterator[str]:
    if place.parent is None:
        return
    if place.parent.flow:
        opening = content_start(text, place.parent)
        yield remove_from_flow(text, place.parent, opening, place.index)
    else:
        yield remove_from_block(text, place.parent, place.index)


def _replaced(text: str, place: _Place, value: Value) -> Iterator[str]:
    node = place.node
    quote = node.style if node.style in {"'", '"'} else None
    new = written(value, flow=place.flow, quote=quote)
    if isinstance(value, bool) and node.text in {"True", "False"}:
        new = str(value)
    if place.parent:
        yield from replace_node(text, place.parent, place.index, new)


def _unshared(
    text: str, place: _Place, here: Path, change: Change, wanted: Values
) -> Iterator[str]:
    """Give a place that is an alias a value of its own, as a merge if one will do."""
    alias = text[place.node.start : place.node.end]
    part = change.path[len(here)]
    own = lookup(dict(wanted), (*here, part))
    if change.act is not Act.REMOVE and not isinstance(own, Absent):
        item = f"{written(part, flow=True)}: {written(own, flow=True)}"
        yield text[: place.node.start] + f"{{<<: {alias}, {item}}}" + text[place.node.end :]
    whole = lookup(dict(wanted), here)
    if not isinstance(whole, Absent):
        new = written(whole, flow=place.flow)
        yield text[: place.node.start] + new + text[place.node.end :]
