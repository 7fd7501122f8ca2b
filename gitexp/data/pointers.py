"""Pointers: what `.dvc` files and `dvc.lock` say about data that git does not hold."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NewType

from msgspec import Struct

from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME, read_pipeline
from gitexp.errors import GitexpError
from gitexp.model.refused_names import is_refused

Role = Literal["dep", "out"]

LEGACY_HASH = "md5-dos2unix"
"""The hash of DVC 2: md5 with CRLF read as LF in text files, kept in a cache folder of its own."""

LOCK_SCHEMA = "2.0"

POINTING = (".dvc", LOCK_NAME)
"""How the names of files end that may hold pointers."""

SafePlace = NewType("SafePlace", Path)
"""A place of which `pointers.ground` says that data may lie there."""

_MD5 = re.compile(r"[0-9a-f]{32}")
AS_ADDED = re.compile(
    rb"outs:\n- md5: ([0-9a-f]{32}(?:\.dir)?)\n  size: (\d+)\n(?:  nfiles: (\d+)\n)?"
    rb"  hash: md5\n  path: ([0-9A-Za-z_](?:[0-9A-Za-z_./ +=@-]*[0-9A-Za-z_.+=@-])?)\n"
)
"""What `dvc add` writes, mostly: read without a YAML parser, which takes fifty times as long."""
_HASH = re.compile(r"[0-9A-Za-z_]+(?:\.dir)?")
"""A hash names a file of the cache, and a pointer may come from anybody."""
_OF_TOOLS = frozenset({".dvc", ".hg"})
"""Folders that DVC never takes for data, as it never takes `.git`."""


class Pointer(Struct, frozen=True):
    """A file or a folder of which git holds only the hash."""

    path: str
    """POSIX, relative to the root that its `.dvc` or `dvc.lock` file was named from."""
    md5: str
    """Ends in `.dir` for a folder: the hash of its manifest."""
    size: int | None = None
    nfiles: int | None = None
    """How many files a folder holds; None for a file."""
    hash_name: str = "md5"
    executable: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether the pointer stands for a folder."""
        return self.md5.endswith(".dir")


def pointers_of(path: str, read: Callable[[str], bytes | None]) -> Iterator[Pointer]:
    """Yield what a `.dvc` file points to, or what the stages of a `dvc.lock` wrote.

    What stages leave to git (`cache: false`) is a file like any other.
    """
    folder, _, name = path.rpartition("/")
    if path.endswith(".dvc"):
        yield from parse_dvc_file(read(path) or b"", path)
    elif name == LOCK_NAME:
        pipeline = f"{folder}/{PIPELINE_NAME}" if folder else PIPELINE_NAME
        content = read(pipeline) or b""
        listed = parse_dvc_lock(read(path) or b"", path, stage_folders(content, pipeline))
        named = read_pipeline(content, pipeline)
        of_git = named.outs - named.cached
        yield from (one for one, role in listed if role == "out" and one.path not in of_git)


def parse_dvc_file(content: bytes, dvc_path: str) -> tuple[Pointer, ...]:
    """Return the outputs that a `.dvc` file points to, those without a hash left out.

    >>> parse_dvc_file(b"outs: [{md5: ab, size: 1, hash: md5, path: m.pt}]", "a/m.pt.dvc")
    (Pointer(path='a/m.pt', md5='ab', size=1, nfiles=None, hash_name='md5', executable=False),)
    """
    if plain := AS_ADDED.fullmatch(content):
        md5, size, nfiles, path = map(bytes.decode, plain.groups(default=b""))
        place = _join(posixpath.dirname(dvc_path), path)
        return (Pointer(place, md5, int(size), int(nfiles) if nfiles else None),)
    document = _mapping(load_plain(content, dvc_path), dvc_path)
    folder = _join(posixpath.dirname(dvc_path), _text(document, "wdir"))
    return tuple(_pointers(document, "outs", folder, dvc_path))


def is_import(content: bytes, dvc_path: str) -> bool:
    """Return whether a `.dvc` file is one of data that came from elsewhere, by `dvc import`.

    >>> is_import(b"outs: [{md5: ab, path: m.pt}]", "m.pt.dvc")
    False
    """
    return b"deps:" in content and bool(
        _mapping(load_plain(content, dvc_path), dvc_path).get("deps")
    )


def parse_dvc_lock(
    content: bytes,
    lock_path: str,
    folders: Mapping[str, str | None] | None = None,
) -> tuple[tuple[Pointer, Role], ...]:
    """Return the dependencies and outputs with a hash of all stages in a `dvc.lock`.

    Paths in a `dvc.lock` are relative to the folder of their stage, which only `dvc.yaml` knows:
    pass what `stage_folders` found there. Stages whose folder is None are left out.
    """
    document = _mapping(load_plain(content, lock_path), lock_path)
    if document and document.get("schema") != LOCK_SCHEMA:
        raise GitexpError(
            f"'{lock_path}' is not a lock file of schema {LOCK_SCHEMA}",
            "Run `dvc repro` with DVC 3 to write it again.",
        )
    found: list[tuple[Pointer, Role]] = []
    for name, entry in _mapping(document.get("stages"), lock_path).items():
        wdir = _folder_of(name, folders or {})
        if wdir is not None:
            folder = _join(posixpath.dirname(lock_path), wdir)
            stage = _mapping(entry, lock_path)
            found += [(pointer, "dep") for pointer in _pointers(stage, "deps", folder, lock_path)]
            found += [(pointer, "out") for pointer in _pointers(stage, "outs", folder, lock_path)]
    return tuple(found)


def stage_folders(content: bytes, yaml_path: str) -> dict[str, str | None]:
    """Return the `wdir` of each stage of a `dvc.yaml` that has one, None if it is a template."""
    document = _mapping(load_plain(content, yaml_path), yaml_path)
    folders: dict[str, str | None] = {}
    for name, entry in _mapping(document.get("stages"), yaml_path).items():
        stage = _mapping(entry, yaml_path)
        wdir = _text(_mapping(stage.get("do"), yaml_path) or stage, "wdir")
        if wdir:
            folders[name] = None if "${" in wdir else wdir
    return folders


def stage_commands(content: bytes, lock_path: str) -> dict[str, str]:
    """Return what each stage of a `dvc.lock` ran, several commands as the shell would chain them.

    >>> stage_commands(b"{stages: {train: {cmd: [./a, ./b]}}}", "dvc.lock")
    {'train': './a && ./b'}
    """
    stages = _mapping(_mapping(load_plain(content, lock_path), lock_path).get("stages"), lock_path)
    commands = {name: _mapping(entry, lock_path).get("cmd") for name, entry in stages.items()}
    return {
        name: " && ".join(map(str, command)) if isinstance(command, list) else str(command)
        for name, command in commands.items()
        if command
    }


def owner_of(path: str, pointers: Iterable[Pointer]) -> Pointer | None:
    """Return the pointer that stands for `path` or for a folder around it, if there is one.

    >>> owner_of("data/a/1.png", [Pointer("data", "0.dir"), Pointer("dat", "1.dir")])
    Pointer(path='data', md5='0.dir', size=None, nfiles=None, hash_name='md5', executable=False)
    """
    owners = (
        pointer
        for pointer in pointers
        if pointer.path in (path, ".") or path.startswith(f"{pointer.path}/")
    )
    return max(owners, key=lambda pointer: len(pointer.path), default=None)


def is_elsewhere(path: str) -> bool:
    """Return whether the path of a pointer is a URL, whose data no command of gitexp's places.

    >>> [is_elsewhere(path) for path in ("s3://bucket/a", "file:///etc/a", "/etc/a")]
    [True, False, False]
    """
    return "://" in path and not path.lower().startswith("file:")


def _folder_of(stage: str, folders: Mapping[str, str | None]) -> str | None:
    """Return a stage's folder; `train@lr` is made from `train` by `foreach` or `matrix`."""
    return folders.get(stage, folders.get(stage.partition("@")[0], ""))


def _pointers(mapping: Mapping[str, Any], key: str, folder: str, source: str) -> Iterator[Pointer]:
    entries = mapping.get(key) or []
    if not isinstance(entries, list):
        raise _malformed(source)
    for entry in entries:
        pointer = _pointer(_mapping(entry, source), folder, source)
        if pointer is not None:
            yield pointer


def _pointer(entry: Mapping[str, Any], folder: str, source: str) -> Pointer | None:
    path = _text(entry, "path")
    if not path:
        if _text(entry, "md5"):
            raise _malformed(source)
        return None
    files = entry.get("files")
    if files:
        return _listed_folder(_join(folder, path), files, source)
    md5 = _text(entry, "md5")
    if not md5:
        return None
    if not _HASH.fullmatch(md5):
        raise _malformed(source)
    return Pointer(
        path=_join(folder, path),
        md5=md5,
        size=_number(entry, "size", source),
        nfiles=_number(entry, "nfiles", source),
        hash_name=_text(entry, "hash") or LEGACY_HASH,
        executable=_text(entry, "isexec").lower() == "true",
    )


def _listed_folder(path: str, files: object, source: str) -> Pointer | None:
    """Return the pointer of a folder whose files are listed, as for a version-aware remote."""
    if not isinstance(files, list):
        raise _malformed(source)
    entries = [_mapping(file, source) for file in files]
    if not all(_text(entry, "md5") and _text(entry, "relpath") for entry in entries):
        return None
    digests = {_text(entry, "relpath"): _text(entry, "md5") for entry in entries}
    sizes = [_number(entry, "size", source) or 0 for entry in entries]
    import hashlib  # noqa: PLC0415 - 2 ms, for OpenSSL comes along

    md5 = hashlib.md5(folder_manifest(digests), usedforsecurity=False).hexdigest()
    return Pointer(path, f"{md5}.dir", sum(sizes), len(entries))


def folder_manifest(digests: Mapping[str, str]) -> bytes:
    """Return what DVC keeps in its cache for a folder of files by relative path.

    >>> folder_manifest({"b": "1", "a": "2"})
    b'[{"md5": "2", "relpath": "a"}, {"md5": "1", "relpath": "b"}]'
    """
    return json.dumps(
        [{"md5": digests[path], "relpath": path} for path in sorted(digests)]
    ).encode()


def _join(folder: str, path: str) -> str:
    """Return a path written in `folder` as seen from where `folder` is; other places stay."""
    return path if "://" in path else posixpath.normpath(posixpath.join(folder, path))


def load_plain(content: bytes, source: str) -> object:
    """Return YAML as strings, lists and mappings; raises GitexpError for what is not YAML."""
    import yaml  # noqa: PLC0415 - 10 ms, where there are pointers

    # Without a schema every scalar is a string, as paths and hashes have to be: `1e5`, `007`.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(content, Loader=loader)  # noqa: S506 - makes strings, lists and dicts only
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f"'{source}' line {mark.line + 1}" if mark else f"'{source}'"
        raise GitexpError(
            f"{place} is not valid YAML",
            "If it holds conflict markers, resolve them first; `dvc add` writes it again.",
        ) from exc


def _mapping(value: object, source: str) -> dict[str, Any]:
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise _malformed(source)
    return value


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key, "")
    return value if isinstance(value, str) else ""


def _number(mapping: Mapping[str, Any], key: str, source: str) -> int | None:
    text = _text(mapping, key)
    try:
        return int(text) if text else None
    except ValueError as exc:
        raise _malformed(source) from exc


def _malformed(source: str) -> GitexpError:
    return GitexpError(
        f"'{source}' is not what DVC writes", "Run `dvc status` to see what DVC says about it."
    )


def folder_members(manifest: bytes) -> dict[str, str]:
    """Return the hashes of a folder's files by their path in it; raises ValueError.

    A manifest may come from anybody: a path that leads out of the folder or into a repository
    of its own, or a hash that leads out of the cache, would have another file written or read.

    >>> folder_members(b'[{"md5": "3b5d5c3712955042212316173ccf37be", "relpath": "a/b"}]')
    {'a/b': '3b5d5c3712955042212316173ccf37be'}
    """
    listed = json.loads(manifest)
    try:
        found = {str(one["relpath"]): str(one["md5"]) for one in listed}
    except (KeyError, TypeError) as error:
        raise ValueError("not a list of files") from error
    for path, md5 in found.items():
        if not _MD5.fullmatch(md5) or is_refused(path) or _is_of_tools(path):
            raise ValueError(f"'{path}' is not a file in a folder")
    return found


def _is_of_tools(path: str) -> bool:
    has_hidden = path.startswith(".") or "/." in path  # few have, of what may be a million
    return has_hidden and not _OF_TOOLS.isdisjoint(path.lower().split("/"))
