"""Params, metrics and pointers as `name: value` lines, so that git's own diff reads well."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from gitexp.drivers.listed import LOCK, by_path, is_pointer_file
from gitexp.errors import GitexpError
from gitexp.model.documents.reading import parse_document
from gitexp.model.numbers import size_text
from gitexp.model.text import harmless
from gitexp.model.values import Value, Values, dumps, flatten

_LONGEST = 88
"""A list of up to this many characters goes on one line."""

_IN_BYTES = 1000


def key_wise(content: bytes, name: str) -> str:
    """Return a file as lines, one a value; raise GitexpError if it is not one of ours.

    Every digit is shown: the two sides of a diff are turned into text apart from each other.

    >>> key_wise(b"train: {lr: 0.1, layers: [64, 32]}", "params.yaml")
    'train.lr: 0.1\\ntrain.layers: [64, 32]\\n'
    """
    file = posixpath.basename(name)
    lines = _of_pointers(content, file) if is_pointer_file(file) else _of_values(content, file)
    return "".join(f"{harmless(line)}\n" for line in lines)


def _of_values(content: bytes, name: str) -> Iterator[str]:
    for key, value in flatten(parse_document(content, name)).items():
        yield from _lines(key, value)


def _of_pointers(content: bytes, name: str) -> Iterator[str]:
    values: Values = parse_document(content, f"{name}.yaml")
    if name == LOCK:
        stages = values.get("stages")
        values = stages if isinstance(stages, dict) else {}
    for key, value in flatten(_named(by_path(values))).items():
        end = key.rpartition(".")[2]
        if end == "size" and isinstance(value, int) and not isinstance(value, bool):
            exact = f" ({value:,} bytes)" if value >= _IN_BYTES else ""
            yield f"{key}: {size_text(value)}{exact}"
        elif end != "hash":  # always md5 since DVC 3; it says nothing about the data
            yield from _lines(key, value)


def _named(values: Values) -> dict[str, Value]:
    """Return the outputs of a `.dvc` file under their own names, which come first."""
    outs = values.get("outs")
    if not isinstance(outs, dict):
        return dict(values)
    return {**outs, **{key: value for key, value in values.items() if key != "outs"}}


def _lines(key: str, value: Value) -> Iterator[str]:
    text = _text(value)
    if not isinstance(value, list) or len(text) <= _LONGEST:
        yield f"{key}: {text}"
        return
    for index, item in enumerate(value):
        if isinstance(item, dict) and item:
            for inner, one in flatten(item).items():
                yield from _lines(f"{key}.{index}.{inner}", one)
        else:
            yield from _lines(f"{key}.{index}", item)


def _text(value: Value) -> str:
    """Return a value so that any two that differ have texts that differ."""
    if isinstance(value, str):
        return value if _is_plain(value) else dumps(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_text(item)}' for key, item in value.items())}}}"
    return repr(value) if isinstance(value, float) else dumps(value)


def _is_plain(text: str) -> bool:
    """Return whether a text cannot be taken for a value of another kind."""
    if not text or text.strip() != text or text[0] in '"[{' or "\n" in text:
        return False
    if text in {"true", "false", "null"}:
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def shown(content: bytes, name: str) -> bytes:
    """Return what git shows of a file: its lines, or its bytes if it is not one of ours."""
    try:
        return key_wise(content, name).encode()
    except (GitexpError, UnicodeEncodeError):
        return content
