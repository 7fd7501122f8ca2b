"""Edits of collections in brackets or braces, JSON's and YAML's alike, and of the lines around."""

from __future__ import annotations

import re

from gitexp.model.documents.yaml_nodes import Node

_LINE_END = re.compile(r"\r\n|\n|\r|\Z")
_AFTER_ITEM = re.compile(r"[ \t]*(?P<comma>,)?[ \t]*(?:(?<=\s)#[^\r\n]*)?")
_COMMA = re.compile(r"\s*,")


def newline_of(text: str) -> str:
    """Return the line ending that a text uses first."""
    match = re.search(r"\r\n|\n|\r", text)
    return match.group() if match else "\n"


def line_start(text: str, position: int) -> int:
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def line_end(text: str, position: int) -> int:
    """Return where the line ends, before its line ending."""
    match = _LINE_END.search(text, position)
    return match.start() if match else len(text)


def next_line(text: str, position: int) -> int:
    """Return where the next line starts."""
    match = _LINE_END.search(text, position)
    return match.end() if match else len(text)


def without_lines(text: str, start: int, end: int) -> str:
    """Return the text without the whole lines that hold a span; the last line ends as before."""
    first, after = line_start(text, start), next_line(text, end)
    if after == line_end(text, end):  # the last line of a text that has no newline at its end
        before = text[:first]
        return before[: len(before) - len(_newline_at_end(before))]
    return text[:first] + text[after:]


def _newline_at_end(text: str) -> str:
    match = re.search(r"(?:\r\n|\n|\r)\Z", text)
    return match.group() if match else ""


def append_to_flow(text: str, node: Node, opening: int, item: str) -> str:
    """Return the text with an item at the end of a collection whose bracket is at `opening`."""
    if not node.children:
        return text[: opening + 1] + item + text[opening + 1 :]
    key, _ = node.children[-1]
    end = _end(node, -1)
    if not _starts_its_line(text, key):
        return text[:end] + _separator(text, node) + item + text[end:]
    indent = text[line_start(text, key.start) : key.start]
    line = newline_of(text) + indent + item
    match = _AFTER_ITEM.match(text, end)
    after = match.end() if match else end
    if match and match["comma"]:
        return f"{text[:after]}{line},{text[after:]}"
    return f"{text[:end]},{text[end:after]}{line}{text[after:]}"


def remove_from_flow(text: str, node: Node, opening: int, index: int) -> str:
    """Return the text without an item and its comma."""
    start, end = node.children[index][0].start, _end(node, index)
    if len(node.children) == 1:
        closing = node.end - 1
        return text[: opening + 1] + text[closing:]
    if index < len(node.children) - 1:
        return text[:start] + text[node.children[index + 1][0].start :]
    return _without_last(text, start, end, _end(node, index - 1))


def _without_last(text: str, start: int, end: int, before: int) -> str:
    match = _AFTER_ITEM.match(text, end)
    own_lines = not text[line_start(text, start) : start].strip()
    if match and own_lines and match["comma"]:
        return without_lines(text, start, match.end())
    comma = _COMMA.match(text, before)
    if not own_lines or comma is None:
        return text[:before] + text[end:]
    first = line_start(text, start)
    kept = text[comma.end() : first]
    kept = kept[: len(kept) - len(_newline_at_end(kept))]
    return text[: comma.end() - 1] + kept + text[match.end() if match else end :]


def _end(node: Node, index: int) -> int:
    key, value = node.children[index]
    return max(key.end, value.end)


def _starts_its_line(text: str, node: Node) -> bool:
    return not text[line_start(text, node.start) : node.start].strip()


def _separator(text: str, node: Node) -> str:
    """Return the comma as it stands between the last two items."""
    if len(node.children) > 1:
        between = text[_end(node, -2) : node.children[-1][0].start]
        if re.fullmatch(r",[ \t]*", between):
            return between
    return ", "
