"""TOML files as people write them: tables in any order, dotted keys, dates, all kinds of texts."""

from __future__ import annotations

import math
import re
from typing import Any

from gitexp.model.documents.changes import Path
from gitexp.model.values import Value

from tests.torture.fuzzed.writer import Flow, Writer, Written

_SCALARS: tuple[Written, ...] = (
    *(("0.1", 0.1), ("1e-3", 0.001), ("12", 12), ("+7", 7), ("0x1F", 31), ("1_000", 1000)),
    *(("true", True), ("false", False), ("inf", math.inf), ("-inf", -math.inf), ("nan", math.nan)),
    *(("0o17", 15), ("0b1_1", 3), ("-0.0", -0.0), ("6.02E+2_3", 6.02e23), ("1e22", 1e22)),
    *(("9223372036854775807", 2**63 - 1), ("+nan", math.nan), ("224_617.445_9", 224617.4459)),
    *(('"adam"', "adam"), ("'C:\\x'", "C:\\x"), ('"a\\tb"', "a\tb"), ('"# no"', "# no")),
    *(("''", ""), ('"\\U0001F600\\u00e9"', "😀é"), ('"é損"', "é損"), ("'a\tb'", "a\tb")),
    *(('"\\"]}="', '"]}='), ("'[x]'", "[x]"), ('"""one"""', "one"), ("'''x'''", "x")),
    *(('"""a "" b"""', 'a "" b'), ("2026-11-30", "2026-11-30"), ("07:32:00.5", "07:32:00.500000")),
    *(("1979-05-27T07:32:00Z", "1979-05-27T07:32:00+00:00"), ("07:32:00", "07:32:00")),
    *(("1979-05-27 07:32:00", "1979-05-27T07:32:00"),),
    *(("1979-05-27T00:32:00.999-07:00", "1979-05-27T00:32:00.999000-07:00"),),
)
_OF_LINES: tuple[Written, ...] = (
    *(("'''a\nb'''", "a\nb"), ('"""\na\n\n  b\n"""', "a\n\n  b\n"), ("'''\n# x\n'''", "# x\n")),
    *(('"""a \\\n   b"""', "a b"), ('"""[x]\n\\"\\"\\" = 1"""', '[x]\n""" = 1')),
)
_FLOW = Flow(_SCALARS, sign=" = ", quote="'", over_lines="[")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLACES: tuple[Path, ...] = (
    *(("table",), ("table", "sub"), ("other",), ("third", "deep", "est"), ("third",)),
    *(("ü",), ("a b", "c"), ("table", "more")),
)


def write_toml(writer: Writer) -> None:
    """Write pairs, tables and arrays of tables."""
    lot, root = writer.lot, writer.document.values
    _pairs(writer, (), root, 2)
    for place in lot.sample(_PLACES, lot.choice((0, 0, 1, 1, 2, 3))):
        writer.gap()
        holder = _holder(root, place)
        if holder is None:
            continue
        table = holder.setdefault(place[-1], {})
        _head(writer, "[", place, "]")
        _pairs(writer, place, table, 2)
    if lot.random() < 0.15:
        _tables(writer)


def _holder(root: dict[str, Value], place: Path) -> dict[str, Any] | None:
    """Return where a table belongs, if its name is free there."""
    holder: Any = root
    for part in place[:-1]:
        holder = holder.setdefault(part, {}) if isinstance(holder, dict) else None
    return (
        holder if isinstance(holder, dict) and isinstance(holder.get(place[-1], {}), dict) else None
    )


def _tables(writer: Writer) -> None:
    """Write an array of tables, of which some hold tables."""
    listed: list[Value] = []
    writer.document.values["list"] = listed
    for index in range(writer.lot.choice((1, 1, 2, 3))):
        writer.gap()
        table: dict[str, Value] = {}
        listed.append(table)
        _head(writer, "[[", ("list",), "]]")
        _pairs(writer, ("list", str(index)), table, 2)
        if writer.lot.random() < 0.3:
            within: dict[str, Value] = {}
            table["within"] = within
            _head(writer, "[", ("list", "within"), "]")
            _pairs(writer, ("list", str(index), "within"), within, 1)


def _head(writer: Writer, opening: str, place: Path, closing: str) -> None:
    lot = writer.lot
    dot, blank = lot.choice((".", ".", " . ")), lot.choice(("", "", " "))
    name = dot.join(_key(writer, part) for part in place)
    writer.write(f"{lot.choice(('', '', '  '))}{opening}{blank}{name}{blank}{closing}")
    writer.write(f"{writer.comment()}\n")


def _key(writer: Writer, key: str) -> str:
    quote = writer.lot.choice(("", "", "", "'", '"'))
    quote = quote or ("" if _BARE.fullmatch(key) else '"')
    return f"{quote}{key}{quote}"


def _pairs(writer: Writer, at: Path, values: dict[str, Value], most: int) -> None:
    indent = writer.lot.choice(("", "", "", "  ", "\t"))
    for key in writer.keys(most):
        if key in values:
            continue
        writer.gap(indent)
        writer.write(f"{indent}{_key(writer, key)}")
        dotted = writer.lot.random() < 0.1
        if dotted:
            writer.write(f".{_key(writer, 'sub')}")
        writer.write(writer.lot.choice((" = ", " = ", "=", "  =\t")))
        place = (*at, key, "sub") if dotted else (*at, key)
        value = _value(writer, place)
        values[key] = {"sub": value} if dotted else value
        writer.write(f"{writer.comment()}\n")


def _value(writer: Writer, at: Path) -> Value:
    chance, start = writer.lot.random(), writer.start()
    if chance < 0.05:
        writer.is_fixed = True
        return writer.scalar(_OF_LINES, at)
    if chance < 0.2:
        value = _FLOW.items(writer, at, 1)
        writer.keep(at, start)
        return value
    return _FLOW.value(writer, at, 0)
