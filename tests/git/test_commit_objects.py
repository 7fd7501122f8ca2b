from __future__ import annotations

from msgspec.structs import replace

from gitexp.git.commit_objects import CommitObject
from gitexp.git.repository import Repository

SIGNED = b"""\
tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 324234e86284aa78d581950651210c8d127554b6
author Ada <a@x> 1767323045 +0100
committer Bob <b@x> 1767323046 +0200
gpgsig -----BEGIN PGP SIGNATURE-----
 iQEz
 -----END PGP SIGNATURE-----
encoding ISO-8859-1

one: two

Gitexp-Run: x
"""


def test_a_commit_is_written_again_as_it_was(repository: Repository) -> None:
    head = repository.objects.read("HEAD")
    assert head is not None

    commit = CommitObject.parse(head.content)

    assert commit.content == head.content
    assert commit.oid(repository.object_format) == head.oid


def test_a_signature_is_left_out_and_nothing_else() -> None:
    commit = CommitObject.parse(SIGNED)

    before, _, after = SIGNED.partition(b"gpgsig")
    assert commit.content == before + after[after.index(b"encoding") :]
    assert commit.committed == 1767323046


def test_other_parents_and_another_tree_change_just_those() -> None:
    commit = CommitObject.parse(SIGNED)

    changed = replace(commit, tree="1" * 40, parents=("2" * 40, "3" * 40))

    assert changed.content.startswith(
        b"tree %s\nparent %s\nparent %s\nauthor Ada" % (b"1" * 40, b"2" * 40, b"3" * 40)
    )
