"""JSON files as people and programs write them."""

from __future__ import annotations

import json
import math

from tests.torture.fuzzed.writer import NAMES, Flow, Writer, Written

SCALARS: tuple[Written, ...] = (
    *(("0.1", 0.1), ("1E-3", 0.001), ("12", 12), ("-0", 0), ("true", True), ("null", None)),
    *(('"adam"', "adam"), ('"a\\"}"', 'a"}'), ('""', ""), ('"\\u00e9"', "é"), ('"é, ["', "é, [")),
    *(("false", False), ("-0.0", -0.0), ("1e+22", 1e22), ("0.1e-5", 1e-06), ("5e-324", 5e-324)),
    *(("9" * 40, int("9" * 40)), ("1e400", math.inf), ("NaN", math.nan), ("-Infinity", -math.inf)),
    *(('"\\b\\f\\/\\\\"', "\b\f/\\"), ('"\\ud83d\\ude00"', "😀"), ('"😀損"', "😀損")),
    *(('"\\u0000"', "\0"), ('"\\r\\n\\t"', "\r\n\t"), ('"\u2028\x7f"', "\u2028\x7f")),
    *(('"a: 1 # no"', "a: 1 # no"), ('"1e-3"', "1e-3"), ("0.30000000000000004", 0.1 + 0.2)),
)
_FLOW = Flow(SCALARS, quote='"', is_loose=False)
_KEYS = (*NAMES, "", "a.b", 'a"b', "a\\b", "x\ty", "😀", "new")


def write_json(writer: Writer) -> None:
    """Write a mapping; of a key that is there twice, the last one counts."""
    lot = writer.lot
    between = lot.choice(("", " ", "\n  ", "\n\t", "\r\n    ", "\n"))
    writer.write(lot.choice(("", "", "\n", " \t")))
    writer.write("{")
    keys = [lot.choice(_KEYS) for _ in range(lot.randrange(6))]
    for index, key in enumerate([*writer.keys(5), *keys] if writer.is_large else keys):
        writer.write(f"{lot.choice((',', ',', ' ,')) if index else ''}{between}")
        writer.write(json.dumps(key, ensure_ascii=lot.random() < 0.3))
        writer.write(lot.choice((":", ": ", ": ", " : ", ":\n")))
        writer.document.values[key] = _FLOW.value(writer, (key,), 0, "  ")
    writer.write(lot.choice(("}", "}\n", "\n}\n", " }\t\n\n")))
