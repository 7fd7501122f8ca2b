"""Records and notes, which anybody may have written: a run that can be told of, or why not."""

from __future__ import annotations

import copy
import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timezone
from random import Random
from typing import Any

from gitexp.model.facts import Event, event_line, events_in, fold
from gitexp.model.many_records import many_reader
from gitexp.model.policy import Policy
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord, from_json, on_one_line, to_json
from gitexp.rendering.formats import pieces
from gitexp.rendering.show import show_document
from gitexp.store.index.rows import rows_of
from gitexp.store.stored_run import StoredRun

from tests.model.workshop import RUN
from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt, word

_NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
_WORDS = (
    *(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        '""',
        "null",
        "true",
        "-1",
        "1e999",
        "NaN",
        "\\ud800",
        "\\",
    ),
    *('"$float"', '{"$float": "nan"}', '"version": 2', "0001-01-01T00:00:00Z", "9" * 30, "[" * 200),
)
_ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**63, 2**70, 0.5, 1e308, "", "x", "\ud800", "\x1b[31m", "\u202e", "a\nb"),
    *([], [None], ["a"], [[1]], {}, {"a": None}, {"$float": "nan"}, {"$float": "x"}, {"": {"": 1}}),
    *("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "2026-01-02T03:04:05", "2026-01-02"),
    *(
        "2026-01-02T03:04:05.000+14:00",
        "2026-13-02T03:04:05.000Z",
        "done",
        "failed",
        "../../x",
        "/",
    ),
)
_OPS = "tag untag note rename rm restore verify evaluate other".split()


@dataclass
class Told:
    """The bytes of a record, and of the notes on its commit."""

    record: bytes
    notes: bytes

    def __str__(self) -> str:
        return f"{self.record!r} {self.notes!r}"


class Records:
    """What reads `run.json` and notes, and what is made of them at once."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:")
        self._read_many = many_reader()

    def make(self, lot: Random) -> Told:
        """Return a record and notes, most of them spoilt."""
        values = json.loads(_valid(lot))
        for _ in range(lot.choice((0, 1, 1, 2, 3))):
            _spoil(values, lot)
        text = json.dumps(values)
        chance = lot.random()
        if chance < 0.15:
            text = spoilt(text, lot, _WORDS)
        content = text.encode(errors="surrogateescape")
        if chance > 0.97:
            content = noise(lot, 60).encode() if chance > 0.985 else lot.randbytes(40)
        return Told(content, _notes(lot))

    def check(self, made: Told) -> str:
        """Read both, write the record again, make rows and pages of it."""
        events = list(events_in(made.notes))
        facts = fold(events)
        assert fold(events[::-1] + events) == facts, "the order of notes counts"
        try:
            record = from_json(made.record)
        except UnreadableRecord:
            self._check_unreadable(made)
            return REFUSED
        written = to_json(record)
        assert _alike(from_json(written), record)
        assert _alike(self._read_many(made.record), record)
        if len(written) % 8 == 0:
            line = on_one_line(written)
            assert line is not None
            assert _alike(from_json(line), record)
        run = StoredRun("c" * 40, record.id, record.name, record.project, made.record, facts)
        self._keep(rows_of(run).row(0))
        if len(written) % 16 == 0:
            self._show(run.record)
        return "read"

    def _check_unreadable(self, made: Told) -> None:
        try:
            self._read_many(made.record)
        except UnreadableRecord:
            return
        raise AssertionError("many records at once are read otherwise")

    def _keep(self, row: tuple[object, ...]) -> None:
        """Have SQLite take the values of a row."""
        self._database.execute(f"SELECT {','.join('?' * len(row))}", row).fetchone()

    def _show(self, record: RunRecord) -> None:
        document = show_document("c" * 40, record, policy=Policy(), now=_NOW)
        for name in ("text", "json", "csv"):
            for part in pieces(name, document, width=80, colour=False):
                part.encode(errors="backslashreplace" if name == "text" else "strict")


def _alike(one: RunRecord, other: RunRecord) -> bool:
    """Return whether two records say the same; NaN equals nothing, and -1 may be -1.0."""
    return one == other or json.loads(to_json(one)) == json.loads(to_json(other))


def _valid(lot: Random) -> bytes:
    """Return a record as gitexp writes it."""
    more: dict[str, Any] = {
        "version": 1,
        "message": "a try",
        "command": ["python", "train.py"],
        "metrics": {"metrics.json": {"loss": 0.5, "val": {"acc": 0.75}}, "logged": {"loss": 1}},
        "params": {"params.yaml": {"lr": 0.1, "layers": [1, 2], "name": "adam"}},
        "pointers": [{"path": "m.pt", "md5": "ab" * 16, "size": 3, "role": "output"}],
        "outputs": ["m.pt"],
        "series": {"loss": {"count": 3, "last": 0.5, "min": [0.5, 3], "max": [2.0, 1]}},
        "figures": {"roc": "roc.json"},
        "system": {"cpu": {"mean": 0.5, "peak": 1.0}},
        "resources": {"cpu_seconds": 1.5, "peak_memory": 1000},
        "machine": {
            "cpu": "EPYC",
            "cores": 2,
            "memory": 2**31,
            "gpus": ["T4", "T4"],
            "driver": "535",
            "cuda": "12.2",
            "variables": {"OMP_NUM_THREADS": "2"},
        },
        "sweep": "abc",
        "point": {"number": 3, "values": {"lr": 0.1}, "sweep": "scan", "known": "0-2"},
        "job": {"scheduler": "slurm", "id": "17", "restarts": 1, "attempt": 2, "earlier": "a"},
        "hypothesis": {"expect": "loss < 0.5", "verdict": "refuted", "against": {}},
        "read": {"a.csv": "abcdef0123"},
        "project": "sub/project",
        "directory": "sub",
        "changed_meanwhile": ["a.py"],
        "overwritten": ["m.pt"],
        "left_out": ["big.bin"],
        "platform": "Linux-6.1",
        "environment": "requirements.txt",
        "status": "failed",
        "exit": {"code": None, "signal": "SIGTERM", "reason": "timeout"},
        "comments": [{"text": "odd", "by": "Ada", "time": "2026-01-02T03:04:05.000Z"}],
        "imported": {"from": "mlflow", "id": "1"},
        "unknown": {"deep": [1, {"er": None}]},
        "tags": ["best"],
        "notes": ["it was odd"],
        "python": "3.11.2",
        "host": "box",
        "user": "Ada <ada@example.com>",
    }
    values = json.loads(_PLAIN)
    for key in lot.sample(sorted(more), lot.randrange(len(more) + 1)):
        values[key] = more[key]
    return json.dumps(values).encode()


_PLAIN = to_json(RUN)


def _spoil(values: Any, lot: Random) -> None:
    """Put something else in the place of a value somewhere, or take it away."""
    holder, key = values, lot.choice(sorted(values))
    while isinstance(holder[key], dict | list) and holder[key] and lot.random() < 0.7:
        holder = holder[key]
        key = lot.choice(sorted(holder)) if isinstance(holder, dict) else lot.randrange(len(holder))
    chance = lot.random()
    if chance < 0.1:
        del holder[key]
    elif chance < 0.2 and isinstance(holder, dict):
        holder[word(lot)] = holder.pop(key)
    elif chance < 0.3 and isinstance(holder[key], str):
        holder[key] = spoilt(holder[key], lot, _WORDS)
    else:
        holder[key] = copy.deepcopy(lot.choice(_ODD))


def _notes(lot: Random) -> bytes:
    lines = []
    for _ in range(lot.randrange(4)):
        time = f"2026-01-02T03:04:0{lot.randrange(3)}.000Z"
        op = lot.choice(_OPS)
        event = Event(time, f"{lot.randrange(3):x}", "7fk2m9q4ab", op, _said(op, lot), "Ada")
        line = event_line(event)
        lines.append(spoilt(line, lot, _WORDS) if lot.random() < 0.3 else line)
    return lot.choice(("\n", "\n", "\n\n", "\r\n")).join(lines).encode(errors="replace")


def _said(op: str, lot: Random) -> Any:
    """Return what an event says, as it should be or nearly so, or anything."""
    known = {"evaluate": _EVALUATED, "verify": _VERIFIED}.get(op)
    if known is None or lot.random() < 0.3:
        return lot.choice((word(lot), word(lot), lot.choice(_ODD), _EVALUATED))
    value = {key: copy.deepcopy(known[key]) for key in known if lot.random() < 0.9}
    if value and lot.random() < 0.4:
        _spoil(value, lot)
    return value


_EVALUATED: dict[str, Any] = {
    "metrics": {"loss": 0.5, "val": {"acc": 1}, "name": "x"},
    "held_out": {"data/test.csv": "ab" * 16},
    "command": ["python", "evaluate.py"],
    "code": {"evaluate.py": "cd" * 20},
    "started": "2026-01-02T03:04:05.000Z",
    "ended": "2026-01-02T03:04:06.000Z",
}
_VERIFIED: dict[str, Any] = {
    "result": "differs",
    "metrics": {"loss": "equal", "f1": "missing"},
    "outputs": {"m.pt": "equal in content", "p.png": "unknown"},
    "reasons": ["another machine"],
    "on": {"host": "box", "platform": "Linux", "python": "3.11"},
    "by": "7fk2m9q4ac",
    "reruns": 3,
}
