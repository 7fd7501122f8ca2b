"""Notes as git lays them out: whatever the layout, read whole, and written so that git agrees."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gitexp.git.failing import GitCommandFailed
from gitexp.git.notes import NotesTree, changed_notes, notes_that_hold
from gitexp.git.refs import RefMoved
from gitexp.git.repository import Repository

from tests.signing import signing_key
from tests.workshop import Git

REF = "refs/notes/test"
ADA = "Ada <ada@example.com> 1767323045 +0000"


def oid(number: int) -> str:
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()


def write(repository: Repository, notes: dict[str, bytes]) -> str:
    tree = NotesTree(repository, REF, repository.objects.commit(REF))
    tree.write(notes, message="add notes", identity=ADA)
    tip = repository.objects.commit(REF)
    assert tip is not None
    return tip


def read(repository: Repository, annotated: str) -> bytes:
    return NotesTree(repository, REF, repository.objects.commit(REF)).read(annotated)


def shown(git: Git, annotated: str) -> str:
    return git("notes", "--ref=test", "show", annotated)


def depths(git: Git) -> set[int]:
    return {path.count("/") for path in git("ls-tree", "-r", "--name-only", REF).split()}


def test_what_is_written_is_what_git_shows(repository: Repository, git: Git) -> None:
    write(repository, {oid(1): b"one\n", oid(2): b"two\n"})
    write(repository, {oid(2): b"two\nmore\n"})

    assert shown(git, oid(1)) == "one\n"
    assert shown(git, oid(2)) == "two\nmore\n"
    assert git("log", "--format=%an <%ae> %s", REF) == "Ada <ada@example.com> add notes\n" * 2
    assert git("fsck", "--strict") == ""


def test_a_note_that_is_being_signed_is_under_no_ref_that_a_kill_would_leave(
    repository: Repository, tmp_path: Path, git: Git
) -> None:
    signing_key(tmp_path, repository.top)
    signer = tmp_path / "signer"
    signer.write_text(f'#!/bin/sh\ngit for-each-ref >{tmp_path}/refs\nexec ssh-keygen "$@"\n')
    signer.chmod(0o755)
    git("config", "gpg.ssh.program", signer)
    repository.forget_config()
    write(repository, {oid(1): b"one\n"})
    tree = NotesTree(repository, REF, repository.objects.commit(REF))

    why = tree.write_signed({oid(2): b"two\n"}, message="signed", identity=ADA)

    assert why is None
    refs = [line.split("\t")[1] for line in (tmp_path / "refs").read_text().splitlines()]
    assert refs == ["refs/heads/main", REF]
    assert git("log", "--format=%G? %s", REF) == "G signed\nN add notes\n"
    assert [shown(git, oid(number)) for number in (1, 2)] == ["one\n", "two\n"]
    assert git("fsck", "--strict", "--no-dangling") == ""


def test_a_folder_that_is_full_is_spread_and_git_still_finds_every_note(
    repository: Repository, git: Git
) -> None:
    write(repository, {oid(number): b"%d\n" % number for number in range(300)})
    assert depths(git) == {0}

    write(repository, {oid(0): b"changed\n", oid(300): b"new\n"})

    assert depths(git) == {1}
    assert len(git("notes", "--ref=test", "list").splitlines()) == 301
    assert read(repository, oid(0)).decode() == shown(git, oid(0)) == "changed\n"
    assert read(repository, oid(7)).decode() == shown(git, oid(7)) == "7\n"
    assert shown(git, oid(300)) == "new\n"
    assert git("fsck", "--strict") == ""


def test_notes_that_git_spread_unevenly_are_read_and_replaced_where_they_lie(
    repository: Repository, git: Git
) -> None:
    write(repository, {oid(number): b"%d\n" % number for number in range(300)})
    git("notes", "--ref=test", "add", "-f", "-m", "by hand", "HEAD")  # git lays out all anew
    head = git("rev-parse", "HEAD").strip()

    write(repository, {oid(5): b"five\n", head: read(repository, head) + b"and by gitexp\n"})

    assert len(git("notes", "--ref=test", "list").splitlines()) == 301
    assert shown(git, oid(5)) == "five\n"
    assert shown(git, head) == "by hand\nand by gitexp\n"
    assert git("fsck", "--strict") == ""


def test_two_notes_on_one_object_are_one(repository: Repository, git: Git) -> None:
    blobs = [
        repository.line("hash-object", "-w", "--stdin", stdin=text) for text in (b"a\n", b"b\n")
    ]
    note, ref = oid(1), b"commit refs/notes/test\ncommitter %s\ndata 0\n" % ADA.encode()
    paths = f"M 100644 {blobs[0]} {note}\nM 100644 {blobs[1]} {note[:2]}/{note[2:]}\n"
    repository.git("fast-import", "--quiet", "--date-format=raw", stdin=ref + paths.encode())

    assert read(repository, note) == b"a\nb\n"

    write(repository, {note: b"a\nb\nc\n"})

    assert shown(git, note) == "a\nb\nc\n"
    assert len(git("ls-tree", "-r", REF).splitlines()) == 1


def test_changed_notes_are_those_whose_content_changed_not_those_that_moved(
    repository: Repository,
) -> None:
    first = write(repository, {oid(number): b"%d\n" % number for number in range(300)})
    second = write(repository, {oid(3): b"three\n"})

    changed = changed_notes(repository, first, second)

    assert list(changed) == [oid(3)]
    before, after = changed[oid(3)]
    assert [repository.objects.blob(one) for one in (*before, *after)] == [b"3\n", b"three\n"]
    assert len(changed_notes(repository, None, second)) == 300
    assert changed_notes(repository, second, None)[oid(3)] == (after, ())
    assert changed_notes(repository, None, None) == {}


def test_what_is_no_note_is_left_where_it_is(repository: Repository, git: Git) -> None:
    blob = repository.line("hash-object", "-w", "--stdin", stdin=b"hello\n")
    tree = repository.line("mktree", stdin=f"100644 blob {blob}\tREADME\n".encode())
    git("update-ref", REF, git("commit-tree", tree, "-m", "by hand").strip())

    tip = write(repository, {oid(1): b"one\n"})

    assert list(changed_notes(repository, None, tip)) == [oid(1)]
    assert git("show", f"{REF}:README") == "hello\n"


def test_notes_are_found_by_what_they_hold(repository: Repository) -> None:
    tip = write(repository, {oid(1): b"a.c\n", oid(2): b"abc\n", oid(3): b"x\0\xff a.c"})

    assert notes_that_hold(repository, tip, ["a.c", "nowhere"]) == {oid(1), oid(3)}
    assert notes_that_hold(repository, tip, ["nowhere"]) == set()


def test_a_ref_that_somebody_else_moved_is_not_moved(repository: Repository, git: Git) -> None:
    stale = NotesTree(repository, REF, repository.objects.commit(REF))
    write(repository, {oid(1): b"theirs\n"})
    mine = NotesTree(repository, REF, repository.objects.commit(REF))
    git("update-ref", "-d", REF)
    write(repository, {oid(2): b"anew\n"})

    for tree in (stale, mine):
        with pytest.raises(RefMoved):
            tree.write({oid(1): b"mine\n"}, message="late", identity=ADA)

    assert shown(git, oid(2)) == "anew\n"


def test_what_git_refuses_is_said_in_its_words(repository: Repository) -> None:
    tree = NotesTree(repository, REF, None)

    with pytest.raises(GitCommandFailed, match="fast-import"):
        tree.write({oid(1): b"one\n"}, message="bad", identity="nobody at all")
