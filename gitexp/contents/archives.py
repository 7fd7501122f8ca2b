"""Zip files, member by member: their clock, their order and their compression do not count."""

from __future__ import annotations

import itertools
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from gitexp.contents.answer import EQUAL, Answer, Compare, by_names, differs
from gitexp.contents.compressed import MOST
from gitexp.contents.values import compare_values

_CHUNK = 1 << 20
Choose = Callable[[str], "Compare | None"]
"""Says what compares a member by its name; None if only its bytes tell."""


def compare_zip(
    old: Path, new: Path, choose: Choose, *, name: Callable[[str], str] = str
) -> Answer:
    """Compare the members, by their names as `name` gives them."""
    with zipfile.ZipFile(old) as one, zipfile.ZipFile(new) as other:
        members, others = _members(one, name), _members(other, name)
        names = by_names(set(members), set(others), "member")
        if names != EQUAL:
            return names
        for key in members:
            answer = _compare_member(key, (one, members[key]), (other, others[key]), choose(key))
            if answer != EQUAL:
                return answer
    return EQUAL


def _members(archive: zipfile.ZipFile, name: Callable[[str], str]) -> dict[str, zipfile.ZipInfo]:
    return {name(info.filename): info for info in archive.infolist() if not info.is_dir()}


Member = tuple[zipfile.ZipFile, zipfile.ZipInfo]


def _compare_member(key: str, old: Member, new: Member, compare: Compare | None) -> Answer:
    with old[0].open(old[1]) as one, new[0].open(new[1]) as other:
        if same_bytes(one, other):
            return EQUAL
    if compare is None or max(old[1].file_size, new[1].file_size) > MOST:
        return differs(f"member '{key}' differs")
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        places = []
        for side, (archive, info) in (("old", old), ("new", new)):
            place = Path(scratch, f"{side}{Path(key).suffix}")
            with archive.open(info) as source:
                place.write_bytes(source.read(MOST))
            places.append(place)
        answer = compare(*places)
    return answer if answer.equal else Answer(answer.equal, f"member '{key}': {answer.why}")


def same_bytes(one: IO[bytes], other: IO[bytes]) -> bool:
    """Return whether two streams hold the same bytes."""
    while True:
        a, b = one.read(_CHUNK), other.read(_CHUNK)
        if a != b:
            return False
        if not a:
            return True


def compare_keras_metadata(old: Path, new: Path) -> Answer:
    """Compare what Keras says of a file, without when it was saved."""
    read = [json.loads(one.read_bytes()) for one in (old, new)]
    for one in read:
        one.pop("date_saved", None)
    return compare_values(*read)


def compare_keras_config(old: Path, new: Path) -> Answer:
    """Compare layers; what several of them share is named after its place in memory."""
    return compare_values(
        *(_shared_in_order(json.loads(one.read_bytes()), {}) for one in (old, new))
    )


_SHARED = "shared_object_id"


def _shared_in_order(node: Any, seen: dict[Any, int]) -> Any:
    """Return a configuration with each shared object as the place of its first use."""
    if isinstance(node, list):
        return [_shared_in_order(one, seen) for one in node]
    if not isinstance(node, Mapping):
        return node
    return {
        key: seen.setdefault(one, len(seen)) if key == _SHARED else _shared_in_order(one, seen)
        for key, one in node.items()
    }


def without_root(member: str) -> str:
    """Return a member of what `torch.save` wrote: the folder around it is the file's name.

    >>> without_root("model/data/0")
    'data/0'
    """
    return member.partition("/")[2] or member


_MADE_UP = "__id__"


def compare_skops(old: Path, new: Path) -> Answer:
    """Compare what skops wrote: its members are named after places in memory."""
    with zipfile.ZipFile(old) as one, zipfile.ZipFile(new) as other:
        trees = [json.loads(archive.read("schema.json")) for archive in (one, other)]
        found = compare_values(*map(_without_ids, trees))
        if found != EQUAL:
            return found
        files = [list(_files(tree)) for tree in trees]
        for a, b in itertools.zip_longest(*files):
            with one.open(a) as source, other.open(b) as other_source:
                if not same_bytes(source, other_source):
                    return differs("an array or a file in it differs")
    return EQUAL


def _without_ids(node: Any, seen: dict[Any, int] | None = None) -> Any:
    """Return a tree of skops with each place in memory as the place of its first use."""
    seen = {} if seen is None else seen
    if isinstance(node, list):
        return [_without_ids(one, seen) for one in node]
    if not isinstance(node, Mapping):
        return node
    first = seen.setdefault(node.get(_MADE_UP), len(seen))
    found = {
        key: "" if key == "file" else _without_ids(one, seen)
        for key, one in node.items()
        if key != _MADE_UP
    }
    return {**found, _MADE_UP: first} if node.get("__loader__") == "CachedNode" else found


def _files(node: Any) -> Any:
    """Yield the members that a tree names, in its order."""
    if isinstance(node, list):
        for one in node:
            yield from _files(one)
    elif isinstance(node, Mapping):
        if isinstance(node.get("file"), str):
            yield node["file"]
        for one in node.values():
            yield from _files(one)
