"""YAML files as people write them, in all of its styles, with anchors, merges and tags."""

from __future__ import annotations

import math
import re

from gitexp.model.documents.changes import Path
from gitexp.model.values import Value

from tests.torture.fuzzed.writer import NAMES, Flow, Writer, Written

_PLAIN: tuple[Written, ...] = (
    *(("0.1", 0.1), ("1e-3", 0.001), ("12", 12), ("-0", 0), ("0x1F", 31), ("1_000", 1000)),
    *(("true", True), ("False", False), ("null", None), ("~", None), ("no", "no"), ("y", "y")),
    *(("adam", "adam"), ("'it''s'", "it's"), ('"a\\tb"', "a\tb"), ("''", ""), ("x#y", "x#y")),
    *(("2026-11-30", "2026-11-30"), ("1:30", "1:30"), ("'# no'", "# no"), ("é", "é")),
    *(("0o17", 15), ("012", 12), ("0b11", 3), ("+7", 7), ("1.", 1.0), (".5", 0.5), ("1E+3", 1e3)),
    *((".inf", math.inf), ("-.INF", -math.inf), (".NaN", math.nan), ("1e400", math.inf)),
    *(("9" * 40, int("9" * 40)), ("-0.0", -0.0), ("1_0.5", 10.5), ("08", 8), ("0o8", "0o8")),
    *(("2026-11-30T12:00:00Z", "2026-11-30T12:00:00+00:00"), ("1:30:00", "1:30:00")),
    *(("2026-11-30 12:00:00.5", "2026-11-30T12:00:00.500000"), ("On", "On"), ("NULL", None)),
    *(("2026-11-30 12:00:00 +01:30", "2026-11-30T12:00:00+01:30"), ("-x", "-x"), ("損😀", "損😀")),
    *(('"\\u00e9\\x41\\U0001F600"', "éA😀"), ('"\\\\ \\"#\\""', '\\ "#"'), ("a  b", "a  b")),
    *(("C:\\x", "C:\\x"), ("a'b\"c", "a'b\"c"), ("http://x", "http://x"), ("=", "=")),
    *(("!!str 12", "12"), ("!!int '7'", 7), ("!!float 1", 1.0), ("!!null ''", None)),
    *(("!!bool yes", True), ("! x", "x"), ("!!timestamp 2026-11-30", "2026-11-30")),
    *(("yes", "yes"), ("_1", "_1"), ("'\u2028'", "\u2028"), ("'a\tb'", "a\tb")),
)
_IN_BLOCKS: tuple[Written, ...] = (
    *_PLAIN,
    *(("a b, [c]", "a b, [c]"), ("a: b" and "a{b}", "a{b}"), ("x ? y", "x ? y")),
)
_FLOW = Flow((*_PLAIN, ('"a, b]"', "a, b]"), ("'{}'", "{}")))
_KEYS: tuple[tuple[str, str], ...] = (
    *((f"'{name}'", name) for name in NAMES),
    *((f'"{name}"', name) for name in NAMES),
    *((name, name) for name in NAMES),
    *((name, name) for name in NAMES),
    *(("true", "true"), ("~", "null"), ("1.5", "1.5"), ("0x10", "16"), ("a b", "a b")),
    *(("'x: y'", "x: y"), ('"\\u00e9\\n"', "é\n"), ("2026-11-30", "2026-11-30"), ("損😀", "損😀")),
    *(("!!str 5", "5"), ("a.b", "a.b"), ("'#'", "#"), ("x#", "x#"), ("''", "")),
)
_BLANKS = "     \t"
_ANCHORS = ("one", "two", "a-1", "_x")


class YamlWriter(Writer):
    """A file of YAML, with what its anchors stand for."""

    def __init__(self, kind: str, lot: object) -> None:
        super().__init__(kind, lot)  # type: ignore[arg-type]
        self.anchors: dict[str, Value] = {}

    def anchor(self, chance: float) -> str:
        """Return the name of an anchor now and then."""
        name = self.lot.choice(_ANCHORS) if self.lot.random() < chance else ""
        self.anchors.pop(name, None)  # until it stands for something; nothing stands for itself
        return name

    def known(self, kind: type) -> list[str]:
        """Return the anchors that stand for something of a kind."""
        return [name for name, value in self.anchors.items() if isinstance(value, kind)]


def write_yaml(writer: YamlWriter) -> None:
    """Write a document with a mapping."""
    lot, chance = writer.lot, writer.lot.random()
    if chance < 0.15:
        writer.write(lot.choice(("---\n", "--- # doc\n", "%YAML 1.2\n---\n", "# a\n\n---\n")))
    if 0.1 < chance < 0.18:
        pairs = _FLOW.pairs(writer, (), 0)
        writer.document.values = pairs if isinstance(pairs, dict) else {}
        writer.write(f"{writer.comment()}\n")
    else:
        writer.document.values = _block(writer, (), 0, "")
    if lot.random() < 0.04:
        writer.write("...\n")
        writer.is_fixed = True


def _block(
    writer: YamlWriter, at: Path, depth: int, indent: str, *, inline: bool = False
) -> dict[str, Value]:
    """Write a mapping on lines of its own; its first key may stand behind a dash."""
    lot = writer.lot
    own: dict[str, Value] = {}
    merged: dict[str, Value] = {}
    count = len(writer.keys(5)) if writer.is_large and not depth else lot.randrange(5 - depth) + 1
    for index in range(count):
        is_behind = inline and not index
        if not is_behind:
            _gap(writer, indent)
        spelled, key = lot.choice(_KEYS)
        if key in own:
            spelled = key = f"more{index}"
        lead = "" if is_behind else indent
        if not merged and lot.random() < 0.15 and writer.known(dict):
            writer.write(f"{lead}<<: ")
            merged = _merge(writer)
            writer.write(f"{writer.comment()}\n")
            if is_behind or own or lot.random() < 0.5:
                continue
            lead = indent
        if lot.random() < 0.02:
            writer.write(f"{lead}? {spelled}\n{indent}: ")
            own[key] = _FLOW.value(writer, (*at, key), 0, f"{indent}  ")
            writer.write(f"{writer.comment()}\n")
        else:
            writer.write(f"{lead}{spelled}{lot.choice((':', ':', ':', ' :'))}")
            own[key] = _after_colon(writer, (*at, key), depth, indent)
    return {**merged, **own}


def _merge(writer: YamlWriter) -> dict[str, Value]:
    """Write what a merge key takes in; the first of several counts."""
    known = writer.known(dict)
    names = writer.lot.sample(known, min(len(known), writer.lot.randrange(1, 3)))
    is_list = len(names) > 1 or writer.lot.random() < 0.2
    aliases = ", ".join(f"*{name}" for name in names)
    writer.write(f"[{aliases}]" if is_list else aliases)
    writer.document.shared = True
    found: dict[str, Value] = {}
    for name in reversed(names):
        value = writer.anchors[name]
        found |= value if isinstance(value, dict) else {}
    return found


def _gap(writer: YamlWriter, indent: str) -> None:
    """Leave a line; behind a text that goes by its lines, it would belong to it."""
    if not writer.is_fixed:
        writer.gap(writer.lot.choice((indent, indent, "", f"{indent}   ")))
    elif writer.lot.random() < 0.1:
        writer.write("# left\n")
    writer.is_fixed = False


def _after_colon(writer: YamlWriter, at: Path, depth: int, indent: str) -> Value:
    lot, chance = writer.lot, writer.lot.random()
    if depth < 3 and chance < 0.28:
        return (_nested if chance < 0.17 else _sequence)(writer, at, depth, indent)
    if chance < 0.32:
        return _text_block(writer, at, indent)
    if chance < 0.42 and writer.anchors:
        return _alias(writer)
    if chance < 0.45:
        start = writer.start()
        writer.keep(at, start)
        writer.write(f"{writer.comment()}\n")
        return None
    writer.write(lot.choice(_BLANKS))
    value = _behind_blank(writer, at, indent)
    writer.write(f"{writer.comment()}\n")
    return value


def _behind_blank(writer: YamlWriter, at: Path, indent: str) -> Value:
    """Write a value that begins on the line of its key."""
    chance = writer.lot.random()
    name, start = writer.anchor(0.05), writer.start()
    if name:
        writer.write(f"&{name} ")
    if chance < 0.07:
        value = _over_lines(writer, at, indent)
    elif chance < 0.33:
        value = _FLOW.value(writer, at, 0, f"{indent}  ")
    else:
        value = writer.scalar(_IN_BLOCKS, at)
    if name:
        writer.anchors[name] = value
        writer.keep(at, start)
    return value


def _alias(writer: YamlWriter) -> Value:
    name = writer.lot.choice(sorted(writer.anchors))
    writer.document.shared = True
    writer.write(f" *{name}{writer.comment()}\n")
    return writer.anchors[name]


def _nested(writer: YamlWriter, at: Path, depth: int, indent: str) -> Value:
    """Write a mapping on lines of its own, which others may stand for later on."""
    name, start = writer.anchor(0.35), writer.start()
    writer.write(f" &{name}" if name else "")
    writer.write(f"{writer.comment()}\n")
    value = _block(writer, at, depth + 1, indent + writer.lot.choice(("  ", "    ", " ")))
    return _closed(writer, at, start, name, value)


def _sequence(writer: YamlWriter, at: Path, depth: int, indent: str) -> Value:
    """Write a list on lines of its own."""
    name, start = writer.anchor(0.15), writer.start()
    writer.write(f" &{name}" if name else "")
    writer.write(f"{writer.comment()}\n")
    value = _items(writer, at, depth + 1, indent + writer.lot.choice(("", "  ")))
    return _closed(writer, at, start, name, value)


def _closed(writer: YamlWriter, at: Path, start: int, name: str, value: Value) -> Value:
    """Take down where a collection stands, without its last line end, and its anchor."""
    writer.document.spans[at] = (start, writer.start() - 1)
    if name:
        writer.anchors.setdefault(name, value)  # one within counts, which comes later
    return value


def _items(
    writer: YamlWriter, at: Path, depth: int, indent: str, *, inline: bool = False
) -> list[Value]:
    lot = writer.lot
    items: list[Value] = []
    for index in range(lot.randrange(1, 4) + 25 * writer.is_large):
        if not inline or index:
            _gap(writer, indent)
        lead = "" if inline and not index else indent
        place, chance = (*at, str(index)), lot.random()
        blank = lot.choice((" ", " ", "   "))
        inner = f"{indent} {blank}"
        if depth < 3 and chance < 0.15:
            writer.write(f"{lead}-{blank}")
            items.append(_block(writer, place, depth + 1, inner, inline=True))
        elif depth < 3 and chance < 0.2:
            writer.write(f"{lead}-{blank}")
            items.append(_items(writer, place, depth + 1, inner, inline=True))
        elif chance < 0.25:
            writer.write(f"{lead}-")
            items.append(_text_block(writer, place, indent))
        elif chance < 0.3 and writer.anchors:
            writer.write(f"{lead}-")
            items.append(_alias(writer))
        elif chance < 0.33:
            writer.write(f"{lead}-")
            writer.keep(place, writer.start())
            writer.write(writer.comment().replace("\t", " ") + "\n")
            items.append(None)
        else:
            writer.write(f"{lead}-{blank}")
            items.append(_FLOW.value(writer, place, 1, f"{indent}  "))
            writer.write(f"{writer.comment()}\n")
    return items


def _text_block(writer: YamlWriter, at: Path, indent: str) -> Value:
    """Write a text on lines of its own."""
    lot = writer.lot
    folded, mark = lot.random() < 0.4, lot.choice(("", "-", "-", "+"))
    deep = lot.choice((2, 3, 4))
    shown = str(deep) if lot.random() < 0.2 else ""
    lines = lot.choice((("some text",), ("a", "b: 1 # no"), ("# x", "", "- y"), ("'", '"é損')))
    start = writer.start() + 1
    writer.write(f" {'>' if folded else '|'}{shown}{mark}{writer.comment()}\n")
    inner = indent + " " * deep
    writer.write("".join(f"{inner if line else ''}{line}\n" for line in lines))
    if mark == "+" and lot.random() < 0.5:
        writer.write("\n")
        lines = (*lines, "")
    writer.document.spans[at] = (start, writer.start() - 1)
    writer.is_fixed = True
    joined = _folded(lines) if folded else "\n".join(lines)
    return (
        joined.rstrip("\n")
        if mark == "-"
        else f"{joined}\n"
        if mark == "+"
        else joined.rstrip("\n") + "\n"
    )


def _folded(lines: tuple[str, ...]) -> str:
    """Return lines as one; an empty one is a line end."""
    text = "\n".join(lines)
    return re.sub(r"(?<=[^\n])\n(\n*)(?=[^\n])", lambda found: found[1] or " ", text)


def _over_lines(writer: YamlWriter, at: Path, indent: str) -> Value:
    """Write a scalar that goes on in the next line."""
    more = f"\n{indent}  "
    return writer.scalar(
        (
            (f"some{more}more   words", "some more   words"),
            (f'"a{more}b\\{more}c\\n"', "a bc\n"),
            (f"'it\n{more}is # it'", "it\nis # it"),
            (f'"\\{more}x: 1"', "x: 1"),
            (f"a{more}{more}b", "a\nb"),
        ),
        at,
    )
