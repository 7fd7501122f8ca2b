"""Runs that are read by the hundred thousand, against those that are read one by one."""

from __future__ import annotations

import random

from gitexp.git.repository import Repository
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.store import many_runs
from gitexp.store.many_runs import commit_of, many_between
from gitexp.store.reading import run_commit, run_of, runs_between

from tests.sharing.test_plain_runs import OID, WORDS, record, spoilt
from tests.store.workshop import RecordRun, TreeOf
from tests.workshop import Git

_TREE = "9" * 40
_ENDS = (b"", b"\n", b" ", b"\x1c", b"\xc2\xa0", b"\xff", b"\r\n", b"\n\nGitexp-Run: x1\n")
_LINES = (b"Gitexp-Name: --x", b"Gitexp-Name: a", b"Gitexp-Run: b2", b"Gitexp-Other: 1", b"Gitexp-")


def test_what_a_commit_says_is_the_same() -> None:
    """Over 3,000 messages, sound and spoilt."""
    chance = random.Random(3)
    short = 0
    for _ in range(3000):
        message = message_text(record(chance), Policy(), {}).encode()
        if chance.random() < 0.6:
            message = spoilt(message, chance)
            lines = message.split(b"\n")
            at = chance.randrange(len(lines) + 1)
            lines[at:at] = [chance.choice((*_LINES, *WORDS))] * chance.randrange(2)
            message = b"\n".join(lines) + chance.choice(_ENDS)
        found = commit_of(OID, message, _TREE)
        assert found == run_commit(OID, message, _TREE)
        short += many_runs._plain(message) is not None
    assert 800 < short < 2500


def test_many_are_read_as_they_are_one_by_one(
    repository: Repository, record_run: RecordRun, tree_of: TreeOf, git: Git
) -> None:
    first = record_run(repository, "first")
    message = git("log", "-1", "--format=%B", first.oid)
    run, tip = run_of(repository, first.oid), first.oid
    assert run is not None
    for content in (b'{"version": 1, "id": "another"}', b"{", b'{"id": "%s"}' % run.id.encode()):
        tree = tree_of(repository, {".gitexp/run.json": content})
        tip = repository.line("commit-tree", tree, "-p", tip, "-m", message)
    bare = tree_of(repository, {"train.py": b""})
    tip = repository.line("commit-tree", bare, "-p", tip, "-m", message)
    repository.git("update-ref", "refs/heads/experiments", tip)
    record_run(repository, "second", project="app é/deep")
    record_run(repository, "third", message="Gitexp-Run: not this\n")
    tip = repository.line("rev-parse", "experiments")

    for seen in (None, first.oid):
        found = list(many_between(repository, seen, tip))
        assert found == list(runs_between(repository, seen, tip))
        assert [run.name for run in found][-2:] == ["second", "third"]


def test_of_a_record_that_git_gives_wrongly_nothing_is_believed(
    repository: Repository, record_run: RecordRun
) -> None:
    """Git does not look whether what it reads is what it was asked for."""
    first = record_run(repository, "first")
    oid = repository.line("rev-parse", f"{first.oid}:.gitexp/run.json")
    content = repository.objects.blob(oid)
    assert content is not None
    other = repository.line("hash-object", "-w", "--stdin", stdin=content.replace(b"done", b"nope"))
    objects = repository.common_dir / "objects"
    place = objects / oid[:2] / oid[2:]
    place.chmod(0o644)
    place.write_bytes((objects / other[:2] / other[2:]).read_bytes())
    repository.objects.close()

    [found] = many_between(repository, None, first.oid)

    assert (found.oid, found.content) == (first.oid, b"")
