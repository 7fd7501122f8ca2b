"""Params files as people write them, with what they say and where each value stands."""

from __future__ import annotations

from random import Random

from tests.torture.fuzzed.jsons import write_json
from tests.torture.fuzzed.tomls import write_toml
from tests.torture.fuzzed.writer import Document, Writer
from tests.torture.fuzzed.yamls import YamlWriter, write_yaml

_EMPTY = 0.01
_NOTHING = {
    "yaml": ("", "# only\n", "# only", "---\n", "{}\n", "\n\n", "--- # a\n...\n", "\ufeff"),
    "json": ("", "{}", " \n", "{ }\n"),
    "toml": ("", "# only\n", "\n", "# only"),
}


def document(kind: str, lot: Random) -> Document:
    """Return a file by lot."""
    if lot.random() < _EMPTY:
        return Document(f"params.{kind}", lot.choice(_NOTHING[kind]))
    if kind == "yaml":
        writer: Writer = (of_yaml := YamlWriter(kind, lot))
        write_yaml(of_yaml)
    else:
        writer = Writer(kind, lot)
        (write_toml if kind == "toml" else write_json)(writer)
    made = writer.document
    if not writer.is_fixed and lot.random() < 0.1:
        made.text = made.text.rstrip("\r\n")
    if kind != "json" and lot.random() < 0.1 and not (kind == "toml" and writer.is_fixed):
        writer.end_lines("\r" if kind == "yaml" and lot.random() < 0.1 else "\r\n")
    if lot.random() < 0.03:
        writer.mark()
    return made
