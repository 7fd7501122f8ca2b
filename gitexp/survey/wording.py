"""Words of the survey: names in a sentence, and texts as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

PLAIN_COMMAND = re.compile(r"[A-Za-z_][\w./-]*( [\w./-]+)+")

_PLAIN = re.compile(r"[A-Za-z_][\w-]*[./][\w./-]*")
_SHOWN = 4


def quoted(text: str, plain: re.Pattern[str] = _PLAIN) -> str:
    """Return a text as YAML, which is what JSON has for what can be printed."""
    return text if plain.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def listed_names(names: Sequence[str]) -> str:
    """Return names as a list in a sentence, the first few of many."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
