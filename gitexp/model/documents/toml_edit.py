"""Edits of TOML by tomlkit, which keeps comments, order and layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item, String

from gitexp.errors import GitexpError
from gitexp.model.documents.changes import Act, Change, agreeing
from gitexp.model.values import Value, Values

_BARE_NEWLINE = re.compile(r"(?<!\r)\n")


def candidates(text: str, change: Change, wanted: Values) -> Iterator[str]:  # noqa: ARG001 (as of JSON)
    """Yield the text with the change made; the text is valid TOML."""
    document = tomlkit.parse(text)
    before = tomlkit.dumps(document)
    try:
        _make(document, change)
        after = tomlkit.dumps(document)
    except (AttributeError, LookupError, TypeError, ValueError):
        return  # what tomlkit cannot do, such as a number in place of a `[[table]]`
    if before != text:
        after = _with_lines(text, before, after)
    if "\r\n" in text and not _BARE_NEWLINE.search(text):
        after = _BARE_NEWLINE.sub("\r\n", after)  # tomlkit ends the lines that it adds with \n
    yield after


def _with_lines(text: str, before: str, after: str) -> str:
    """Return what tomlkit wrote, with the lines of the text where it changed none.

    It writes the names of an array of tables all alike, and loses blanks. `before` is the text
    as it writes it without a change.
    """
    old, kept, new = (one.splitlines(keepends=True) for one in (text, before, after))
    if len(old) != len(kept):
        return _with_blanks(text, before, after)
    head = agreeing(kept, new)
    tail = agreeing(kept[head:][::-1], new[head:][::-1])
    texts = ("".join(lines[head : len(lines) - tail]) for lines in (old, kept, new))
    return "".join((*old[:head], _with_blanks(*texts), *old[len(old) - tail :]))


def _with_blanks(text: str, before: str, after: str) -> str:
    """Return what tomlkit wrote, with the blanks that it lost on the way, as those after dates.

    `before` is the text as tomlkit writes it without a change. If it is another in more than
    blanks, what tomlkit wrote stands as it is.
    """
    places = _places(text, before)
    if places is None:
        return after
    least = min(len(before), len(after))
    start = next((at for at in range(least) if before[at] != after[at]), least)
    most = least - start
    same = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    end = len(before) - same
    first = places[start] if start < end else _behind(places, start)
    return text[:first] + after[start : len(after) - same] + text[_behind(places, end) :]


def _places(text: str, before: str) -> list[int] | None:
    """Return where each character stands in the text, which may have more blanks."""
    places: list[int] = []
    for at, character in enumerate(text):
        if len(places) < len(before) and before[len(places)] == character:
            places.append(at)
        elif character not in " \t":
            return None
    return places if len(places) == len(before) else None


def _behind(places: list[int], end: int) -> int:
    """Return the place behind the last of so many characters."""
    return places[end - 1] + 1 if end else 0


def _make(document: TOMLDocument, change: Change) -> None:
    holder: Any = document  # tomlkit's containers share no type
    for part in change.path[:-1]:
        holder = holder[int(part) if isinstance(holder, list) else part]
    last = change.path[-1]
    place = int(last) if isinstance(holder, list) else last
    if change.act is Act.REMOVE:
        del holder[place]
    elif change.act is Act.ADD and isinstance(holder, list):
        holder.append(_item(change.value))
    elif change.act is Act.ADD:
        holder[place] = _item(change.value)
    else:
        holder[place] = _like(holder[place], change.value)


def _like(old: object, value: Value) -> Item:
    """Return a value quoted as the old one was, if it can be."""
    if isinstance(value, str) and isinstance(old, String) and old.as_string().startswith("'"):
        try:
            return tomlkit.string(value, literal=True)
        except (TOMLKitError, ValueError):
            return tomlkit.string(value)
    return _item(value)


def _item(value: Value) -> Item:
    if value is None:
        raise GitexpError("TOML has no null", "Delete the key with `~key`, or use a YAML file.")
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, item in value.items():
            table.append(key, _item(item))
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for item in value:
            array.append(_item(item))
        return array
    return tomlkit.item(value)
