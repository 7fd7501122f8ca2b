"""Pointers: what `.dvc` files and `dvc.lock` say about data that git does not hold."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NewType

from msgspec import Struct

from gitexp.data.manifests import folder_manifest
from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME
from gitexp.data.plain_yaml import as_mapping, load_plain, malformed, number_in, text_in
from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern

Role = Literal["dep", "out"]

LEGACY_HASH = "md5-dos2unix"
"""The hash of DVC 2: md5 with CRLF read as LF in text files, kept in a cache folder of its own."""

LOCK_SCHEMA = "2.0"

POINTING = (".dvc", LOCK_NAME)
"""How the names of files end that may hold pointers."""

SafePlace = NewType("SafePlace", Path)
"""A place of which `pointers.ground` says that data may lie there."""

AS_ADDED = lazy_pattern(
    rb"outs:\n- md5: ([0-9a-f]{32}(?:\.dir)?)\n  size: (\d+)\n(?:  nfiles: (\d+)\n)?"
    rb"  hash: md5\n  path: ([0-9A-Za-z_](?:[0-9A-Za-z_./ +=@-]*[0-9A-Za-z_.+=@-])?)\n"
)
"""What `dvc add` writes, mostly: read without a YAML parser, which takes fifty times as long."""
_HASH = lazy_pattern(r"[0-9A-Za-z_]+(?:\.dir)?")
"""A hash names a file of the cache, and a pointer may come from anybody."""


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
        from gitexp.data.dvc_yaml import read_pipeline  # noqa: PLC0415 - 0.5 ms of each start, where there is one

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
    document = as_mapping(load_plain(content, dvc_path), dvc_path)
    folder = _join(posixpath.dirname(dvc_path), text_in(document, "wdir"))
    return tuple(_pointers(document, "outs", folder, dvc_path))


def is_import(content: bytes, dvc_path: str) -> bool:
    """Return whether a `.dvc` file is one of data that came from elsewhere, by `dvc import`.

    >>> is_import(b"outs: [{md5: ab, path: m.pt}]", "m.pt.dvc")
    False
    """
    return b"deps:" in content and bool(
        as_mapping(load_plain(content, dvc_path), dvc_path).get("deps")
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
    document = as_mapping(load_plain(content, lock_path), lock_path)
    if document and document.get("schema") != LOCK_SCHEMA:
        raise GitexpError(
            f"'{lock_path}' is not a lock file of schema {LOCK_SCHEMA}",
            "Run `dvc repro` with DVC 3 to write it again.",
        )
    found: list[tuple[Pointer, Role]] = []
    for name, entry in as_mapping(document.get("stages"), lock_path).items():
        wdir = _folder_of(name, folders or {})
        if wdir is not None:
            folder = _join(posixpath.dirname(lock_path), wdir)
            stage = as_mapping(entry, lock_path)
            found += [(pointer, "dep") for pointer in _pointers(stage, "deps", folder, lock_path)]
            found += [(pointer, "out") for pointer in _pointers(stage, "outs", folder, lock_path)]
    return tuple(found)


def stage_folders(content: bytes, yaml_path: str) -> dict[str, str | None]:
    """Return the `wdir` of each stage of a `dvc.yaml` that has one, None if it is a template."""
    document = as_mapping(load_plain(content, yaml_path), yaml_path)
    folders: dict[str, str | None] = {}
    for name, entry in as_mapping(document.get("stages"), yaml_path).items():
        stage = as_mapping(entry, yaml_path)
        wdir = text_in(as_mapping(stage.get("do"), yaml_path) or stage, "wdir")
        if wdir:
            folders[name] = None if "${" in wdir else wdir
    return folders


def stage_commands(content: bytes, lock_path: str) -> dict[str, str]:
    """Return what each stage of a `dvc.lock` ran, several commands as the shell would chain them.

    >>> stage_commands(b"{stages: {train: {cmd: [./a, ./b]}}}", "dvc.lock")
    {'train': './a && ./b'}
    """
    stages = as_mapping(
        as_mapping(load_plain(content, lock_path), lock_path).get("stages"), lock_path
    )
    commands = {name: as_mapping(entry, lock_path).get("cmd") for name, entry in stages.items()}
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
        raise malformed(source)
    for entry in entries:
        pointer = _pointer(as_mapping(entry, source), folder, source)
        if pointer is not None:
            yield pointer


def _pointer(entry: Mapping[str, Any], folder: str, source: str) -> Pointer | None:
    path = text_in(entry, "path")
    if not path:
        if text_in(entry, "md5"):
            raise malformed(source)
        return None
    files = entry.get("files")
    if files:
        return _listed_folder(_join(folder, path), files, source)
    md5 = text_in(entry, "md5")
    if not md5:
        return None
    if not _HASH.fullmatch(md5):
        raise malformed(source)
    return Pointer(
        path=_join(folder, path),
        md5=md5,
        size=number_in(entry, "size", source),
        nfiles=number_in(entry, "nfiles", source),
        hash_name=text_in(entry, "hash") or LEGACY_HASH,
        executable=text_in(entry, "isexec").lower() == "true",
    )


def _listed_folder(path: str, files: object, source: str) -> Pointer | None:
    """Return the pointer of a folder whose files are listed, as for a version-aware remote."""
    if not isinstance(files, list):
        raise malformed(source)
    entries = [as_mapping(file, source) for file in files]
    if not all(text_in(entry, "md5") and text_in(entry, "relpath") for entry in entries):
        return None
    digests = {text_in(entry, "relpath"): text_in(entry, "md5") for entry in entries}
    sizes = [number_in(entry, "size", source) or 0 for entry in entries]
    import hashlib  # noqa: PLC0415 - 2 ms, for OpenSSL comes along

    md5 = hashlib.md5(folder_manifest(digests), usedforsecurity=False).hexdigest()
    return Pointer(path, f"{md5}.dir", sum(sizes), len(entries))


def _join(folder: str, path: str) -> str:
    """Return a path written in `folder` as seen from where `folder` is; other places stay."""
    return path if "://" in path else posixpath.normpath(posixpath.join(folder, path))
