"""Values set in params files: those alone change, and every other byte stays."""

from __future__ import annotations

import copy
import json
import sys
from dataclasses import dataclass
from random import Random
from typing import Any

from gitexp.errors import GitexpError
from gitexp.model.documents.changes import Path, identical
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import decode, parse_document
from gitexp.model.values import Value

from tests.torture.fuzzed.documents import Document, document
from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word

_NEW: tuple[Any, ...] = (
    *(0, 1, -7, 10**20, 0.5, 1e-300, 1e22, float("nan"), float("-inf"), True, False, None),
    *(
        "sgd",
        "",
        "no",
        "1e-3",
        "a: b",
        "it's",
        '"',
        "# x",
        "\n",
        "\t\x1b",
        "2026-11-30",
        "é損",
        "]",
    ),
    *([], [1, "a"], {}, {"new": 1}, [[1.5], {"b": None}]),
)
_WORDS = (
    *(
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        "&a ",
        "*a",
        "<<: *one",
        "!!int ",
        "? ",
        "|\n",
    ),
    *(
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "'",
        '"',
        "\\",
        "=",
        "[a.b]\n",
        "[[c]]\n",
        "a.b = 1\n",
        '"""',
    ),
    *(
        "\t",
        "\n",
        "\r",
        "\n\n",
        "null",
        "1e999",
        "0o17",
        "NaN",
        "-Infinity",
        "\ufeff",
        "@",
        "`",
        "%",
    ),
)


@dataclass
class Edit:
    """One value that changes in one file."""

    made: Document
    path: Path
    value: Value
    act: str
    """'set', 'add' or 'remove'."""
    is_whole: bool
    """Whether the file is as its writer meant it."""

    def __str__(self) -> str:
        return f"{self.act} {self.path} to {self.value!r} in {self.made.text!r}"


class Edits:
    """The editor of files of one kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def make(self, lot: Random) -> Edit:
        """Return a file, which may be spoilt, and what is to change in it."""
        made = document(self._kind, lot)
        chance = lot.random()
        is_whole = chance < 0.6
        if not is_whole:
            text = noise(lot, 60) if chance > 0.97 else spoilt(made.text, lot, _WORDS)
            made = Document(made.name, text)
            try:
                made.values = parse_document(_bytes(text), made.name)
            except GitexpError:
                return Edit(made, (), None, "set", is_whole)
        act = lot.choice(("set", "set", "set", "set", "add", "remove"))
        path = _path(made.values, lot)
        value = lot.choice(_NEW)
        if act == "add":
            return Edit(
                made, (*_holder(made.values, path), f"new{word(lot)}"), value, act, is_whole
            )
        return Edit(made, path, value, act, is_whole)

    def check(self, edit: Edit) -> str:
        """Change the value, and look at the bytes and at what they say."""
        made = edit.made
        content = _bytes(made.text)
        try:
            values = parse_document(content, made.name)
        except GitexpError:
            assert not edit.is_whole, "a file that is as it was meant cannot be read"
            return REFUSED
        if edit.is_whole:
            assert identical(values, made.values), f"read as {values!r}"
        if not edit.path:
            return "without a value"
        wanted = copy.deepcopy(values)
        _change(wanted, edit)
        try:
            after = edit_document(content, made.name, wanted, [_scope(values, edit)])
        except GitexpError:
            return f"{edit.act}: refused"
        assert identical(_read(after, content, made.name), wanted), after
        if edit.is_whole:
            _check_bytes(edit, content.decode(), after.decode())
        return f"{edit.act}: done"


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _read(after: bytes, before: bytes, name: str) -> dict[str, Value]:
    """Return what a file says; to Python's own reader of TOML, if that took it before.

    It knows TOML 1.0 alone, in which the braces of a table stand on one line.
    """
    is_plain = b"\r" not in before + after  # which Python's own reader makes a plain newline
    if is_plain and name.endswith(".toml") and sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - not in Python 3.10

        try:
            tomllib.loads(decode(before, name))
        except tomllib.TOMLDecodeError:
            return parse_document(after, name)
        return _plain(tomllib.loads(decode(after, name)))
    return parse_document(after, name)


def _plain(values: dict[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = json.loads(json.dumps(values, default=lambda one: one.isoformat()))
    return found


def _check_bytes(edit: Edit, before: str, after: str) -> None:
    """Fail if anything but the value is another than before."""
    if edit.act == "set" and edit.path in edit.made.spans and not edit.made.shared:
        start, end = edit.made.spans[edit.path]
        assert after.startswith(before[:start]), (before, after)
        assert after[start:].endswith(before[end:]), (before, after)


def _change(values: dict[str, Value], edit: Edit) -> None:
    holder: Value = values
    for part in edit.path[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]  # type: ignore[index]
    last = edit.path[-1]
    if isinstance(holder, list):
        if edit.act == "remove":
            del holder[int(last)]
        else:
            holder[int(last)] = copy.deepcopy(edit.value)
    elif isinstance(holder, dict):
        if edit.act == "remove":
            del holder[last]
        else:
            holder[last] = copy.deepcopy(edit.value)


def _scope(values: Value, edit: Edit) -> Path:
    """Return under which key something changes: without an item, others move up."""
    holder = _at(values, edit.path[:-1])
    return edit.path[:-1] if edit.act == "remove" and isinstance(holder, list) else edit.path


def _at(value: Value, path: Path) -> Value:
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]  # type: ignore[index]
    return value


def _path(values: dict[str, Value], lot: Random) -> Path:
    """Return where a value stands; () if there is none."""
    path: Path = ()
    value: Value = values
    while value and isinstance(value, dict | list):
        keys = [*value] if isinstance(value, dict) else [*map(str, range(len(value)))]
        path = (*path, lot.choice(keys))
        value = _at(values, path)
        if lot.random() < 0.1:
            break
    return path


def _holder(values: dict[str, Value], path: Path) -> Path:
    """Return the mapping around a value."""
    while path and not isinstance(_at(values, path), dict):
        path = path[:-1]
    return path
