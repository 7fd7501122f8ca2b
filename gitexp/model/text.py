"""Text on a terminal: what is harmless to show, and how wide it is."""

from __future__ import annotations

import json
from functools import lru_cache

from gitexp.model.lazy_pattern import lazy_pattern

_JOINERS = "\u200c\u200d"
"""Invisible, but part of how words and emoji are written; harmless."""
_LINE_ENDS = "\u2028\u2029"


_PLAIN = lazy_pattern(r"(?a)[A-Za-z_][\w./-]*(?: [\w./-]+)*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def yaml_key(name: str) -> str:
    """Return a name as it can be written for a key in YAML.

    >>> yaml_key("val/loss"), yaml_key("f1: macro"), yaml_key("no")
    ('val/loss', '"f1: macro"', '"no"')
    """
    is_plain = _PLAIN.fullmatch(name) is not None and name.lower() not in _WORDS
    return name if is_plain else json.dumps(name, ensure_ascii=False)


def harmless(text: str) -> str:
    r"""Return the text with characters that a terminal acts upon, or cannot show, spelled out.

    >>> harmless("a\nb\x1b[31mc")
    'a\\nb\\x1b[31mc'
    """
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def harmless_lines(text: str) -> str:
    r"""Return the text, of which every line is harmless.

    >>> harmless_lines("a\x07\nb")
    'a\\x07\nb'
    """
    return "\n".join(map(harmless, text.split("\n")))


def harmless_json(text: str) -> str:
    r"""Return JSON that says the same and of which every line is harmless.

    >>> harmless_json('["a\u202eb"]')
    '["a\\u202eb"]'
    """
    return "\n".join(
        line if line.isprintable() else "".join(map(_escaped, line)) for line in text.split("\n")
    )


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _visible(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if character.isspace() and character > "\x9f" and character not in _LINE_ENDS:
        return " "
    return character.encode("unicode_escape").decode()


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> text_width("loss"), text_width("損失"), text_width("e\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(character_width, text))


@lru_cache(maxsize=4096)
def character_width(character: str) -> int:
    import unicodedata  # noqa: PLC0415 - 1 ms, beyond ASCII alone

    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
