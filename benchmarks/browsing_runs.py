"""Runs with curves on the branch of a repository: what the page is measured with."""

from __future__ import annotations

import math
import random
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import to_builtins
from msgspec.structs import replace

from benchmarks.many_runs import BRANCH, ENVIRONMENT, records
from gitexp.git.repository import Repository
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.record_json import to_json
from gitexp.series.series import Series
from gitexp.series.tables import write_tables
from gitexp.store.branch import root_commit

KEYS = ("train/loss", "train/accuracy", "val/loss", "val/accuracy", "lr")
Curves = Mapping[str, Series]


def curves(number: int, steps: int) -> Curves:
    """Return the curves of one training, the same ones for the same number."""
    chance = random.Random(number)
    found = {}
    for at, key in enumerate(KEYS):
        rate = chance.uniform(0.5, 3) / steps
        values = [
            round(math.exp(-rate * step) + at / 10 + chance.gauss(0, 0.02), 6)
            for step in range(steps)
        ]
        found[key] = Series(key, list(range(steps)), values)
    return found


def write_with_curves(place: Path, count: int, with_curves: int, steps: int) -> list[str]:
    """Write runs, the last of which have curves; return the ids of these."""
    with Repository.open(place) as repository:
        root = root_commit(repository)
    ids = []
    command = ["git", "fast-import", "--quiet", "--depth=20"]
    with subprocess.Popen(command, cwd=place, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        for number, record in enumerate(records(count)):
            known: Curves = {}
            if number >= count - with_curves:
                known = curves(number, steps)
                ids.append(record.id)
            for part in _commit(record, known, root if number == 0 else ""):
                importer.stdin.write(part)
    if importer.returncode != 0:
        raise RuntimeError("git fast-import failed")
    return ids


def _commit(record: RunRecord, known: Curves, parent: str) -> Iterator[bytes]:
    if known:
        told = {key: to_builtins(one.summary) for key, one in known.items()}
        record = replace(record, series=told)
    seconds = int(parse_time(record.ended).timestamp())
    yield f"commit {BRANCH}\ncommitter Ada <ada@example.com> {seconds} +0000\n".encode()
    yield _data(message_text(record, Policy(), {}).encode())
    if parent:
        yield f"from {parent}\nM 100644 inline .gitexp/environment.txt\n".encode()
        yield _data(ENVIRONMENT)
    yield b"M 100644 inline .gitexp/run.json\n" + _data(to_json(record))
    for name, text in write_tables(known).items():
        yield f"M 100644 inline .gitexp/series/{name}\n".encode() + _data(text.encode())


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
