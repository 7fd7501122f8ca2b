"""The bytes of a `.dvc` file, as `dvc add` writes it."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from gitexp.data.plain_yaml import load_plain
from gitexp.data.pointers import AS_ADDED, LEGACY_HASH, Pointer
from gitexp.errors import GitexpError

OUT_DEFAULTS: dict[str, Any] = {
    "cache": True,
    "push": True,
    "desc": None,
    "type": None,
    "labels": [],
    "meta": {},
    "metric": False,
    "plot": False,
    "persist": False,
    "remote": None,
}
"""Fields of an output that DVC leaves out when they say nothing."""


_PLAIN_HASH = re.compile(r"(?=[0-9a-f]*[acdf])[0-9a-f]{32}(?:\.dir)?")
"""One that cannot be taken for a number."""
_PLAIN_PATH = re.compile(r"[A-Za-z][\w-]*[./][\w./-]*[0-9A-Za-z]", re.ASCII)
"""One that cannot be taken for anything but a text: `true` and `null` have no dot."""
_SHORT = 60


def dvc_file_bytes(
    pointer: Pointer, previous: bytes | None = None, dvc_path: str | None = None
) -> bytes:
    """Return the `.dvc` file of a pointer.

    What the user wrote into the previous one (descriptions, labels, comments, an import's origin)
    survives as it survives `dvc add`. `dvc_path` is relative to the pointer's root; without it the
    file lies beside the data and is named after it.
    """
    dvc_path = dvc_path or f"{pointer.path}.dvc"
    try:
        pointer.path.encode()
    except UnicodeEncodeError as exc:
        raise GitexpError(
            f"{pointer.path!r} has a name that is not UTF-8, which a '.dvc' file cannot hold",
            "Rename it.",
        ) from exc
    plain = _plain(pointer, previous, dvc_path)
    if plain is not None:
        return plain
    if previous is None:
        own = _own_fields(pointer, posixpath.relpath(pointer.path, posixpath.dirname(dvc_path)))
        return write_with_comments({"outs": [own]})
    return write_with_comments(_updated(read_with_comments(previous, dvc_path), pointer, dvc_path))


def _plain(pointer: Pointer, previous: bytes | None, dvc_path: str) -> bytes | None:
    """Return the file where nothing has to be quoted or kept, which takes no YAML (5 ms).

    None where something may have to be: most of the time nothing has.
    """
    path = posixpath.relpath(pointer.path, posixpath.dirname(dvc_path) or ".")
    is_plain = _PLAIN_HASH.fullmatch(pointer.md5) and _PLAIN_PATH.fullmatch(path)
    is_usual = pointer.hash_name != LEGACY_HASH and not pointer.executable
    if not (is_plain and is_usual and len(path) <= _SHORT) or pointer.size is None:
        return None
    has_files = pointer.nfiles is not None
    if previous is not None:
        before = AS_ADDED.fullmatch(previous)
        if before is None or before[4] != path.encode() or (before[3] is not None) != has_files:
            return None
    files = f"  nfiles: {pointer.nfiles}\n" if has_files else ""
    first = f"outs:\n- md5: {pointer.md5}\n  size: {pointer.size}\n"
    return f"{first}{files}  hash: md5\n  path: {path}\n".encode()


def dvc_lock_bytes(
    pointer: Pointer, previous: bytes, lock_path: str, folders: Mapping[str, str | None]
) -> bytes:
    """Return a `dvc.lock` in which the stage that wrote a path points to this version of it.

    `folders` is what `stage_folders` found in the `dvc.yaml` beside it.
    """
    document = read_with_comments(previous, lock_path)
    for name, stage in (document.get("stages") or {}).items():
        wdir = folders.get(name, folders.get(name.partition("@")[0], "")) or ""
        folder = posixpath.join(posixpath.dirname(lock_path), wdir)
        for out in stage.get("outs") or []:
            path = str(out.get("path"))
            if posixpath.normpath(posixpath.join(folder, path)) == pointer.path:
                out.update({**_own_fields(pointer, path), "path": path})
                return write_with_comments(document)
    raise GitexpError(f"'{lock_path}' does not list '{pointer.path}'", "Move the data away.")


def _own_fields(pointer: Pointer, path: str) -> dict[str, Any]:
    fields = {
        "md5": pointer.md5,
        "size": pointer.size,
        "nfiles": pointer.nfiles,
        "isexec": pointer.executable or None,
        "hash": None if pointer.hash_name == LEGACY_HASH else "md5",
        "path": path,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _updated(document: Any, pointer: Pointer, dvc_path: str) -> Any:
    """Change what follows from the data, and nothing else, in a document with comments."""
    folder = posixpath.join(posixpath.dirname(dvc_path), document.get("wdir") or "")
    target = posixpath.normpath(pointer.path)
    for out in document.get("outs") or []:
        if posixpath.normpath(posixpath.join(folder, str(out.get("path")))) == target:
            _update_out(out, _own_fields(pointer, posixpath.relpath(target, folder or ".")))
            break
    else:
        raise GitexpError(
            f"'{dvc_path}' does not list '{pointer.path}'",
            f"Remove '{dvc_path}' if it is no longer needed.",
        )
    for name in [name for name, value in document.items() if not value]:
        del document[name]
    if posixpath.normpath(document.get("wdir") or ".") == ".":
        document.pop("wdir", None)
    return document


def _update_out(out: Any, own: dict[str, Any]) -> None:
    for name, value in own.items():
        if out.get(name) != value:
            out[name] = value
    for name in list(out):
        known = name in own or name in OUT_DEFAULTS
        if not known or (name in OUT_DEFAULTS and out[name] == OUT_DEFAULTS[name]):
            del out[name]


def read_with_comments(content: bytes, dvc_path: str) -> Any:
    # Imported late: only writing needs a parser that keeps comments, and it takes 20 ms.
    from ruamel.yaml import YAML  # noqa: PLC0415 - 10 ms with the one below, where a file of DVC is written
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    load_plain(content, dvc_path)  # takes a moment of what nests so deep that the other takes long
    try:
        document = YAML(typ="rt").load(content.decode().replace("\r\n", "\n"))
    except (YAMLError, UnicodeDecodeError) as exc:
        raise _unreadable(dvc_path) from exc
    outs = (document.get("outs") or []) if isinstance(document, dict) else None
    if not isinstance(outs, list) or not all(isinstance(out, dict) for out in outs):
        raise _unreadable(dvc_path)
    return document


def write_with_comments(document: Any) -> bytes:
    from ruamel.yaml import YAML  # noqa: PLC0415 - 15 ms, as above

    writer = YAML()
    writer.default_flow_style = False
    dump: Callable[[Any, io.BytesIO], None] = writer.dump
    stream = io.BytesIO()
    dump(document, stream)
    return stream.getvalue()


def _unreadable(dvc_path: str) -> GitexpError:
    return GitexpError(
        f"'{dvc_path}' is not a valid '.dvc' file",
        "Fix it, or remove it to have it written again.",
    )
