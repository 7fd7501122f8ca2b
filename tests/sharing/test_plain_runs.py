"""What is taken for a run without data before anything is imported, against what reads runs."""

from __future__ import annotations

import contextlib
import random

import pytest

from gitexp.model.message import PROJECT_TRAILER, RUN_TRAILER, message_text
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Exit, Inputs, RunRecord
from gitexp.model.record_json import UnreadableRecord, from_json, to_json
from gitexp.sharing import push
from gitexp.sharing.plain_runs import (
    _LOOKS_AFTER,
    _PROJECT,
    SHA1_ROOT,
    NotPlain,
    ends_as_ours,
    parent_of_run,
)
from gitexp.store.branch import JOIN_MESSAGE, root_oid
from gitexp.store.reading import _is_of, run_commit

OID = "5" * 39 + "1"
PARENT = "6" * 40
WORDS = (
    b"Gitexp-Run: x1",
    b"Gitexp-Run:x1",
    b"Gitexp-Project: sub",
    b"Gitexp-Project:",
    b"Gitexp-Status: done",
    b"encoding latin-1",
    b"\n",
    b"\0",
    b" ",
    b'"id": "x1",',
    b'  "pointers": [],',
    b'"pointers"',
    b'  "version": 1,',
)


def record(chance: random.Random) -> RunRecord:
    pointer = DataPointer("data.csv", "0" * 32, 3)
    return RunRecord(
        id=chance.choice(("a1", "b2")),
        name=chance.choice(("one", 'Gitexp-Run: "id"')),
        status="done",
        exit=Exit(0),
        command=("true",),
        baseline="7" * 40,
        inputs=Inputs("8" * 40),
        started="2026-01-01T00:00:00Z",
        ended="2026-01-01T00:00:01Z",
        gitexp="1",
        message=chance.choice(("", "a word", "Gitexp-Run: b2", 'said "pointers": []')),
        project=chance.choice(("", "", "", "sub")),
        params={"p": {"pointers": 1}} if chance.random() < 0.1 else {},
        pointers=(pointer,) if chance.random() < 0.2 else (),
    )


def spoilt(lines: bytes, chance: random.Random) -> bytes:
    """Put words into a text, or take lines out of it."""
    parts = lines.split(b"\n")
    for _ in range(chance.choice((0, 0, 1, 2))):
        at = chance.randrange(len(parts))
        parts[at : at + chance.randrange(2)] = [chance.choice(WORDS)] * chance.randrange(2)
    return b"\n".join(parts)


def test_what_is_plain_is_a_run_without_data() -> None:
    """Over 1,000 commits and records, sound and spoilt: what is taken is read as just that."""
    chance = random.Random(15)
    taken = 0
    for _ in range(1000):
        made, other = record(chance), record(chance)
        message = spoilt(message_text(made, Policy(), {}).encode(), chance)
        content = spoilt(to_json(chance.choice((made, made, made, other))), chance)
        parents = b"parent %s\n" % PARENT.encode() * chance.choice((0, 1, 1, 1, 1, 2))
        head = b"tree %s\n%sauthor A <a> 1 +0000\n" % (b"9" * 40, parents)
        try:
            parent = parent_of_run((OID, head + b"\n" + message), (OID, content))
        except NotPlain:
            continue
        taken += 1
        read = run_commit(OID, message)
        assert read is not None
        assert (read.project, parent) == ("", PARENT)
        assert _is_of(content, read.id)
        with contextlib.suppress(UnreadableRecord):  # of which nobody sends data
            assert not from_json(content).pointers
    assert taken > 150


@pytest.mark.parametrize("oid", ["5" * 38 + "00"])
def test_a_push_that_may_have_to_make_a_table_is_not_plain(oid: str) -> None:
    made = record(random.Random(2))
    assert not made.pointers
    message = message_text(made, Policy(), {}).encode()
    head = b"tree %s\nparent %s\n\n" % (b"9" * 40, PARENT.encode())
    found = (OID, head + message), (OID, to_json(made))

    assert parent_of_run(*found) == PARENT
    with pytest.raises(NotPlain):
        parent_of_run((oid, found[0][1]), found[1])


def test_what_is_written_down_again_here_is_what_it_is_there() -> None:
    assert root_oid("sha1") == SHA1_ROOT
    assert ends_as_ours(OID, f"tree\n\n{JOIN_MESSAGE}".encode())
    assert ends_as_ours(OID, f"tree\n\na\n\n{RUN_TRAILER}: x\n".encode())
    assert not ends_as_ours(OID, b"tree\n\nby hand\n")
    assert f"\n{PROJECT_TRAILER}:".encode() == _PROJECT
    assert push._LOOKS_AFTER == _LOOKS_AFTER
