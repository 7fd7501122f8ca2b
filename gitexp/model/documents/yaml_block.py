"""The lines that YAML's block style gives to nodes: adding, removing and replacing them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitexp.model.documents.spans import line_end, line_start, newline_of, without_lines
from gitexp.model.documents.yaml_nodes import Kind, Node

_PROPERTIES = re.compile(r"(?:[&!]\S*\s*(?:#[^\r\n]*\s+)*)*")
_TAG = re.compile(r"!\S*[ \t]*")
_NO_TAG = re.compile(r"!(?!\S)[ \t]*")
"""What has a value be a string to some readers, and nothing at all to others."""
_BLOCK_HEADER = re.compile(r"[|>](?P<marks>[-+0-9]*)(?P<comment>[ \t]+#[^\r\n]*)?")
_QUESTION = re.compile(r"\?[ \t]+\Z")
_COLON = re.compile(r"[ \t]*:")


def content_start(text: str, node: Node) -> int:
    """Return where a node starts, behind its anchor and tag."""
    match = _PROPERTIES.match(text, node.start, node.end)
    return match.end() if match else node.start


def content_end(text: str, node: Node) -> int:
    """Return where what a node says ends; its marks take in the comments that follow."""
    if node.children and not node.flow:
        return _entry_end(text, node, -1)
    if node.style not in {"|", ">"}:
        return node.end
    start = content_start(text, node)
    header = _BLOCK_HEADER.match(text, start)
    content = text[start : node.end]
    if header and "+" in header["marks"]:  # the blank lines at its end are part of it
        return start + len(re.sub(r"(?:\r\n|\n|\r)\Z", "", content))
    return start + len(content.rstrip())


def append_to_block(text: str, node: Node, item: str) -> str:
    """Return the text with a line for an item below the last line of a collection."""
    first = _entry_start(text, node, 0)
    lead = text[line_start(text, first) : first]
    asked = _QUESTION.search(lead)  # before a key that has its colon on the next line
    indent = " " * (asked.start() if asked else len(lead))
    end = line_end(text, content_end(text, node))
    return f"{text[:end]}{newline_of(text)}{indent}{item}{text[end:]}"


def remove_from_block(text: str, node: Node, index: int) -> str:
    """Return the text without the lines of an entry."""
    start = _entry_start(text, node, index)
    is_last = index == len(node.children) - 1  # behind an odd line end, which `strip` leaves
    if is_last or not text[line_start(text, start) : start].strip(" ?"):
        return without_lines(text, start, _entry_end(text, node, index))
    # the first entry of a collection that starts on the line of a dash
    return text[:start] + text[_entry_start(text, node, index + 1) :]


def replace_node(text: str, parent: Node, index: int, new: str) -> Iterator[str]:
    """Yield the text with new text for a value, with its tag kept first and then without."""
    node = parent.children[index][1]
    start, end = content_start(text, node), content_end(text, node)
    properties = _NO_TAG.sub("", text[node.start : start])
    if node.kind in {Kind.MAPPING, Kind.SEQUENCE} and not node.flow:
        yield _instead_of_block(text, parent, index, new)
        return
    for kept in dict.fromkeys([properties, _TAG.sub("", properties)]):
        head = text[: node.start] + kept
        if start == end:
            yield f"{head}{'' if head[-1:].isspace() else ' '}{new}{text[end:]}"
            yield f"{head}: {new}{text[end:]}"  # a key of braces that has no colon yet
        else:
            header = _BLOCK_HEADER.match(text, start) if node.style in {"|", ">"} else None
            yield head + new + ((header and header["comment"]) or "") + text[end:]


def _instead_of_block(text: str, parent: Node, index: int, new: str) -> str:
    """Return the text with a value on the line of its key or dash instead of on lines of its own.

    Anchors stay, and so does a comment on the line of the key; a tag goes with what it was for.
    """
    node = parent.children[index][1]
    start, end = content_start(text, node), content_end(text, node)
    head_end = _head_end(text, parent, index)
    properties = text[head_end:start]
    if not re.search(r"[\r\n]", properties):
        return text[: node.start] + _TAG.sub("", text[node.start : start]) + new + text[end:]
    anchor = re.match(r"\s*(?:!\S*[ \t]+)?(&\S+)", text[head_end:start])
    comment = re.search(r"[ \t]+#[^\r\n]*", text[head_end : line_end(text, head_end)])
    words = [text[:head_end], *([anchor[1]] if anchor else []), new]
    return " ".join(words) + (comment.group() if comment else "") + text[line_end(text, end) :]


def _head_end(text: str, parent: Node, index: int) -> int:
    """Return where the key with its colon, or the dash, of an entry ends."""
    if parent.kind is Kind.SEQUENCE:
        return _entry_start(text, parent, index) + 1
    key = parent.children[index][0]
    colon = _COLON.match(text, key.end)
    return colon.end() if colon else key.end


def _entry_start(text: str, node: Node, index: int) -> int:
    """Return where the key or the dash of an entry is."""
    if node.kind is Kind.MAPPING:
        return node.children[index][0].start
    first = content_start(text, node)
    if index == 0:
        return first
    column = first - line_start(text, first)
    before = content_end(text, node.children[index - 1][1])
    dash = re.compile(rf"^ {{{column}}}-(?=\s|\Z)", re.MULTILINE).search(text, before)
    return dash.end() - 1 if dash else node.children[index][0].start


def _entry_end(text: str, node: Node, index: int) -> int:
    key, value = node.children[index]
    end = content_end(text, value)
    return end if key is value else max(key.end, end)
