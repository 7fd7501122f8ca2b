"""Histories made at random, as values and as repositories of git."""

from __future__ import annotations

import copy
import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Files = dict[str, dict[str, Any]]
"""Nested metrics by path."""

TOLERANCE = 0.01


class Made(NamedTuple):
    """One commit of a history."""

    parents: tuple[int, ...]
    files: Files
    code: int
    """What stands in a file that has no metrics."""


class Maker:
    """Makes histories with merges, renames of files and keys, and moves large and small."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names = 0
        self.commits: list[Made] = []

    def made(self, length: int) -> list[Made]:
        """Make a history of some commits, each of which the last one follows on or not."""
        first = {"metrics.json": {"acc": self._value(), "val": {"loss": self._value()}}}
        self.commits = [Made((), {} if self._random.random() < 0.3 else first, 0)]
        tips = [0]
        while len(self.commits) < length:
            how = self._random.random()
            if how < 0.2 and len(tips) > 1:
                ours, theirs = self._random.sample(tips, 2)
                self._add((ours, theirs), self._merged(ours, theirs))
                tips = [tip for tip in tips if tip not in (ours, theirs)]
            elif how < 0.35:
                tip = self._random.randrange(len(self.commits))
                self._add((tip,), self._changed(self.commits[tip].files))
            else:
                tip = tips.pop(self._random.randrange(len(tips)))
                self._add((tip,), self._changed(self.commits[tip].files))
            tips.append(len(self.commits) - 1)
        while len(tips) > 1:
            ours, theirs = tips.pop(), tips.pop()
            self._add((ours, theirs), self._merged(ours, theirs))
            tips.append(len(self.commits) - 1)
        return self.commits

    def _add(self, parents: tuple[int, ...], files: Files) -> None:
        code = self.commits[parents[0]].code
        code = len(self.commits) if self._random.random() < 0.5 else code
        self.commits.append(Made(parents, files, code))

    def _value(self) -> float:
        return round(self._random.uniform(2, 1000), 6)

    def _name(self) -> str:
        self._names += 1
        return f"m{self._names}"

    def _merged(self, ours: int, theirs: int) -> Files:
        one, other = (copy.deepcopy(self.commits[at].files) for at in (ours, theirs))
        how = self._random.random()
        if how < 0.5:
            return one if how < 0.25 else other
        mixed = {**other, **one}
        for path in one.keys() & other.keys():
            both = {**other[path], **one[path]}
            mixed[path] = {
                key: self._random.choice([one, other])[path].get(key, value)
                for key, value in both.items()
            }
        return self._changed(mixed) if how > 0.9 else mixed

    def _changed(self, files: Files) -> Files:
        files = copy.deepcopy(files)
        for _ in range(self._random.choice([0, 1, 1, 2])):
            self._change(files)
        return files

    def _change(self, files: Files) -> None:
        how = self._random.random()
        if not files or how < 0.05:
            free = [path for path in ("metrics.json", "eval/metrics.json") if path not in files]
            for path in free[:1]:
                files[path] = {self._name(): self._value()}
            return
        path = self._random.choice(sorted(files))
        place = files[path]
        nested = [key for key, value in place.items() if isinstance(value, dict) and value]
        if nested and self._random.random() < 0.5:
            place = place[nested[0]]
        keys = [key for key, value in place.items() if not isinstance(value, dict)]
        if not keys or how < 0.15:
            place[self._name()] = self._value()
        elif how < 0.8:
            self._change_key(place, self._random.choice(keys))
        else:
            self._change_shape(files, path)

    def _change_key(self, place: dict[str, Any], key: str) -> None:
        how = self._random.random()
        if how < 0.45:
            place[key] = self._value()
        elif how < 0.75:
            moved = self._random.choice([0.004, -0.004, 0.009])
            place[key] = round(place[key] + moved, 6)
        elif how < 0.92:
            place[self._name()] = place.pop(key)
        else:
            del place[key]

    def _change_shape(self, files: Files, path: str) -> None:
        """Put all of a file below one key, or give the file another name."""
        other = "metrics.json" if path == "eval/metrics.json" else "eval/metrics.json"
        if self._random.random() < 0.3 and "all" not in files[path]:
            files[path] = {"all": files[path]}
        elif other not in files:
            files[other] = files.pop(path)


def write(top: Path, histories: list[list[Made]]) -> list[list[str]]:
    """Write each history onto a branch of its own; return the oids of each.

    The clocks of the committers do not agree.
    """
    stream: list[bytes] = []
    for number, commits in enumerate(histories):
        stream += _written(commits, number, sum(map(len, histories[:number])) + 1)
    marks = top / ".git" / "marks"
    options = ("--quiet", f"--export-marks={marks}")
    subprocess.run(["git", "fast-import", *options], cwd=top, input=b"".join(stream), check=True)
    lines = (line.split() for line in marks.read_text().splitlines())
    oids = iter([oid for _, oid in sorted((int(mark[1:]), oid) for mark, oid in lines)])
    return [[next(oids) for _ in commits] for commits in histories]


def _written(commits: list[Made], number: int, first: int) -> Iterator[bytes]:
    lots = random.Random(number)
    for at, one in enumerate(commits):
        when = 1_700_000_000 + at * 60 + lots.choice([0, 0, -4000, 4000])
        if not one.parents:
            yield b"reset refs/heads/history-%d\n" % number
        yield b"commit refs/heads/history-%d\nmark :%d\n" % (number, first + at)
        yield b"committer A <a@example.com> %d +0000\ndata 2\nc\n" % when
        for place, parent in enumerate(one.parents):
            yield b"%s :%d\n" % (b"merge" if place else b"from", first + parent)
        yield b"deleteall\n"
        texts = {path: json.dumps(values) for path, values in one.files.items()}
        for path, text in {**texts, "train.py": f"# {one.code}\n"}.items():
            content = text.encode()
            yield b"M 644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
