"""The experiments of DVC: commits under `refs/exps/<start of baseline>/<rest>/<name>`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from msgspec import Struct

from gitexp.git.refs import list_refs
from gitexp.git.repository import Repository

_REF = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38}|[0-9a-f]{62})/([^/]+)")
"""An experiment. What DVC keeps for itself (`stash`, `exec`, `celery`…) looks otherwise."""

_DEFAULT_MESSAGE = "dvc: commit experiment "
_PERSON = re.compile(rb"(.*?) ?<[^>]*> (-?\d+) [+-]\d{4}", re.DOTALL)
_MIRRORED = "\nGitexp-From-Run: "
"""In the message of what `mirror: dvc` has made of a run."""

_LONGEST = 10_000
"""Commits of one experiment that are followed back."""


class Experiment(Struct, frozen=True):
    """One commit of an experiment; with checkpoints there are several of a name."""

    oid: str
    tree: str
    name: str
    """As DVC calls it, earlier checkpoints numbered."""
    ref: str
    baseline: str
    author: bytes
    committer: bytes
    message: str
    """What somebody said about it, if anybody did."""
    place: int = 0
    """How many checkpoints of the same second come before it."""

    @property
    def user(self) -> str:
        """Who made it."""
        match = _PERSON.fullmatch(self.author)
        return (match[1] if match else self.author).decode(errors="replace")

    @property
    def time(self) -> datetime:
        """When it was recorded, which is all that DVC keeps of its time.

        Git counts seconds. Checkpoints of one second are put a millisecond apart, so that
        they stay in their order, and in every clone the same.
        """
        later = timedelta(milliseconds=min(self.place, 999))
        return datetime.fromtimestamp(_seconds(self.committer), timezone.utc) + later


def _seconds(person: bytes) -> int:
    match = _PERSON.fullmatch(person)
    return int(match[2]) if match else 0


class Unreadable(Struct, frozen=True):
    """An experiment whose commit is not there, and why."""

    name: str
    reason: str


def experiments(repository: Repository) -> Iterator[Experiment | Unreadable]:
    """Yield every experiment, oldest first, each before those that were made from it.

    Those that gitexp itself has put there, to show its runs to DVC, do not count.
    """
    found: list[Experiment] = []
    for ref in list_refs(repository, "refs/exps"):
        if match := _REF.fullmatch(ref.name):
            chain = _chain(repository, ref.oid, ref.name, match[1] + match[2], match[3])
            if chain:
                found += chain
            else:
                yield Unreadable(match[3], f"its commit {ref.oid[:10]} is not in this repository")
    once: dict[str, Experiment] = {}  # one may go by several names
    for one in found:
        if _MIRRORED not in one.message:
            once.setdefault(one.oid, one)
    yield from sorted(once.values(), key=lambda one: (one.time, one.ref))


def _chain(
    repository: Repository, tip: str, ref: str, baseline: str, name: str
) -> list[Experiment]:
    """Return the commits from the baseline to the tip, the baseline itself left out."""
    found: list[tuple[str, dict[bytes, bytes], str]] = []
    oid: str | None = tip
    while oid is not None and (commit := repository.objects.read(oid)) is not None:
        header, message = _parsed(commit.content)
        found.append((oid, header, message))
        oid = header[b"parent"].decode() if b"parent" in header else None
        if oid == baseline or len(found) == _LONGEST:
            break
    if oid != baseline:  # not on top of it: DVC shows the tip alone
        del found[1:]
    found.reverse()
    places = _places([_seconds(header[b"committer"]) for _, header, _ in found])
    return [
        Experiment(
            oid=oid,
            tree=header[b"tree"].decode(),
            name=name if number == len(found) else f"{name}-checkpoint-{number}",
            ref=ref,
            baseline=baseline,
            author=header[b"author"],
            committer=header[b"committer"],
            message="" if message.startswith(_DEFAULT_MESSAGE) else message.strip(),
            place=places[number - 1],
        )
        for number, (oid, header, message) in enumerate(found, 1)
    ]


def _places(seconds: list[int]) -> list[int]:
    """Return how many of the same second come before each."""
    met = Counter[int]()
    places = []
    for second in seconds:
        places.append(met[second])
        met[second] += 1
    return places


def _parsed(commit: bytes) -> tuple[dict[bytes, bytes], str]:
    """Return the fields of a commit, of several parents the first, and its message."""
    head, _, message = commit.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key, value)
    return fields, os.fsdecode(message)
