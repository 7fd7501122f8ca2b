"""The arguments of programs that take params in a way of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gitexp.errors import GitexpError
from gitexp.model.command.words import Part, Word, value_of
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value

_VALUED_BY_MAKE = frozenset(
    {"-C", "-I", "-f", "-j", "-l", "-o", "-W", "-d", "--eval", "--directory", "--file"}
)
_VARIABLE = r"(?s)([A-Za-z_][\w.-]*):{0,3}=(.*)"
_PAIRS = {"-p": True, "--parameters": True, "-r": False, "--parameters_raw": False}
"""Options of papermill with a name and a value, and whether the value may be a number."""
_YAML = frozenset({"-y", "--parameters_yaml"})
_ELSEWHERE = frozenset({"-f", "--parameters_file", "-b", "--parameters_base64"})
NOTEBOOK = ".ipynb"
"""What a notebook ends in, which is a command by itself for `gitexp run`."""
_SETS = ("--set-param", "-S")
"""What sets a param of a notebook."""
_PYTHONS: dict[str, Value] = {"True": True, "False": False, "None": None}


def make_parts(words: Sequence[Word]) -> Iterator[Part]:
    """Yield the variables that are set for make and the like; neither options nor targets.

    >>> from gitexp.model.command.words import as_typed
    >>> found = make_parts(as_typed(["-j", "4", "train", "LR=0.1"]))
    >>> [(one.key, *one.values) for one in found if one.key]
    [('LR', 0.1)]
    """
    position = 0
    while position < len(words):
        word = words[position]
        variable = re.fullmatch(_VARIABLE, word.text)
        taken = 1
        if variable:
            yield Part([word], variable[1], [value_of(variable[2])], not word.fixed, replaces=True)
        else:
            follows = position + 1 < len(words) and not re.fullmatch(
                _VARIABLE, words[position + 1].text
            )
            taken += word.text in _VALUED_BY_MAKE and follows
            yield Part(words[position : position + taken], unclear=not word.fixed)
        position += taken


def papermill_parts(words: Sequence[Word]) -> Iterator[Part]:
    """Yield what papermill hands to a notebook; a name that comes again replaces the earlier one.

    >>> from gitexp.model.command.words import as_typed
    >>> found = papermill_parts(as_typed("a.ipynb b.ipynb -p lr 0.1 -r id 7".split()))
    >>> [(one.key, *one.values) for one in found if one.key]
    [('lr', 0.1), ('id', '7')]
    """
    position = 0
    while position < len(words):
        text = words[position].text
        taken = 3 if text in _PAIRS else 2 if text in _YAML | _ELSEWHERE else 1
        here = words[position : position + taken]
        position += taken
        if len(here) < taken or not all(word.fixed for word in here):
            named = len(here) > 1 and text in _PAIRS and here[1].fixed
            yield Part(here, here[1].text if named else "", unclear=True)
        elif text in _PAIRS:
            yield _pair(here, may_be_number=_PAIRS[text])
        elif text in _YAML:
            yield from _of_yaml(here)
        else:
            attached = re.match(r"-[pryfb].|--parameters", text)
            yield Part(here, unclear=text in _ELSEWHERE or bool(attached))


def notebook_parts(words: Sequence[Word]) -> Iterator[Part]:
    """Yield what `-S` hands to a notebook that is run by itself; lists are as in YAML.

    >>> from gitexp.model.command.words import as_typed
    >>> found = notebook_parts(as_typed(["-S", "lr=0.1", "-Ssizes=[1, 2]", "--odd"]))
    >>> [(one.key, *one.values, one.unclear) for one in found]
    [('lr', 0.1, False), ('sizes', [1, 2], False), ('', True)]
    """
    position = 0
    while position < len(words):
        text, taken = words[position].text, 1
        if text in _SETS and position + 1 < len(words):
            text, taken = words[position + 1].text, 2
        else:
            text = next((text[len(one) :] for one in _SETS if text.startswith(one)), "")
        here = words[position : position + taken]
        key, equals, value = text.lstrip("=").partition("=")
        if equals and key.isidentifier() and all(word.fixed for word in here):
            yield Part(here, key, [_value_in_notebook(value)], replaces=True)
        else:
            yield Part(here, unclear=True)
        position += taken


def _value_in_notebook(text: str) -> Value:
    if text[:1] not in ("[", "{", "'", '"'):
        return _PYTHONS.get(text, value_of(text))
    try:
        return parse_document(f"value: {text}".encode(), "-S.yaml").get("value", text)
    except GitexpError:
        return text


def _pair(words: Sequence[Word], *, may_be_number: bool) -> Part:
    key, text = words[1].text, words[2].text
    if not key.isidentifier():
        return Part(words, unclear=True)
    value: Value = text
    if may_be_number:
        value = value_of(text)
        if value is None or isinstance(value, bool):
            value = _PYTHONS.get(text, text)
    return Part(words, key, [value], replaces=True)


def _of_yaml(words: Sequence[Word]) -> Iterator[Part]:
    try:
        found = parse_document(words[1].text.encode(), "-y.yaml")
    except (GitexpError, UnicodeEncodeError):
        found = {}
    known = {key: value for key, value in found.items() if key in words[1].text and key}
    yield Part(words, unclear=not known or len(known) < len(found))
    for key, value in known.items():
        yield Part([], key, [value], replaces=True)
