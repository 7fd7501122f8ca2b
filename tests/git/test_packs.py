from __future__ import annotations

import pytest

from gitexp.git.packs import write_objects
from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid

from tests.workshop import Git


@pytest.mark.parametrize("size", [0, 1, 15, 16, 127, 128, 2047, 2048, 2049, 300_000])
def test_objects_of_any_size_are_read_back_as_they_were(repository: Repository, size: int) -> None:
    content = b"x" * size

    write_objects(repository, [("blob", content)])

    oid = object_oid("blob", content, repository.object_format)
    assert repository.objects.blob(oid) == content


def test_a_history_written_at_once_is_sound(repository: Repository, git: Git) -> None:
    blob = object_oid("blob", b"hello\n")
    tree_content = b"100644 hello\0" + bytes.fromhex(blob)
    tree = object_oid("tree", tree_content)
    lines = f"tree {tree}\nauthor A <a@x> 0 +0000\ncommitter A <a@x> 0 +0000\n\nhello\n"
    objects = [("blob", b"hello\n"), ("tree", tree_content), ("commit", lines.encode())]

    write_objects(repository, [*objects, *objects])

    commit = object_oid("commit", lines.encode())
    assert git("show", f"{commit}:hello") == "hello\n"
    assert git("fsck", "--strict", "--no-dangling") == ""


def test_nothing_is_no_pack(repository: Repository) -> None:
    write_objects(repository, [])

    assert not list(repository.common_dir.glob("objects/pack/*"))
