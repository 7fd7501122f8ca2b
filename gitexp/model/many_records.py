"""Records read by the thousand: what gitexp itself wrote is read by a decoder made for it.

That takes a fifth of the time, and making the decoder takes as long as reading some dozen records.
It reads nothing otherwise than `from_json`, which gets whatever it does not take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, get_type_hints

from msgspec import DecodeError, defstruct, field
from msgspec.json import Decoder
from msgspec.structs import astuple

from gitexp.model.record import RunRecord
from gitexp.model.record_check import check_values
from gitexp.model.record_json import FIELDS, FORMAT_VERSION, from_json

_ESCAPE = b"$float"
_MOST_OPEN = 250
"""How many mappings and lists there are before it is looked how deep they nest."""
_DOCUMENTS = Mapping[str, dict[str, Any]]
"""Values nest without end, which a type cannot say."""
_MAPPINGS = frozenset({"params", "metrics", "series", "figures", "read"})


@cache
def many_reader() -> Callable[[bytes], RunRecord]:
    """Return what reads records as `from_json` does, with the same errors."""
    decode = many_decoder()

    def read(content: bytes) -> RunRecord:
        if not may_be_decoded(content):
            return from_json(content)
        try:
            known = astuple(decode(content))
            record = RunRecord(*known[1:])
            check_values(record)
        except (DecodeError, ValueError, RecursionError):
            return from_json(content)
        return record

    return read


def may_be_decoded(content: bytes) -> bool:
    """Return whether the decoder reads what is valid JSON as `from_json` does.

    It takes any bytes for the texts of fields that it does not know.
    """
    is_text = content.isascii() or _is_text(content)
    return (
        is_text
        and _ESCAPE not in content
        and content.count(b"{") + content.count(b"[") <= _MOST_OPEN
    )


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def many_decoder() -> Callable[[bytes], Any]:
    """Return what gives the fields of `run.json`, not yet checked as values; raises DecodeError.

    Ask `may_be_decoded` first.
    """
    decode: Callable[[bytes], Any] = Decoder(_written()).decode
    return decode


def _written() -> type[Any]:
    """Return the fields that stand in `run.json`: the version, then those of the record."""
    types = get_type_hints(RunRecord, localns={"Documents": _DOCUMENTS})
    defaults = RunRecord.__struct_defaults__
    required = len(RunRecord.__struct_fields__) - len(defaults)
    found: list[Any] = [("version", Literal[FORMAT_VERSION])]
    for number, name in enumerate(RunRecord.__struct_fields__):
        if name not in FIELDS:
            break  # late facts, and what a newer gitexp has
        given = [_default(name, defaults[number - required])] if number >= required else []
        found.append((name, types[name], *given))
    return defstruct("Written", found, forbid_unknown_fields=True)


def _default(name: str, value: object) -> object:
    return field(default_factory=dict) if name in _MAPPINGS else value
