"""Values set in params files: those alone change, and every other byte stays."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from random import Random
from typing import Any

from gitexp.errors import GitexpError
from gitexp.model.documents.changes import ABSENT, Path, lookup
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import Parse, parse_document
from gitexp.model.identical import identical
from gitexp.model.values import Value

from tests.torture.fuzzed.documents import document
from tests.torture.fuzzed.judges import JUDGES, NoJudgeError, is_within
from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word
from tests.torture.fuzzed.writer import Document

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


_KEPT = re.compile(r"[|>]\d?\+")
"""A text to which the empty lines below belong, and so more of them if what follows is gone."""
_OFTEN_JUDGED = 0.1
"""How often ruamel.yaml is asked, which takes ten times as long."""


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
    is_judged: bool = True
    """Whether another program is asked what it reads."""

    def __str__(self) -> str:
        return f"{self.act} {self.path} to {self.value!r} in {self.made.text!r}"


class Edits:
    """The editor of files of one kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[bytes, dict[str, Value]] = {}

    def make(self, lot: Random) -> Edit:
        """Return a file, which may be spoilt, and what is to change in it."""
        self._known.clear()
        made = document(self._kind, lot)
        chance = lot.random()
        is_whole = chance < 0.6
        if not is_whole:
            text = noise(lot, 60) if chance > 0.97 else spoilt(made.text, lot, _WORDS)
            made = Document(made.name, text)
            try:
                made.values = self._parse(_bytes(text), made.name)
            except GitexpError:
                return Edit(made, (), None, "set", is_whole)
        act = lot.choice(("set", "set", "set", "set", "add", "remove"))
        path = _path(made.values, lot)
        value = lot.choice(_NEW)
        is_judged = self._kind != "yaml" or lot.random() < _OFTEN_JUDGED
        if act == "add" or not made.values:
            path = _new_path(made.values, path, lot)
            act = "add" if lookup(made.values, path) is ABSENT else "set"
        return Edit(made, path, value, act, is_whole, is_judged)

    def _parse(self, content: bytes, name: str) -> dict[str, Value]:
        """Read a file once for each input, because that is what takes the time."""
        if content not in self._known:
            self._known[content] = parse_document(content, name)
        return self._known[content]

    def check(self, edit: Edit) -> str:
        """Change the value, and look at the bytes and at what they say."""
        made = edit.made
        content = _bytes(made.text)
        try:
            values = self._parse(content, made.name)
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
            after = edit_document(content, made.name, wanted, [_scope(values, edit)], self._parse)
        except GitexpError as error:
            if _is_plain(edit):
                raise AssertionError(f"refused: {error}") from error
            return f"{edit.act}: refused"
        found = self._parse(after, made.name)
        assert identical(found, wanted), after
        judged = _judge(edit, content, values)(after, made.name)
        assert identical(judged, wanted), f"{after!r} is read by another as {judged!r}"
        if edit.is_whole:
            _check_bytes(edit, content.decode(), after.decode())
        return f"{edit.act}: done"


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _judge(edit: Edit, before: bytes, values: dict[str, Value]) -> Parse:
    """Return another reader of the file, if there is one that reads the same before the change."""
    judge = JUDGES.get(edit.made.name.rpartition(".")[2])
    if judge is None or not edit.is_judged:
        return parse_document
    try:
        found = judge(before, edit.made.name)
    except NoJudgeError:
        return parse_document
    is_alike = identical(found, values)
    assert is_alike or not edit.is_whole, f"read as {values!r}, and by another as {found!r}"
    return judge if is_alike else parse_document


def _is_plain(edit: Edit) -> bool:
    """Return whether nothing is in the way of a change."""
    kind = edit.made.name.rpartition(".")[2]
    if kind == "json" and edit.act == "remove":  # a key may be there twice
        return False
    if edit.act == "remove" and re.search(r"[|>]", edit.made.text):
        return False  # what is left below may belong to a text then
    if edit.made.text.rstrip().endswith("..."):  # behind which nothing belongs to the document
        return False
    # TOML has no null, and an array of tables holds nothing else
    is_table = edit.path[:1] == ("list",) and len(edit.path) <= len(("list", "0"))
    is_written = kind != "toml" or not (is_table or _has_null(edit.value))
    return edit.is_whole and not edit.made.shared and is_written


def _has_null(value: Value) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_null, value.values() if isinstance(value, dict) else value))
    return value is None


def _check_bytes(edit: Edit, before: str, after: str) -> None:
    """Fail if anything but the value is another than before."""
    path = edit.path
    is_last = edit.act == "remove" and len(_at(edit.made.values, path[:-1]) or ()) == 1
    if is_last:
        path = path[:-1]  # and what held it is empty now
    if edit.act == "set" or is_last:
        start, end = edit.made.spans.get(path, (0, len(before)))
        assert after.startswith(before[:start]), (before, after)
        assert after[start:].endswith(before[end:]), (before, after)
    elif not edit.made.shared and not _KEPT.search(before):
        less, more = (before, after) if edit.act == "add" else (after, before)
        assert is_within(less, more), (before, after)


def _change(values: dict[str, Value], edit: Edit) -> None:
    holder: Value = values
    for part in edit.path[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]  # type: ignore[index]
    last = edit.path[-1]
    if isinstance(holder, list):
        if edit.act == "remove":
            del holder[int(last)]
        elif edit.act == "add":
            holder.append(copy.deepcopy(edit.value))
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


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]
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


def _new_path(values: dict[str, Value], path: Path, lot: Random) -> Path:
    """Return where a value can be added: at the end of a list, or in a mapping around a value."""
    around = path[:-1]
    if isinstance(_at(values, around), list):
        if lot.random() < 0.7:
            return (*around, str(len(_at(values, around))))
        while not isinstance(_at(values, around), dict):
            around = around[:-1]
    return (*around, f"new{word(lot)}")
