from __future__ import annotations

from pathlib import Path

from gitexp.git.fast_import import NewCommit, write_chain
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries

from tests.workshop import Git

AUTHOR = "Bo Bär <bo@example.com> 1700000000 +0200".encode()
COMMITTER = b"Ada <ada@example.com> 1700000001 +0000"


def test_a_chain_has_the_trees_messages_and_people_that_were_asked_for(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    parent = git("rev-parse", "HEAD", cwd=work_tree).strip()
    tree = git("rev-parse", "HEAD^{tree}", cwd=work_tree).strip()
    odd = 'a "b"\\/c\nd'

    oids = write_chain(
        repository,
        [
            NewCommit(tree, {odd: b"\0one\n"}, "first\n\nmore\n", AUTHOR, COMMITTER),
            NewCommit(tree, {"two": b""}, "second", AUTHOR, COMMITTER),
        ],
        parent=parent,
        ref="refs/scratch",
    )

    before = tree_entries(repository, tree)
    first, second = (tree_entries(repository, oid) for oid in oids)
    assert {path for path in first if path not in before} == {odd}
    assert {path for path in second if path not in before} == {"two"}
    assert before.items() <= first.items()
    assert repository.objects.blob(first[odd].oid) == b"\0one\n"
    commit = repository.objects.read(oids[0])
    assert commit is not None
    assert commit.content == b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nfirst\n\nmore\n" % (
        git("rev-parse", f"{oids[0]}^{{tree}}", cwd=work_tree).strip().encode(),
        parent.encode(),
        AUTHOR,
        COMMITTER,
    )
    parents = git("rev-list", "--first-parent", "refs/scratch", cwd=work_tree).split()
    assert parents[:3] == [oids[1], oids[0], parent]
