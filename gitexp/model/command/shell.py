"""A line for the shell, taken apart into its commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from gitexp.model.command.words import Word

_INNER = r"(?:[^()]|\([^()]*\))*"
_TOKEN = rf"""(?xs)
    (?P<blank> (?:[ \t\r\f\v]|\\\n)+ | \#[^\n]* )
  | (?P<redirect> [0-9]*(?: <<< | <<-? | [<>]& | >> | <> | >\| | [<>](?!\() ) | &>>? )
  | (?P<operator> && | \|\| | ;; | \|& | [;&|()\n] )
  | (?P<word> (?:
        \\. | '[^']*' | ` [^`]* ` | \$\( {_INNER} \) | \$\{{ [^}}]* \}} | \$(?![({{])
      | [<>]\( {_INNER} \)
      | " (?: \\. | \$\( {_INNER} \) | \$(?!\() | [^"\\$] )* "
      | [^\s;&|()<>'"\\`$]
    )+ )
    """
_PIECE = r"""(?s)\\(?P<bare>.)|'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|."""
_EXPANDED = r"(?s)[$`*?]|[<>]\(|\{[^}]*(?:,|\.\.)[^}]*\}"
_QUOTED = r"""(?s)\\.|'[^']*'|"(?:\\.|[^"\\])*\""""
_BRANCHING = frozenset({"if", "elif", "while", "until", "case", "select", "function"})
_RESERVED = _BRANCHING | {"then", "do", "else", "!", "{", "fi", "done", "esac", "}"}


class Piece(Struct, frozen=True):
    """The words of one command, or what stands between two of them."""

    words: list[Word]
    is_command: bool = False
    certain: bool = True
    is_rest: bool = False
    """Whether this is what could not be followed."""


def pieces(line: str) -> Iterator[Piece]:
    r"""Yield the commands of a line, with what stands between them.

    A command that may not have run, as behind `||` or in an `if`, is not certain. Where the line
    cannot be followed (a function, a document that begins with `<<`), its rest is one such piece.

    >>> [one.words[-1].text for one in pieces("a 1 > log; (b '2 3') | c \"$x\"") if one.is_command]
    ['1', '2 3', '$x']
    """
    tokens, doubt, words = list(_tokens(line)), _Doubt(), list[Word]()
    for place, (kind, text, word) in enumerate(tokens):
        if kind == "rest" or _cannot_follow(kind, text, words):
            rest = [one for _, _, one in tokens[place:]]
            yield Piece([*words, *rest], is_command=True, certain=False, is_rest=True)
            return
        if kind == "word" and (words or text not in _RESERVED):
            words.append(word)
            continue
        if words and kind != "redirect":
            yield Piece(words, is_command=True, certain=doubt.certain)
        yield Piece([word])
        if kind != "redirect":
            doubt.pass_over(text, words)
            words = []
    if words:
        yield Piece(words, is_command=True, certain=doubt.certain)


class _Doubt:
    """Whether the command that comes next on a line runs in any case."""

    def __init__(self) -> None:
        self._depends = [False]
        """By level of nesting."""
        self._branches = False

    @property
    def certain(self) -> bool:
        return not self._branches and not self._depends[-1]

    def pass_over(self, text: str, words: list[Word]) -> None:
        """Note an operator or reserved word, with the command before it."""
        self._branches = self._branches or text in _BRANCHING
        tested = bool(words) and words[0].text in {"test", "[", "[["}
        levels = self._depends
        if text in {"(", "{"}:
            levels.append(levels[-1])
        elif text in {")", "}"}:
            if len(levels) > 1:
                levels.pop()
        elif text == "||" or (text == "&&" and tested):
            levels[-1] = True
        elif text in {";", "\n", "&"}:
            levels[-1] = len(levels) > 1 and levels[-2]


def _cannot_follow(kind: str, text: str, words: list[Word]) -> bool:
    if kind == "redirect":
        return text.lstrip("0123456789") in {"<<", "<<-"}
    return kind == "operator" and text == "(" and bool(words) and words[-1].text != "time"


def _tokens(line: str) -> Iterator[tuple[str, str, Word]]:
    position, target, token = 0, False, re.compile(_TOKEN)
    while position < len(line):
        match = token.match(line, position)
        if match is None or match.lastgroup is None:  # an open quote: the shell will say so
            yield "rest", "", Word(line[position:], line[position:], fixed=False)
            return
        position, kind, text = match.end(), match.lastgroup, match[0]
        if kind == "blank":
            continue
        if kind == "word" and target:
            kind = "redirect"
        target = match.lastgroup == "redirect"
        yield kind, text, _word(text)


def _word(typed: str) -> Word:
    unquoted = re.sub(_QUOTED, "", typed)
    double = "".join(match["double"] or "" for match in re.finditer(_PIECE, typed))
    expanded = bool(re.search(r"(?s)(?<!\\)[$`]", re.sub(r"(?s)\\\\", "", double)))
    fixed = not (expanded or re.search(_EXPANDED, unquoted) or unquoted.startswith("~"))
    return Word(re.sub(_PIECE, _unquoted, typed), typed, fixed)


def _unquoted(match: re.Match[str]) -> str:
    if match["bare"] is not None:
        return "" if match["bare"] == "\n" else match["bare"]
    if match["single"] is not None:
        return match["single"]
    if match["double"] is not None:
        return re.sub(r'(?s)\\(["\\$`]|\n)', lambda one: one[1].strip("\n"), match["double"])
    return match[0]
