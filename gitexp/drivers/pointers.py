"""Pointer files as documents that can be merged: data as a whole, and a stage as a whole.

The hash of one side with the size of the other would point to nothing, and a stage with the
inputs of one side and the outputs of the other would pass for one that was run.
"""

from __future__ import annotations

from typing import Any

from gitexp.data.dvc_file import read_with_comments, write_with_comments
from gitexp.drivers.listed import LOCK, by_path
from gitexp.errors import GitexpError
from gitexp.model.documents.changes import Path
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.values import Value

_DATA = ("md5", "size", "nfiles", "isexec", "hash", "files", "etag", "version_id")
WHOLE = "\0data"
"""No path and no field has this name."""
_IN_STAGES = 2
"""How deep in a `dvc.lock` a stage lies."""


def parse_pointers(content: bytes, name: str) -> dict[str, Value]:
    """Return a `.dvc` file or a `dvc.lock` as a document to be merged."""
    document = parse_document(content, f"{name}.yaml")
    if name == LOCK or not document:
        return document
    if "deps" in document:  # an import: where it is from belongs to what came of it
        return {WHOLE: document}
    outs = by_path({"outs": document.get("outs") or {}})["outs"]
    if not isinstance(outs, dict):
        return {WHOLE: document}
    return {**document, "outs": {path: _grouped(out) for path, out in outs.items()}}


def is_whole(at: Path) -> bool:
    """Return whether what lies at a key is one thing, which both sides cannot change at once."""
    return at[-1] == WHOLE or (at[0] == "stages" and len(at) == _IN_STAGES)


def rewritten(content: bytes, name: str, wanted: dict[str, Value]) -> bytes:
    """Return the file as DVC writes it, with the wanted document; what is alike stays."""
    if identical(parse_pointers(content, name), wanted):
        return content
    document = read_with_comments(content, name)
    if WHOLE in wanted:
        _fill(document, wanted[WHOLE])
        return write_with_comments(document)
    key, kind = ("stages", dict) if name == LOCK else ("outs", list)
    listed = wanted.get(key, {})
    if not isinstance(document.setdefault(key, kind()), kind) or not isinstance(listed, dict):
        raise _odd(name)
    _fill(document, {**wanted, key: kind()}, but=key)
    (_fill if name == LOCK else _fill_outs)(document[key], listed)
    return write_with_comments(document)


def _odd(name: str) -> GitexpError:
    return GitexpError(f"'{name}' is not as DVC writes it", "Merge it by hand.")


def _grouped(out: Value) -> Value:
    """Return an output with what follows from its data as one value."""
    if not isinstance(out, dict):
        return out
    said = {key: value for key, value in out.items() if key not in _DATA}
    return {WHOLE: {key: out[key] for key in _DATA if key in out}, **said}


def _fill(document: Any, wanted: Any, but: str | None = None) -> None:
    """Make a mapping hold what is wanted, and leave alone what is alike or not to be touched."""
    for key in [key for key in document if key not in wanted]:
        del document[key]
    for key, value in wanted.items():
        if key != but and (key not in document or document[key] != value):
            document[key] = value


def _fill_outs(listed: Any, wanted: Any) -> None:
    if not all("path" in out for out in listed):
        raise _odd("outs")
    known = {str(out["path"]): out for out in listed}
    for path in known.keys() - wanted.keys():
        listed.remove(known[path])
    for path, out in wanted.items():
        if not isinstance(out, dict) or WHOLE not in out:  # of a base: both sides added it
            raise _odd(path)
        fields = {**out[WHOLE], **{k: v for k, v in out.items() if k != WHOLE}, "path": path}
        if path in known:
            _fill(known[path], fields)
        else:
            listed.append(fields)
