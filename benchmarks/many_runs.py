"""Repositories with many runs, made as fast as git takes them: `python -m benchmarks.many_runs`."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from gitexp.git.repository import Repository
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Exit, Inputs, Resources, RunRecord, time_text
from gitexp.model.record_json import to_json
from gitexp.model.values import Value, dumps
from gitexp.store.branch import root_commit

BRANCH = "refs/heads/experiments"
ENVIRONMENT = b"".join(b"package-%d==1.%d.0\n" % (number, number) for number in range(40))
_FAILING = 0.05
"""The part of the runs that fail."""
_FIRST = datetime(2024, 1, 1, tzinfo=timezone.utc)
_ADJECTIVES = "brave calm eager fair gentle happy jolly kind lively neat proud quick".split()
_NOUNS = "otter heron fox lynx crane badger wren tern seal stoat finch vole".split()
_OPTIMISERS = ("adam", "adamw", "sgd", "lion")
_ID = "0123456789abcdefghijklmnopqrstuvwxyz"


def records(count: int, *, seed: int = 1) -> Iterator[RunRecord]:
    """Yield runs of one training with other params, the same ones for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        yield _record(number, chance)


def _record(number: int, chance: random.Random) -> RunRecord:
    run_id = "".join(chance.choices(_ID, k=10))
    failed = chance.random() < _FAILING
    rate, loss = 10 ** chance.uniform(-5, -1), chance.random()
    metrics: dict[str, Value] = {
        "accuracy": round(1 - loss / 2, 6),
        "loss": loss,
        "val": {"accuracy": round(1 - loss / 1.5, 6), "loss": loss * 1.1, "f1": 1 - loss / 1.8},
        "epochs": number % 50,
    }
    params: dict[str, Value] = {
        "seed": number % 7,
        "train": {"lr": rate, "epochs": 50, "optimiser": chance.choice(_OPTIMISERS), "decay": 0.01},
        "model": {"depth": chance.randint(2, 12), "width": 2 ** chance.randint(4, 9), "bias": True},
        "data": {"split": 0.2, "augment": chance.choice((True, False)), "folds": [1, 2, 3]},
    }
    started = _FIRST + timedelta(minutes=7 * number)
    return RunRecord(
        id=run_id,
        name=f"{chance.choice(_ADJECTIVES)}-{chance.choice(_NOUNS)}-{run_id[:4]}",
        status="failed" if failed else "done",
        exit=Exit(1 if failed else 0),
        command=("python", "train.py"),
        baseline=f"{number // 100:040x}",
        inputs=Inputs(f"{number:040x}"),
        started=time_text(started),
        ended=time_text(started + timedelta(seconds=chance.uniform(20, 4000))),
        gitexp="0.1.0",
        outputs=("metrics.json",),
        host="workstation",
        user="ada",
        python="3.11.7",
        platform="Linux-x86_64",
        resources=Resources(chance.uniform(10, 1000), chance.randint(10**8, 10**9)),
        params={"params.yaml": params},
        metrics={} if failed else {"metrics.json": metrics},
        pointers=(
            DataPointer("data.csv", "0" * 32, 1_000_000),
            DataPointer("model.bin", f"{number:032x}", 1_000_000, role="output"),
        ),
    )


def write_runs(
    place: Path, count: int, *, seed: int = 1, files: Mapping[str, bytes] | None = None
) -> None:
    """Put runs onto the branch of a repository that has none, through `git fast-import`.

    With `files`, the tree of each has these as well, and its params and metrics.
    """
    with Repository.open(place) as repository:
        root = root_commit(repository)
    command = ["git", "fast-import", "--quiet", "--depth=20"]
    with subprocess.Popen(command, cwd=place, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        for number, record in enumerate(records(count, seed=seed)):
            importer.stdin.write(_commit(record, root if number == 0 else ""))
            if files is not None:
                inside = {**(files if number == 0 else {}), **value_files(record)}
                importer.stdin.write(b"".join(_file(path, inside[path]) for path in inside))
    if importer.returncode != 0:
        raise RuntimeError("git fast-import failed")


def _commit(record: RunRecord, parent: str) -> bytes:
    seconds = int(datetime.fromisoformat(record.ended.replace("Z", "+00:00")).timestamp())
    head = f"commit {BRANCH}\ncommitter Ada <ada@example.com> {seconds} +0000\n"
    parts = [head.encode(), _data(message_text(record, Policy(), {}).encode())]
    if parent:
        parts.append(f"from {parent}\nM 100644 inline .gitexp/environment.txt\n".encode())
        parts.append(_data(ENVIRONMENT))
    parts += [b"M 100644 inline .gitexp/run.json\n", _data(to_json(record))]
    return b"".join(parts)


def value_files(record: RunRecord) -> dict[str, bytes]:
    """Return the params and metrics of a run as files; JSON is YAML as well."""
    found = {**record.params, **record.metrics}
    return {path: dumps(values, compact=False).encode() for path, values in found.items()}


def _file(path: str, content: bytes) -> bytes:
    return f"M 100644 inline {path}\n".encode() + _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


if __name__ == "__main__":
    write_runs(Path(sys.argv[1]), int(sys.argv[2]))
