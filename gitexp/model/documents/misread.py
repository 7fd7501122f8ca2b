"""Floats that scripts do not read as floats: `lr: 1e-3` is a text to PyYAML, which is YAML 1.1."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import yaml

from gitexp.model.documents.changes import Path, lookup
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import PYTHON, kind_of
from gitexp.model.values import Value

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def written_anew(
    content: bytes, name: str, wanted: dict[str, Value], keys: Iterable[Path]
) -> bytes:
    """Return the file with those floats under the keys fixed that scripts misread.

    Whoever sets a param to 0.001 means the number, even if the file already says so.
    """
    if name.lower().endswith(PYTHON) or kind_of(name) != "YAML":
        return content
    try:
        read = yaml.load(content, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:  # what YAML 1.2 takes and 1.1 does not
        return content
    misread = [
        key
        for key in keys
        if isinstance(lookup(wanted, key), float) and isinstance(lookup(read, key), str)
    ]
    if not misread:
        return content
    passing = copy.deepcopy(wanted)
    for key in misread:
        holder = lookup(passing, key[:-1])
        if isinstance(holder, dict):
            holder[key[-1]] = None
    return edit_document(edit_document(content, name, passing, misread), name, wanted, misread)
