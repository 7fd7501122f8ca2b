"""A table by which a few of very many runs are found without a look at the messages of the others.

It says nothing of a run: it leads to commits, and what these hold is looked at like any other.
"""

from __future__ import annotations

import bisect
import os
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.model.lean_digests import lean_digest
from gitexp.model.message import (
    BASELINE_TRAILER,
    INPUTS_TRAILER,
    PROJECT_TRAILER,
    RUN_TRAILER,
    trailers,
    unquoted_path,
)
from gitexp.model.numbers import texts_of
from gitexp.store.clues import MOST, ON_ONE, Clues

MESSAGE = "Runs of very many are looked up here\n"
TIP_TRAILER = "Gitexp-Lookup-Tip"
COUNT_TRAILER = "Gitexp-Lookup-Commits"
_OF_A_KEY = MOST
"""How many runs are noted under one key, the newest."""
_IN_ORDER = 1000
"""How many commits are named in one file."""
_NUMBERS = re.compile(r"(?<=[:,] )(\S+) ([^\s,;]+)(?=[,;]| \(|$)")
_KINDS = {"id": RUN_TRAILER, "baseline": BASELINE_TRAILER, "inputs": INPUTS_TRAILER}

Key = tuple[int, int]
"""The file that has it, and what it is known by there."""


class Sought(Struct, frozen=True):
    """The keys that lead to a run."""

    any_of: Mapping[Key, int]
    """One of these will do; of how many runs with it the newest are wanted."""
    most_of: frozenset[Key]
    """Of these numbers, a run that has the most of them."""

    @property
    def keys(self) -> frozenset[Key]:
        """All of them."""
        return self.most_of.union(self.any_of)


def table(commits: Iterable[tuple[str, bytes]]) -> tuple[dict[str, bytes], int]:
    """Return the files of a table for commits and their messages, the oldest first, and how many.

    It takes some 50 bytes a run: what it is known by, each in one of 256 files, and its commit.
    """
    shards = [array("Q") for _ in range(256)]
    oids, total = list[bytes](), 0
    files: dict[str, bytes] = {}
    for total, (oid, message) in enumerate(commits, 1):
        oids.append(bytes.fromhex(oid))
        for shard, rest in _keys_of(os.fsdecode(message)):
            shards[shard].append(rest << 32 | total - 1)
        if len(oids) == _IN_ORDER:
            files[_order_name(total - 1)] = b"".join(oids)
            oids.clear()
    if oids:
        files[_order_name(total - 1)] = b"".join(oids)
    for number, entries in enumerate(shards):
        files[f"keys/{number:02x}"] = _packed(_newest(sorted(entries)))
    return files, total


def _keys_of(message: str) -> Iterator[Key]:
    known = trailers(message)
    if RUN_TRAILER not in known:
        return
    project = unquoted_path(known.get(PROJECT_TRAILER, ""))
    for kind, trailer in _KINDS.items():
        if known.get(trailer):
            yield _key(project, kind, known[trailer])
    for name, text in _NUMBERS.findall(message.partition("\n")[0]):
        yield _key(project, "number", name, text)


def _key(*parts: str) -> Key:
    said = "\0".join(parts).encode(errors="surrogateescape")
    digest = lean_digest("sha256", said).digest()
    return digest[0], int.from_bytes(digest[1:5], "big")


def _newest(entries: Sequence[int]) -> Iterator[int]:
    """Yield those of each key that have fewer than so many newer ones."""
    for at, entry in enumerate(entries):
        later = at + _OF_A_KEY
        if later >= len(entries) or entries[later] >> 32 != entry >> 32:
            yield entry


def _packed(entries: Iterable[int]) -> bytes:
    packed = array("Q", entries)
    if sys.byteorder == "little":
        packed.byteswap()
    return packed.tobytes()


def _unpacked(content: bytes) -> array[int]:
    entries = array("Q", content[: len(content) // 8 * 8])
    if sys.byteorder == "little":
        entries.byteswap()
    return entries


def _order_name(position: int) -> str:
    return f"order/{position // _IN_ORDER:06}"


def sought(clues: Clues) -> Sought:
    """Return the keys of the runs that clues lead to."""
    of_kind = {"id": clues.ids, "baseline": clues.baselines, "inputs": clues.inputs}
    exact = {
        _key(clues.project, kind, one): ON_ONE if kind == "baseline" else _OF_A_KEY
        for kind, some in of_kind.items()
        for one in some
    }
    numbers = (
        _key(clues.project, "number", name, text)
        for name, some in clues.numbers.items()
        for number in some
        for text in texts_of(number)
    )
    return Sought(exact, frozenset(numbers))


def key_files(keys: Iterable[Key]) -> set[str]:
    """Return the files in which keys stand."""
    return {f"keys/{shard:02x}" for shard, _ in keys}


def positions(wanted: Sought, files: Mapping[str, bytes]) -> set[int]:
    """Return the places of the runs that may be wanted."""
    read = {name: _unpacked(content) for name, content in files.items()}
    found = {at for key, most in wanted.any_of.items() for at in _at(key, read)[-most:]}
    times = Counter(at for key in wanted.most_of for at in _at(key, read))
    most = max(times.values(), default=0)
    return found | set(sorted(at for at, count in times.items() if count == most)[-_OF_A_KEY:])


def _at(key: Key, read: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the places of the runs with a key, the newest last."""
    shard, rest = key
    entries = read.get(f"keys/{shard:02x}", ())
    first = bisect.bisect_left(entries, rest << 32)
    some = entries[first : first + _OF_A_KEY]
    return [entry & 0xFFFFFFFF for entry in some if entry >> 32 == rest]


def order_files(places: Iterable[int]) -> set[str]:
    """Return the files that name the commits at these places."""
    return {_order_name(place) for place in places}


def commit_at(place: int, files: Mapping[str, bytes], width: int) -> str | None:
    """Return the commit at a place, whose oid has so many bytes; None if the table ends before."""
    start = place % _IN_ORDER * width
    oid = files.get(_order_name(place), b"")[start : start + width]
    return oid.hex() if len(oid) == width else None


def message_of(tip: str, count: int) -> str:
    """Return the message of the commit that holds the table of a branch as far as a tip."""
    return f"{MESSAGE}\n{TIP_TRAILER}: {tip}\n{COUNT_TRAILER}: {count}\n"


def covered(message: str) -> tuple[str, int] | None:
    """Return up to which commit a table goes, and how many it has; None if it is no table."""
    known = trailers(message)
    count = known.get(COUNT_TRAILER, "")
    if not message.startswith(MESSAGE) or not re.fullmatch(r"[0-9]{1,9}", count):
        return None
    return known.get(TIP_TRAILER, ""), int(count)
