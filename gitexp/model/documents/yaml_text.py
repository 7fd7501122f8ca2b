"""Values as YAML text that YAML 1.1 and 1.2 read alike."""

from __future__ import annotations

import json
import math
import re

import yaml

from gitexp.model.documents.yaml_scalars import plain_value
from gitexp.model.values import Value

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_PLAIN = re.compile(r"[^\W_\d][^\n]*|[\d_./$(+<^~;\\][^\n]*")
"""What a plain scalar may begin with; the indicators and quotes of YAML are not among it."""

_NOT_PLAIN = re.compile(
    r":(?:\s|$)|\s#|\t|\s$|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\U00010000-\U0010ffff]"
)
_NOT_IN_FLOW = re.compile(r"[\[\]{},:?]")


def written(value: Value, *, flow: bool, quote: str | None = None) -> str:
    """Return a value as YAML on one line; `flow` says that it stands in brackets or braces.

    >>> written({"lr": 1e-05, "names": ["a", "no"]}, flow=False)
    '{lr: 1.0e-05, names: [a, "no"]}'
    """
    if isinstance(value, dict):
        items = (f"{written(k, flow=True)}: {written(v, flow=True)}" for k, v in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(item, flow=True) for item in value)}]"
    if isinstance(value, str):
        return _string(value, flow, quote)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)


def _float(value: float) -> str:
    """Return the shortest digits, with the dot that PyYAML needs to see a float."""
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, exponent, power = repr(value).partition("e")
    return f"{digits}{'' if '.' in digits else '.0'}{exponent}{power}"


def _string(value: str, flow: bool, quote: str | None) -> str:
    if quote == "'" and not _UNPRINTABLE.search(value) and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote is None and _is_plain(value, flow):
        return value
    return _UNPRINTABLE.sub(_escape, json.dumps(value, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _is_plain(value: str, flow: bool) -> bool:
    if not _PLAIN.fullmatch(value) or _NOT_PLAIN.search(value) or value.startswith("..."):
        return False
    if flow and _NOT_IN_FLOW.search(value):
        return False
    try:
        return bool(plain_value(value) == value == yaml.safe_load(value))
    except (yaml.YAMLError, ValueError):  # such as a date that does not exist
        return False
